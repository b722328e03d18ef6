"""Table III in seconds: every column is there, a resumed run measures nothing again, PennyLane agrees."""

import csv
import json
from pathlib import Path

import pytest

import qfl
from qfl.studies.examples import module_of
from qfl.studies.request import begin, finish

ROOT = Path(qfl.__file__).parent.parent
table3 = module_of(ROOT / "examples" / "sqm_gnn", "table3")

TINY = """
setup = "printed"
pairs = 4
neighbours = [1, 3]
random-neighbours = [1]
update = "cartan"
layers = 1
heads = 1
seeds = 2
realisations = 8
epochs = 1
batch-size = 8
learning-rate = 0.01
test-realisations = 8
shots = [10, 100000]
depolarising = [0.0, 0.2]
readout = 0.0
pennylane-neighbours = 1
processes = 1
[quick]
seeds = 1
"""


@pytest.fixture
def request_of(tmp_path):
    (tmp_path / "tiny.toml").write_text(TINY)

    def make(quick=False, resume=""):
        return begin(
            "table3", tmp_path, tmp_path / "tiny.toml", quick=quick, seed=3, resume=resume, root=tmp_path / "runs"
        )

    return make


def test_every_column_is_measured(request_of):
    asked = request_of()
    found = table3.STUDY.conduct(asked)
    finish(asked, found)
    page = found.page
    for k, gates in ((1, 2 * 3), (3, 6 * 3)):
        cell = found.numbers[f"k{k}"]
        assert cell["qubits"] == 2 * k + 1 and cell["two_qubit_gates"] == gates
        percent = cell["percent_of_wmmse"]
        assert percent["noise 0"] == pytest.approx(percent["exact"], abs=1e-3)
        assert percent["100000 shots"] == pytest.approx(percent["exact"], abs=1)
        assert (
            abs(percent["noise 0.2"] - percent["exact"]) > 1e-3 and abs(percent["10 shots"] - percent["exact"]) > 1e-3
        )
        assert cell["sd"]["exact"] >= 0
    assert found.numbers["k1_random"]["percent_of_wmmse"] != found.numbers["k1"]["percent_of_wmmse"]
    own = found.numbers["pennylane"]
    assert own["exact_difference"] < 1e-9 and own["noise_difference"] < 1e-6
    assert own["shots_spread_pennylane"] > 0 and own["shots_spread_ours"] > 0
    with open(page.parent / "table3.csv") as file:
        assert len(list(csv.reader(file))) == 1 + 3 * 5
    assert (page.parent / "table3.png").stat().st_size > 1000
    assert json.loads((page.parent / "results.json").read_text())["k3"] == found.numbers["k3"]
    again = request_of(resume=str(asked.folder.path))
    assert table3.STUDY.conduct(again).numbers == found.numbers and len(again.folder.rows("tradeoff")) == 6


def test_the_quick_form_is_less(request_of):
    asked = request_of(quick=True)
    assert table3.STUDY.conduct(asked).numbers["seeds"] == 1 and len(asked.folder.rows("tradeoff")) == 3


def test_gradients_do_not_vanish_with_k():
    """No barren plateau in stars: the last neighbours act as in a small one, and all neighbours share their angles."""
    generic = [table3.gradient_deviation(k, 3.0, 1, 400) for k in (1, 24)]
    near = [table3.gradient_deviation(k, 0.02, 1, 400) for k in (1, 24)]
    assert 0.5 < generic[1] / generic[0] < 2
    assert near[1] > 5 * near[0]
