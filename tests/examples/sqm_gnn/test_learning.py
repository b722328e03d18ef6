"""Learning curves beside WMMSE: where they end, and when they pass it.

Also covers examples/sqm_gnn/curves.py, examples/sqm_gnn/fig3b.py and examples/sqm_gnn/setups.py.
"""

import csv
from pathlib import Path

import pytest

import qfl
from qfl.studies.examples import module_of
from qfl.wireless.d2d import SETUPS

ROOT = Path(qfl.__file__).parent.parent
curves, fig3b, learning, setups = (
    module_of(ROOT / "examples" / "sqm_gnn", name) for name in ("curves", "fig3b", "learning", "setups")
)


def test_learning_curves_say_where_they_end(request_of, quick_baselines):
    asked = request_of(name="fig3b", quick=False)
    found = fig3b.STUDY.conduct(asked)
    own = found.numbers["printed"]
    assert own["sqm_gnn"]["sd"] > 0 and 0 < own["sqm_gnn"]["percent_of_wmmse"] < 120
    assert own["wmmse_best_of_21"] >= own["wmmse_100"]
    assert (asked.folder.path / "fig3b-printed.png").stat().st_size > 1000
    rows = (asked.folder.path / "curves.csv").read_text().splitlines()
    assert len(rows) == 1 + 2 * 2 * (3 + 2)


def rows(*test):
    return [{"round": epoch, "train": 1.0, "test": value, "seconds": 1.0} for epoch, value in enumerate(test, start=1)]


def test_a_model_passes_wmmse_at_the_first_epoch_whose_mean_does():
    both = {"gcn": [rows(1.0, 2.0, 4.0), rows(1.0, 3.0, 4.0)]}
    found = learning.summary(both, {"wmmse_100": 2.5, "setup": "printed"})
    assert found["gcn"]["passes_wmmse_at_epoch"] == 2 and found["gcn"]["test"] == 4 and found["gcn"]["sd"] == 0
    assert found["gcn"]["percent_of_wmmse"] == pytest.approx(160) and found["wmmse_100"] == 2.5
    assert learning.summary(both, {"wmmse_100": 9.0})["gcn"]["passes_wmmse_at_epoch"] is None


def test_a_seed_that_diverged_counts_nowhere():
    found = learning.summary({"gcn": [rows(1.0, None), rows(1.0, 2.0), []]}, {"wmmse_100": 4.0})["gcn"]
    assert (found["test"], found["sd"], found["percent_of_wmmse"]) == (2.0, None, 50.0)
    lost = learning.summary({"gcn": [rows(None)]}, {"wmmse_100": 4.0})["gcn"]
    assert lost["test"] is None and lost["percent_of_wmmse"] is None


def test_every_epoch_of_every_seed_is_a_row_and_a_rate_that_is_absent_is_empty(tmp_path):
    curves.write_curves(tmp_path / "x.csv", {"printed": {"gcn": [rows(1.5, None), rows(2.5)]}})
    with open(tmp_path / "x.csv", newline="") as file:
        table = list(csv.DictReader(file))
    assert [(row["seed_number"], row["epoch"], row["test_bit_s_hz"]) for row in table] == [
        ("0", "1", "1.5000"), ("0", "2", ""), ("1", "1", "2.5000"),
    ]  # fmt: skip


def test_the_same_curves_give_the_same_picture(tmp_path, monkeypatch):
    monkeypatch.setattr("qfl.report.canvas.DPI", 30)
    for name in ("a.png", "b.png"):
        references = {"wmmse_100": 2.0, "wmmse_best_of_21_percent": 105.0}
        curves.draw_curves(tmp_path / name, {"gcn": [rows(1.5, 1.9)]}, references, "title")
    assert (tmp_path / "a.png").read_bytes() == (tmp_path / "b.png").read_bytes()


def test_every_set_up_has_its_meaning():
    assert set(setups.MEANING) == {"printed", "reproduces_2_6"} <= set(SETUPS)
