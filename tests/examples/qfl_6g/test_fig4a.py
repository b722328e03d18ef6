"""Fig. 4a: QAOA in turns beside every SCA, and a page that says what the numbers say, on rows that are drawn.

Also covers examples/qfl_6g/fig4a_page.py.
"""

import re
from pathlib import Path

import pytest

import qfl
from qfl.seeds import stream
from qfl.studies.examples import member
from qfl.studies.request import begin
from qfl.studies.schedulers.claims import PLAUSIBLE_SCA
from qfl.studies.schedulers.run import jobs

ROOT = Path(qfl.__file__).parent.parent
FOLDER = ROOT / "examples" / "qfl_6g"
SMALL = ["num-devices=12", "num-channels=3", "processes=1"]


def ask(tmp_path, *changes, quick=True, seed=3):
    return begin(
        "fig4a", ROOT, FOLDER / "fig4a.toml", quick=quick, seed=seed, changes=[*SMALL, *changes], root=tmp_path
    )


def row_of(method, seed):
    """Return a row as `measure` writes it, its value drawn."""
    value = float(stream(seed, "row", method).uniform(20e6, 60e6))
    trace = [[0, 0, 0.0, value / 2], [40, 400, 0.1, 0.999 * value], [150, 1500, 0.4, value]]
    return {
        "case": "main", "seed": seed, "method": method, "bound": 62e6, "tight": False, "value": value, "start": "given",
        "iterations": 150, "evaluations": 1500, "seconds": 0.4, "status": "finished", "settled": [40, 400, 0.1],
        "jain": 0.1, "participants": 3, "round_time_s": 2.0, "energy_j": 1.0, "rates": [1e5, 2e6], "trace": trace,
    }  # fmt: skip


@pytest.fixture(scope="module")
def found(tmp_path_factory):
    request, study = ask(tmp_path_factory.mktemp("fig4a")), member(FOLDER, "fig4a")
    settings = study.settings(request)
    rows = [row_of(job.entry.name, job.seed) for job in jobs(settings) if job.case == "main"]
    request.folder.append("methods", rows)
    request.folder.update(round_time={"tdma_lpt_s": [0.1, 0.2], "bound_s": [0.1, 0.1]})
    return request, study.show(request, settings, rows)


def test_the_gain_in_turns_is_that_of_the_means_and_of_the_claims(found):
    numbers = found[1].numbers
    turns, methods = numbers["alternating"], numbers["methods"]
    ours, polished = (methods[name]["value_mbps"]["mean"] for name in ("qaoa_alternating", "sca_1opt"))
    assert turns["qaoa_over_sca_polished"] == pytest.approx(100 * (ours / polished - 1))
    assert turns["percent_of_bound"] == methods["qaoa_alternating"]["percent_of_bound"] <= 100
    claimed = {c["classical"]: c["gain_percent"] for c in numbers["claims"] if c["quantum"] == "qaoa_alternating"}
    assert claimed == pytest.approx({name: turns["over"][name] for name in PLAUSIBLE_SCA})


def test_quick_takes_two_instances_from_the_seed_on(found):
    request, result = found
    rows = request.folder.rows("methods")
    assert result.numbers["seeds"] == 2 and {row["seed"] for row in rows} == {3, 4}


def test_the_page_has_a_row_for_every_reading_and_its_picture(found):
    request, result = found
    readings = [line for line in result.text.splitlines() if line.startswith("| 150 ") or line.startswith("| 3,000 ")]
    assert len(readings) == 3 * len(PLAUSIBLE_SCA)
    turns = result.numbers["alternating"]
    assert f"{turns['qaoa_over_sca_polished']:+.1f} % over polished SCA" in result.text
    for picture in re.findall(r"\]\((\w+\.png)\)", result.text):
        assert (request.folder.path / picture).stat().st_size > 10_000
