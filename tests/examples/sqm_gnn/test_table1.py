"""Table I in seconds: every cell is there, a killed run goes on to the same numbers, and the 2.6 is replayed."""

import json
import shutil
from pathlib import Path

import pytest
import torch

import qfl
from qfl.errors import ConfigError, RunFolderError
from qfl.models.model_file import load_model
from qfl.results import RunFolder
from qfl.studies.examples import module_of
from qfl.studies.request import begin, finish
from qfl.wireless.d2d_rates import sum_rate
from qfl.wireless.d2d_search import exact_on_off

ROOT = Path(qfl.__file__).parent.parent
fig3b, plan, references, replayed, table1, table1_page, training = (
    module_of(ROOT / "examples" / "sqm_gnn", name)
    for name in ("fig3b", "plan", "references", "replay", "table1", "table1_page", "training")
)
PAPER = table1_page.PAPER

TINY = """
setups = ["printed", "reproduces_2_6"]
models = ["sqm_gnn", "gcn"]
pairs = 20
seeds = 2
test-realisations = 8
fewest-pairs = 5
processes = 1
[printed]
realisations = 16
epochs = 3
batch-size = 8
[reproduces_2_6]
realisations = 16
epochs = 2
batch-size = 8
[reproduces_2_6.sqm_gnn]
learning-rate = 0.02
heads = 1
[sqm_gnn]
learning-rate = 0.01
layers = 1
heads = 2
k = 4
[gcn]
learning-rate = 0.01
[quick]
seeds = 1
"""


@pytest.fixture
def request_of(tmp_path):
    (tmp_path / "tiny.toml").write_text(TINY)

    def make(name="table1", quick=True, resume="", changes=()):
        asked = {"quick": quick, "seed": 3, "resume": resume, "changes": changes}
        return begin(name, tmp_path, tmp_path / "tiny.toml", **asked, root=tmp_path / "runs")

    return make


@pytest.fixture
def quick_baselines(monkeypatch):
    """Leave out the baselines that take minutes (one is WMMSE with another number), and most cells."""
    monkeypatch.setattr(references, "EXACT_SAMPLES", 1)
    monkeypatch.setitem(references.REFERENCES, "wmmse_20000", references.REFERENCES["wmmse_100"])
    few = {cell: PAPER[cell] for cell in ((10, 1), (20, 1), (20, 2))}
    monkeypatch.setattr(table1, "CELLS", tuple(few))
    monkeypatch.setattr(table1_page, "PAPER", few)


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


def test_a_table_of_classical_networks_alone(request_of, quick_baselines):
    found = table1.STUDY.conduct(request_of(changes=['models=["gcn"]', 'setups=["printed"]']))
    assert "| **ours: gcn** |" in found.text and "angles" not in found.text
    assert set(found.numbers["parameters"]) == {"gcn"}


def test_a_job_that_was_killed_goes_on_to_the_same_vector(request_of):
    asked = request_of()
    job = plan.training_jobs(asked, plan.read_plan(asked))[0]
    whole, cut = plan.job_folder(asked, job), asked.folder.path / "cut"
    stops = []

    def kill(line):
        stops.append(line)
        if len(stops) == 2:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        training.train(job, cut, kill)
    RunFolder(cut).append("rounds", [{"round": 3, "train": 0.0, "test": 0.0}])  # written, but its checkpoint was not
    assert (training.train(job, cut, stops.append) == training.train(job, whole, stops.append)).all()
    model, angles = load_model(cut / "model.npz", expected=training.make_model(job))
    assert (
        model.layout == training.make_model(job).layout and (angles == training.train(job, whole, stops.append)).all()
    )
    without_seconds = [
        [{key: row[key] for key in ("round", "train", "test")} for row in RunFolder(path).rounds()]
        for path in (cut, whole)
    ]
    assert without_seconds[0] == without_seconds[1] and len(without_seconds[0]) == 3


def test_a_folder_of_something_else_is_refused(request_of, tmp_path):
    asked = request_of()
    with pytest.raises(RunFolderError, match="is no folder of `qfl reproduce fig3b`"):
        request_of(name="fig3b", resume=str(asked.folder.path))
    shutil.copytree(asked.folder.path, tmp_path / "old")
    RunFolder(tmp_path / "old").update(source="another")
    with pytest.raises(RunFolderError, match="another version of the source"):
        request_of(resume=str(tmp_path / "old"))


def test_a_file_with_faults_is_refused_with_all_of_them(request_of, tmp_path):
    text = TINY.replace("pairs = 20\n", "").replace('"gcn"]', '"gnn"]').replace("[gcn]", "[gnn]")
    (tmp_path / "tiny.toml").write_text(text)
    with pytest.raises(ConfigError) as refusal:
        plan.read_plan(request_of())
    assert [fault.partition(";")[0] for fault in refusal.value.faults] == [
        "table1: there is no pairs",
        "table1: models names 'gnn'",
    ]


