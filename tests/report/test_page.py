"""The page: what it says, that it stands alone, and that no run folder breaks it."""

import re
import subprocess
import sys
from contextlib import suppress
from copy import deepcopy
from html.parser import HTMLParser
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from qfl.errors import RunFolderError
from qfl.report import write_report
from qfl.report.page import render
from qfl.report.record import read_record
from qfl.results import RunFolder

VOID = {"meta", "img", "br"}
HOSTILE = "\"'><img src=x onerror=alert(1)><script>alert(2)</script></style>{{ 7 * 7 }}"


class Page(HTMLParser):
    """Elements and text of a page, and whether its elements are closed in order."""

    def __init__(self, html: str):
        super().__init__()
        self.open: list[str] = []
        self.elements: list[tuple[str, dict]] = []
        self.texts: list[str] = []
        self.feed(html)
        self.close()

    def handle_starttag(self, tag, attrs):
        self.elements.append((tag, dict(attrs)))
        if tag not in VOID:
            self.open.append(tag)

    def handle_endtag(self, tag):
        assert self.open.pop() == tag

    def handle_data(self, data):
        self.texts.append(data)

    @property
    def text(self) -> str:
        return re.sub(r"\s+", " ", " ".join(self.texts))


def page_of(run: RunFolder) -> Page:
    return Page(write_report(run).read_text(encoding="utf-8"))


def test_the_headline_says_what_the_run_came_to(make_run):
    run = make_run(rounds=5, clients=20)
    text = page_of(run).text
    accuracy = run.header["final"]["accuracy"]
    assert f"20 quantum clients reached {100 * accuracy:.1f} % accuracy on 360 held-out samples in 5 rounds." in text
    assert "every message signed ML-DSA-65" in text and "completed" in text


def test_the_page_shows_that_the_signature_is_larger_than_the_model(make_run):
    text = page_of(make_run()).text
    assert "The signature is 2.3 times as large as the model it protects." in text
    assert "signature 3.31 kB, 60 % of what it sends" in text


def test_every_element_is_closed_and_nothing_is_loaded_or_run(make_run):
    page = page_of(make_run(rounds=6, clients=20))
    assert page.open == []
    assert not {"script", "link", "iframe", "object", "base", "form"} & {name for name, _ in page.elements}
    attributes = [(key, value or "") for _, found in page.elements for key, value in found.items()]
    assert not [key for key, _ in attributes if key.startswith("on") or key in ("href", "src", "xlink:href")]
    assert "url(" not in page.text and "@import" not in page.text and "://" not in page.text
    policy = next(found["content"] for name, found in page.elements if found.get("http-equiv"))
    assert policy == "default-src 'none'; style-src 'unsafe-inline'; img-src data:"


def test_texts_of_clients_and_of_the_folder_inject_no_html(make_run):
    run = make_run(rounds=2, name=HOSTILE, versions={HOSTILE: HOSTILE}, host={HOSTILE: HOSTILE}, error=HOSTILE)
    hostile_row = {"client": HOSTILE, "status": HOSTILE, "reason": HOSTILE, "detail": HOSTILE}
    run.append("clients", [{"round": 2, **hostile_row}])
    run.append("rounds", [{"round": 3, "failure": HOSTILE, "diagnostics": {HOSTILE: 1.0}, "angles_sha256": HOSTILE}])
    run.update(
        status="failed",
        created=HOSTILE,
        source=HOSTILE,
        settings=run.header["settings"] | {HOSTILE: HOSTILE, "security.algorithm": HOSTILE},
        model={"name": HOSTILE, "qubits": 2, "angles": 3, "parameters": 3, "others": 0, "drawing": HOSTILE},
        baselines=[{"name": HOSTILE, "parameters": 1, "uplink_bytes": 2}],
        data={"indices_sha256": HOSTILE},
    )
    page = page_of(run)
    assert page.open == []
    assert not {"img", "script"} & {name for name, _ in page.elements}
    assert not [key for _, found in page.elements for key in found if key.startswith("on")]
    assert page.text.count("{{ 7 * 7 }}") >= 15


def test_a_drawing_in_svg_is_an_image_in_which_no_script_runs(make_run):
    run = make_run()
    run.update(model=run.header["model"] | {"drawing": "<svg xmlns='a'><script>alert(1)</script></svg>"})
    elements = page_of(run).elements
    assert [found["src"][:26] for name, found in elements if name == "img"] == ["data:image/svg+xml;base64,"]
    assert "script" not in {name for name, _ in elements}


def test_a_drawing_in_letters_keeps_its_lines(make_run):
    run = make_run()
    assert run.header["model"]["drawing"] in page_of(run).texts


def test_refusals_are_counted_by_reason_with_their_clients(make_run):
    run = make_run(rounds=5, clients=20)
    text = page_of(run).text
    for reason in ("deadline", "bad-signature", "norm-cap", "client-error"):
        rows = [row for row in run.clients() if row["reason"] == reason]
        clients = sorted({row["client"] for row in rows})
        expected = f"{reason} {rows[0]['status']} {len(rows)} {', '.join(map(str, clients))} 1 to 5 {rows[0]['detail']}"
        assert expected in text


