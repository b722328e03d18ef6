"""Fig. 2 of the first QGNN paper in seconds: its own words and models, the set-ups of SQM-GNN.

Also covers examples/qgnn_d2d/study.py.
"""

import csv
from pathlib import Path

import pytest

import qfl
from qfl.config.runfile import flatten_toml, read_toml
from qfl.studies.examples import examples_of, load, module_of
from qfl.studies.request import begin

ROOT = Path(qfl.__file__).parent.parent
FOLDER = ROOT / "examples" / "qgnn_d2d"
fig2, references = module_of(FOLDER, "fig2"), module_of(ROOT / "examples" / "sqm_gnn", "references")

TINY = """
setups = ["reproduces_2_6"]
models = ["qgnn", "gcn"]
pairs = 4
seeds = 2
test-realisations = 8
fewest-pairs = 0
processes = 2
[reproduces_2_6]
realisations = 16
epochs = 2
batch-size = 8
[qgnn]
learning-rate = 0.01
[gcn]
learning-rate = 0.01
"""


def test_curves_are_trained_in_other_processes_and_not_again(tmp_path, monkeypatch):
    monkeypatch.setattr("qfl.report.canvas.DPI", 40)
    (tmp_path / "tiny.toml").write_text(TINY)
    asked = begin("fig2", ROOT, tmp_path / "tiny.toml", quick=False, seed=3, root=tmp_path / "runs")
    result = fig2.STUDY.conduct(asked)
    own = result.numbers["reproduces_2_6"]
    for model in ("qgnn", "gcn"):
        assert 0 < own[model]["percent_of_wmmse"] < 120 and own[model]["sd"] > 0
    assert own["wmmse_100"] <= own["wmmse_best_of_21"] and own["exact_on_off"] > 0
    assert result.numbers["paper"] == fig2.SAYS and f"Paper: {fig2.SAYS}." in result.text
    assert "| QGNN | " in result.text and "![curves](fig2-reproduces_2_6.png)" in result.text
    with open(asked.folder.path / "curves.csv", newline="") as file:
        rows = list(csv.DictReader(file))
    assert len(rows) == 2 * 2 * 2 and {row["seed_number"] for row in rows} == {"0", "1"}
    assert (asked.folder.path / "fig2-reproduces_2_6.png").stat().st_size > 1000
    monkeypatch.setattr(references, "measure_references", lambda *_: pytest.fail("measured again"))
    assert fig2.STUDY.conduct(asked).numbers == result.numbers


def test_its_run_file_is_the_papers_and_its_modules_are_another_papers():
    placed = examples_of(ROOT)["fig2"]
    assert placed.folder == FOLDER and load(FOLDER).STUDIES["fig2"].also == ("sqm_gnn",)
    flat = flatten_toml(read_toml(placed.file))
    assert flat["pairs"] == 10 and flat["reproduces_2_6.realisations"] == 300 and flat["reproduces_2_6.epochs"] == 100