def test_learning_curves_say_where_they_end(request_of, quick_baselines):
    asked = request_of(name="fig3b", quick=False)
    found = fig3b.STUDY.conduct(asked)
    own = found.numbers["printed"]
    assert own["sqm_gnn"]["sd"] > 0 and 0 < own["sqm_gnn"]["percent_of_wmmse"] < 120
    assert own["wmmse_best_of_21"] >= own["wmmse_100"]
    assert (asked.folder.path / "fig3b-printed.png").stat().st_size > 1000
    rows = (asked.folder.path / "curves.csv").read_text().splitlines()
    assert len(rows) == 1 + 2 * 2 * (3 + 2)


def test_the_2_6_is_replayed_to_the_last_digit_and_put_right():
    found = replayed.replay()
    assert found["replayed_nats"] == pytest.approx(replayed.PRINTED, abs=1e-12)
    assert (
        found["replayed_nats"] < found["wmmse_100_nats"] < found["wmmse_best_of_21_nats"] < found["exact_on_off_nats"]
    )
    assert found["transposed_alone_nats"] < found["wmmse_100_nats"]


def test_stars_are_cut_only_in_networks_with_more_neighbours(request_of, tmp_path):
    (tmp_path / "tiny.toml").write_text(
        TINY.replace("k = 4\n", "").replace("[printed]", "[printed]\nmost-neighbours = 12")
    )
    study = plan.read_plan(asked := request_of())
    for setup, pairs, k in (
        ("printed", 20, 12),
        ("printed", 13, None),
        ("printed", 10, None),
        ("reproduces_2_6", 80, None),
    ):
        assert table1._tested(study, plan.job_of(asked, study, setup, "sqm_gnn", 0), pairs).k == k


def test_a_set_up_has_its_own_settings_of_a_model(request_of):
    study = plan.read_plan(asked := request_of())
    printed, other = (plan.job_of(asked, study, setup, "sqm_gnn", 0) for setup in study.setups)
    assert (printed.options["heads"], printed.training.learning_rate) == (2, 0.01)
    assert (other.options["heads"], other.training.learning_rate) == (1, 0.02)
    assert other.options["k"] == printed.options["k"] and "learning_rate" not in other.options


def test_settings_are_changed_on_the_command_line(tmp_path):
    (tmp_path / "tiny.toml").write_text(TINY)

    def asked(*changes, **options):
        given = {"quick": True, "seed": 1, "root": tmp_path / "runs"} | options
        return begin("table1", tmp_path, tmp_path / "tiny.toml", changes=changes, **given)

    study = plan.read_plan(asked("seeds=3", "printed.epochs=7", 'models=["gcn"]'))
    assert (study.seeds, study.training["printed"]["epochs"], study.models) == (3, 7, ("gcn",))
    with pytest.raises(ConfigError, match=r"--set sees: the example's file has no such setting; it has setups, "):
        asked("sees=3")
    with pytest.raises(ConfigError, match="--set seeds: 'many' is given, expected a value like 2"):
        asked("seeds=many")
    with pytest.raises(ConfigError, match=r"--set seeds: 2\.5 is given, expected a value like 2"):
        asked("seeds=2.5")
    with pytest.raises(ConfigError, match="--set seeds: 0 is given, expected a whole number from 1 to 1000"):
        asked("seeds=0")
    with pytest.raises(ConfigError) as refusal:
        plan.read_plan(asked("printed.epochs=-1", "models=[]", "pairs=1", "test-realisations=0"))
    assert sorted(refusal.value.faults) == [
        "table1: fewest-pairs = 5: expected 0, or at least 2 and below pairs = 1",
        "table1: models is empty; name at least one",
        "table1: pairs = 1: expected 2 or more",
        "table1: printed.epochs = -1: expected 1 or more",
        "table1: test-realisations = 0: expected 1 or more",
    ]
    with pytest.raises(ConfigError, match="learning-rate = 0: expected a number above 0"):
        plan.read_plan(asked("sqm_gnn.learning-rate=0"))
    with pytest.raises(ConfigError, match="comes with --resume"):
        asked("seeds=3", resume=str(tmp_path))


def test_every_on_off_power_is_tried_up_to_20_pairs():
    """Above 10 pairs on the first samples only, scaled by what WMMSE reaches there."""
    batch = training.draw_batch(training.scenario_of("printed", 12), 3, 1, "d2d-test", torch.float64)
    found = references.measure_references(batch.snr, batch.alpha, ("wmmse_100", "exact_on_off", "greedy_on_off"))
    rates = sum_rate(batch.snr, exact_on_off(batch.snr, batch.alpha), batch.alpha)
    assert found["exact_on_off"] == pytest.approx(rates.mean().item())
    assert found["exact_on_off"] >= found["greedy_on_off"]
    larger = training.draw_batch(training.scenario_of("printed", 21), 2, 1, "d2d-test", torch.float64)
    assert "exact_on_off" not in references.measure_references(larger.snr, larger.alpha, ("exact_on_off",))