def test_a_client_that_invents_reasons_does_not_make_the_page_long(make_run):
    run = make_run(rounds=1)
    run.append("clients", [{"round": 1, "client": n, "status": "failed", "reason": f"r{n}-" * 999} for n in range(500)])
    assert len(page_of(run).text) < 60_000


def test_changed_settings_come_first_and_defaults_after(make_run):
    text = page_of(make_run()).text
    changed, unchanged = text.index("Changed from their defaults"), text.index("settings at their defaults")
    assert changed < text.index("strategy.learning-rate 1.5 0.0 server step size") < unchanged
    assert text.index("train.local-steps 5 gradient steps per round") > unchanged


def test_the_page_names_versions_machine_and_digests(make_run):
    run = make_run(rounds=2)
    text = page_of(run).text
    for expected in (
        "flwr 1.41.0",
        "Linux x86_64, 2 cores",
        run.header["source"],
        run.header["final"]["angles_sha256"],
    ):
        assert expected in text


def test_the_model_stands_beside_the_classical_ones(make_run):
    text = page_of(make_run()).text
    assert "variational quantum circuit, this run 360 1.44 kB 1 logistic regression 650 2.6 kB 1.81" in text


def test_the_same_folder_gives_the_same_page(make_run):
    run = make_run(rounds=2)
    assert write_report(run).read_bytes() == write_report(run).read_bytes()


def test_a_run_in_progress_shows_how_far_it_is(make_run):
    run = make_run(rounds=5, status="running", final=None, uplink=None)
    run.truncate(3)
    text = page_of(run).text
    assert "in progress" in text and "rounds 3 of 5" in text
    assert "In a round a client sends 5.48 kB" in text  # from the clients' rows while the summary is not there yet


def test_a_failed_run_says_why(make_run):
    run = make_run(rounds=2, status="failed", error="RoundFailed: 3 of 10 replies", final=None)
    run.append("rounds", [{"round": 3, "asked": 10, "accepted": 0, "missing": 10, "failure": "no valid reply"}])
    text = page_of(run).text
    assert "RoundFailed: 3 of 10 replies" in text
    assert "Rounds that failed and left the angles as they were round why 3 no valid reply" in text


@pytest.mark.parametrize("header", [{}, {"status": "running"}, {"settings": None, "model": 3, "baselines": {}}])
def test_a_run_without_a_round_has_a_page(tmp_path, header):
    page = page_of(RunFolder.create("empty", header, root=tmp_path))
    assert "No round has been evaluated yet." in page.text and page.open == []


def test_a_run_of_round_zero_alone_has_a_page(make_run):
    run = make_run(rounds=2, status="running", final=None, uplink=None)
    run.truncate(0)
    assert "no round has been evaluated yet" in page_of(run).text


JUNK = [None, True, -1, 0, 0.5, 2**53, 10**400, float("nan"), float("-inf"), 1e99, -1e-300, "", "x" * 50, [], {}]
JUNK += [[None], ["a", 0.5, {}], {"": None}, {"model": "a"}, {"model": -3, "train": 1e99}, [[1]], {"a": {"b": []}}]


def places(node, path=()) -> list[tuple]:
    """Return the paths of all values in a nest of tables and lists, the inner ones too."""
    inner = node.items() if isinstance(node, dict) else enumerate(node) if isinstance(node, list) else ()
    return [found for key, value in inner for found in [(*path, key), *places(value, (*path, key))]]


def put(node, path: tuple, value: object) -> None:
    """Set a value deep in a table, unless what led there is gone already."""
    with suppress(LookupError, TypeError):
        for key in path[:-1]:
            node = node[key]
        node[path[-1]] = deepcopy(value)


@settings(max_examples=50)
@given(changes=st.lists(st.tuples(st.integers(0, 10**4), st.sampled_from(JUNK)), min_size=1, max_size=12))
def test_no_value_or_column_of_a_run_folder_breaks_the_page(small_run, changes):
    record = read_record(small_run)
    tables = ([record.header], record.rounds, record.clients)
    found = [(rows, path) for rows in tables for path in places(rows[-1]) if path != ("round",)]
    for number, junk in changes:
        rows, path = found[number % len(found)]
        for row in rows:
            put(row, path, junk)
    assert Page(render(record, "folder")).open == []


def test_a_folder_that_takes_no_report_is_a_sentence(make_run):
    run = make_run(rounds=1)
    (run.path / "report.html").mkdir()
    with pytest.raises(RunFolderError, match=r"cannot write .*report\.html \(.+\); make the folder writable"):
        write_report(run)


def test_a_report_is_drawn_without_torch_flower_and_matplotlib(make_run):
    run = make_run(rounds=2)
    program = (
        "import sys; from qfl.report import write_report; from qfl.results import RunFolder; "
        "write_report(RunFolder(sys.argv[1])); "
        "print(sorted({'torch', 'flwr', 'pennylane', 'matplotlib'} & set(sys.modules)))"
    )
    command = [sys.executable, "-c", program, str(run.path)]
    root = Path(__file__).resolve().parents[2]
    done = subprocess.run(command, capture_output=True, text=True, check=True, cwd=root)
    assert done.stdout.strip() == "[]"
