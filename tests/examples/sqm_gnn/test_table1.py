"""Table I in seconds: every cell is there, from its training to its page.

Also covers examples/sqm_gnn/table1_page.py and examples/sqm_gnn/study.py.
"""

import json
import shutil
from pathlib import Path

import pytest

import qfl
from qfl.errors import RunFolderError
from qfl.results import RunFolder
from qfl.studies.examples import module_of
from qfl.studies.request import finish

ROOT = Path(qfl.__file__).parent.parent
plan, table1, table1_page = (
    module_of(ROOT / "examples" / "sqm_gnn", name) for name in ("plan", "table1", "table1_page")
)


def test_every_cell_of_both_set_ups_is_there(request_of, quick_baselines):
    asked = request_of()
    found = table1.STUDY.conduct(asked)
    finish(asked, found)
    page = found.page
    for cells in (found.numbers, found.numbers["reproduces_2_6"]):
        for pairs, power in table1.CELLS:
            cell = cells[f"k{pairs}_p{power}"]
            assert 0 < cell["percent_of_wmmse"] < 120
            assert cell["wmmse_best_of_21_percent"] >= 100 - 1e-9
            assert cell["sqm_gnn"]["percent_of_wmmse"] == cell["percent_of_wmmse"]
            assert cell["sqm_gnn"]["sum_rate"] == pytest.approx(cell["percent_of_wmmse"] * cell["wmmse_100"] / 100)
    assert "wmmse_20000_percent" in found.numbers["k20_p1"]
    assert found.text.count("\n| 20 | 1 | 105.12 |") == 2 and page.read_text() == found.text + "\n"
    assert json.loads((page.parent / "results.json").read_text()) == found.numbers
    for name in ("table1.csv", "curves.csv", "curves-printed.png", "curves-reproduces_2_6.png"):
        assert (page.parent / name).stat().st_size > 100
    again = request_of(resume=str(asked.folder.path))
    assert table1.STUDY.conduct(again).numbers == found.numbers
    assert len(again.folder.rows("references")) == 6  # nothing was measured again


def test_results_keep_the_keys_that_settings_had_before():
    flat = {"epochs": 2, "sqm_gnn.feature-bound": 0.0, "sqm_gnn.neighbour-subsampling": 6, "sqm_gnn.node-hidden": 4}
    kept = {"epochs": 2, "sqm_gnn.reach": 0.0, "sqm_gnn.thinning": 6, "sqm_gnn.node-hidden": 4}
    assert table1._old_keys(flat) == kept


def test_a_table_of_classical_networks_alone(request_of, quick_baselines):
    found = table1.STUDY.conduct(request_of(changes=['models=["gcn"]', 'setups=["printed"]']))
    assert "| **ours: gcn** |" in found.text and "angles" not in found.text
    assert set(found.numbers["parameters"]) == {"gcn"}


def test_a_folder_of_something_else_is_refused(request_of, tmp_path):
    asked = request_of()
    with pytest.raises(RunFolderError, match="is no folder of `qfl reproduce fig3b`"):
        request_of(name="fig3b", resume=str(asked.folder.path))
    shutil.copytree(asked.folder.path, tmp_path / "old")
    RunFolder(tmp_path / "old").update(source="another")
    with pytest.raises(RunFolderError, match="another version of the source"):
        request_of(resume=str(tmp_path / "old"))


def test_stars_are_cut_only_in_networks_with_more_neighbours(request_of, tmp_path, tiny):
    (tmp_path / "tiny.toml").write_text(
        tiny.replace("k = 4\n", "").replace("[printed]", "[printed]\nmost-neighbours = 12")
    )
    study = plan.read_plan(asked := request_of())
    for setup, pairs, k in (
        ("printed", 20, 12),
        ("printed", 13, None),
        ("printed", 10, None),
        ("reproduces_2_6", 80, None),
    ):
        assert table1._tested(study, plan.job_of(asked, study, setup, "sqm_gnn", 0), pairs).k == k
