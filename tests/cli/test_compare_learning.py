"""``qfl compare`` on a file of federations: fig4b's quick form, and what happens without MNIST."""

import json
from pathlib import Path

import pytest

from qfl.cli import main

ROOT = Path(__file__).resolve().parents[2]
FILE = str(ROOT / "examples" / "qfl_6g" / "fig4b.toml")
SMALL = [
    *("--seeds", "1", "--set", "rounds=1", "--set", "clients.count=12", "--set", "radio.num-channels=3"),
    *("--set", "radio.enough=4", "--set", "security.algorithm=ML-DSA-44", "--set", "radio.evaluations=100"),
]


@pytest.fixture(autouse=True)
def here(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)


def test_the_quick_form_runs_all_combinations_and_can_be_drawn_again(capsys, tmp_path, monkeypatch):
    monkeypatch.setattr("qfl.cli.compare_learning.find_checkout", lambda *paths: ROOT)
    assert main(["compare", FILE, "--quick", "--json", *SMALL]) == 0
    streams = capsys.readouterr()
    found = json.loads(streams.out)
    assert streams.out.count("\n") == 1 and streams.err == "" and found["data"] == "digits"
    assert list(found["combinations"]) == [f"{a} + {b}" for a in ("QFL", "FL") for b in ("QAOA", "SCA", "TDMA")]
    for own in found["combinations"].values():
        assert own["participants"] == 4 and own["asked"] == 12 and own["round_s_median"] > 0
    solvers = [own["solver"] for own in found["combinations"].values()]
    assert solvers == ["qaoa_bcd", "sca_best", "tdma_lpt"] * 2
    for name in ("report.html", "comparison.png", "combinations.csv", "curves.csv", "QFL-QAOA-1/report.html"):
        assert (Path(found["run"]) / name).stat().st_size > 500

    assert main(["compare", "--resume", found["run"]]) == 0
    streams = capsys.readouterr()
    assert "QFL + SCA" in streams.out and "simulated s" not in streams.err  # nothing was run again


def test_without_mnist_the_quick_form_is_run_and_said(capsys, tmp_path, monkeypatch):
    def no_network(*arguments):
        raise OSError("no network")

    monkeypatch.setattr("qfl.data.mnist.download", no_network)
    monkeypatch.setattr(
        "qfl.cli.compare_learning.measure", lambda folder, *rest: folder.header | {"report": "", "picture": ""}
    )
    assert main(["compare", FILE, "--json", "--set", f"data.root={tmp_path}"]) == 0
    streams = capsys.readouterr()
    assert streams.err.startswith("qfl: The quick form was run instead of the whole, because MNIST is not in ")
    assert json.loads(streams.out)["settings"]["base"]["data.name"] == "digits"


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        ([FILE, "--seeds", "0"], "qfl: seeds = 0: give a whole number from 1 to 1000"),
        ([FILE, "--quick", "--set", "radio.solver=oracle"], "qfl: radio.solver is what the comparison varies"),
        ([FILE, "--set", "data.name=imagenet"], "qfl: data.name = 'imagenet': expected one of"),
        ([str(ROOT / "examples" / "qfl_6g" / "fig4a.toml"), "--quick"], "qfl: "),
    ],
)
def test_a_mistake_is_a_sentence_and_code_2(words, sentence, capsys, tmp_path):
    assert main(["compare", *words]) == 2
    streams = capsys.readouterr()
    assert streams.err.startswith(sentence) and streams.err.count("\n") == 1 and streams.out == ""


LATER = """
rounds = 1
threads = 1
clients.count = 4
model.layers = 2
[compare.rule.A.strategy]
name = "fedavg"
[compare.rule.B.strategy]
name = "fedavgg"
[compare.rule.C.strategy]
name = "krum"
byzantine = 3
"""


def test_a_combination_that_cannot_be_begun_is_refused_before_another_is_trained(capsys, tmp_path, monkeypatch):
    monkeypatch.setattr("qfl.cli.compare_learning.find_checkout", lambda *paths: ROOT)
    monkeypatch.setattr("qfl.federation.runtime.launch.run_app", lambda *arguments: pytest.fail("trained"))
    (tmp_path / "later.toml").write_text(LATER)
    assert main(["compare", "later.toml", "--seeds", "1"]) == 2
    streams = capsys.readouterr()
    first, second = streams.err.splitlines()
    assert first.startswith("qfl: B: strategy.name = 'fedavgg': there is no such strategy") and streams.out == ""
    assert second.startswith("qfl: C: strategy.name = 'krum' with strategy.byzantine = 3 needs 9 or more clients")
    assert not list((tmp_path / "runs").iterdir())
