"""Fig. 4b: federations that are trained, tiny, and both readings of runs whose curves are known.

Also covers examples/qfl_6g/fig4b_devices.py, examples/qfl_6g/fig4b_page.py, examples/qfl_6g/fig4b_picture.py,
examples/qfl_6g/fig4b_runs.py, examples/qfl_6g/fig4b_settings.py and examples/qfl_6g/fig4b_summary.py.
"""

import json
from pathlib import Path

import numpy as np
import pytest
from scipy import stats

import qfl
from qfl.cli import main
from qfl.errors import ConfigError
from qfl.report.record import Record
from qfl.results import RunFolder
from qfl.studies.examples import member, module_of
from qfl.studies.federations.settings import members
from qfl.studies.request import begin
from qfl.tasks.build import build

ROOT = Path(qfl.__file__).parent.parent
FOLDER = ROOT / "examples" / "qfl_6g"
TINY = (
    "seeds=1", "processes=1", 'aggregations=["mean"]', 'participants=["all"]', "federation.rounds=2",
    "federation.clients.count=10", "federation.radio.num-channels=2", "heard.all.radio.frame-s=3.0",
)  # fmt: skip


def ask(tmp_path, *changes, seed=1):
    file = FOLDER / "fig4b_readings.toml"
    return begin("fig4b", ROOT, file, quick=True, seed=seed, changes=changes, root=tmp_path)


@pytest.fixture(scope="module")
def printed(tmp_path_factory):
    """Return what ``qfl reproduce fig4b --quick --json`` prints of a tiny study, and its folder."""
    place = tmp_path_factory.mktemp("fig4b")
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(place)
        patch.setattr("qfl.cli.reproduce.find_checkout", lambda _: ROOT)
        words = [word for change in TINY for word in ("--set", change)]
        text = _printed(["reproduce", "fig4b", "--quick", "--json", *words])
        (folder,) = (place / "runs").iterdir()
        again = _printed(["reproduce", "fig4b", "--json", "--resume", str(folder)])
    return json.loads(text), json.loads(again), RunFolder(folder)


def _printed(words):
    from contextlib import redirect_stdout
    from io import StringIO

    with redirect_stdout(StringIO()) as out:
        assert main(words) == 0
    return out.getvalue()


def test_both_readings_are_printed_and_nothing_is_trained_twice(printed):
    numbers, again, folder = printed
    assert set(numbers["reading_learner"]["rows"]) == {"QAOA + mean + all", "SCA + mean + all"}
    assert set(numbers["reading_scheduler"]["rows"]) == {"QFL + mean + all", "FL + mean + all"}
    assert numbers["reading_scheduler"]["as_published"]["cell"] == "FL + mean + all"
    assert numbers["reading_learner"]["ours"] is None  # FedAdam was left out
    assert {"combinations", "metric", "seeds", "rounds", "axes"} <= numbers.keys()  # as `qfl compare` gives them
    assert again == numbers and len(folder.rows("devices")) == 4 * 2
    assert {path.name for path in folder.path.iterdir()} >= {"readings.csv", "curves.csv", "fig4b.png", "README.md"}


def test_everybody_is_heard_and_the_perceptrons_accuracy_is_that_of_its_weights_in_numpy(printed):
    _, _, folder = printed
    runs = RunFolder(folder.path / "federations")
    grid = member(FOLDER, "fig4b_settings:settings_of")(ask(folder.path.parent, *TINY)).grid
    (found,) = [each for each in members(grid) if each.names[:2] == ("FL", "QAOA")]
    own = RunFolder(runs.path / found.folder)
    assert [row["accepted"] for row in own.rounds() if row["round"]] == [10, 10]
    federation = build(found.settings)
    batch = federation.samples.part(np.concatenate(federation.parts))
    _, arrays, _ = own.load_checkpoint(own.archived()[2])
    pixels, hidden = batch.inputs.shape[1], 32
    cuts = np.cumsum([pixels * hidden, hidden, hidden * 10])
    first, bias, second, last = np.split(arrays["angles"].astype(float), cuts)
    inner = np.maximum(batch.inputs.numpy() @ first.reshape(hidden, pixels).T + bias, 0)
    right = (inner @ second.reshape(10, hidden).T + last).argmax(1) == batch.labels.numpy()
    (row,) = [row for row in folder.rows("devices") if row["label"] == found.label and row["round"] == 2]
    assert len(batch.labels) == 1437 and row["accuracy"] == pytest.approx(right.mean(), abs=1e-3)


def drawn(names, seed, devices, clock):
    Run = member(FOLDER, "fig4b_runs:Run")
    amount = {"seconds": np.array(clock, float), "rounds": np.arange(1.0, len(clock) + 1)}
    return Run(names, seed, Record({}, [], []), amount, {"devices": np.array(devices), "test": np.array(devices) - 0.1})


def reading(name, runs, grid):
    summary = module_of(FOLDER, "fig4b_summary")
    (asked,) = [each for each in summary.READINGS if each.name == name]
    return summary.reading(asked, grid, runs)


@pytest.fixture
def grid(tmp_path):
    return member(FOLDER, "fig4b_settings:settings_of")(ask(tmp_path, *TINY, "seeds=3")).grid


def test_sooner_and_gain_are_paired_by_seed(grid):
    """QAOA is at 60 % after 2, 4 and 6 s; SCA after 4, 8 and 24."""
    runs = []
    for seed, (fast, slow) in enumerate([(2, 4), (4, 8), (6, 24)], start=1):
        runs.append(drawn(("FL", "QAOA", "mean", "all"), seed, [0.2, 0.6], [1, fast]))
        runs.append(drawn(("FL", "SCA", "mean", "all"), seed, [0.6, 0.65 + 0.01 * seed], [slow, slow + 1]))
    row = reading("scheduler", runs, grid)["as_published"]
    assert row["level"] == 0.6 and row["until"] == {"seconds": [4, 12], "rounds": [2, 1]}
    percents = [50.0, 50.0, 75.0]
    expected = stats.ttest_1samp(percents, 0).confidence_interval(0.95)
    found = row["sooner_percent"]["seconds"]
    assert (found["mean"], found["low"], found["high"]) == pytest.approx(
        (np.mean(percents), expected.low, expected.high)
    )
    assert row["sooner_percent"]["rounds"]["mean"] == -100  # two rounds against one
    assert row["gain_points"]["devices"]["mean"] == pytest.approx(-7)
    assert row["verdict"] == "sooner: QAOA; higher at the end: SCA"
    assert reading("learner", runs, grid)["rows"] == {}  # no circuit was trained


def test_what_one_seed_says_is_called_so_and_a_level_is_one_that_all_reach(grid):
    runs = [drawn(("QFL", "QAOA", "mean", "all"), 1, [0.2], [1]), drawn(("FL", "QAOA", "mean", "all"), 1, [0.4], [1])]
    row = reading("learner", runs, grid)["as_published"]
    assert row["level"] is None and row["sooner_percent"] == {}
    assert row["verdict"] == "sooner: no level that both reach; higher at the end: FL, one seed"


def test_another_strategy_has_none_of_fedadams_settings_and_seeds_count_up_from_the_first(tmp_path):
    grid = member(FOLDER, "fig4b_settings:settings_of")(ask(tmp_path, "seeds=2", seed=7)).grid
    found = members(grid)
    assert {each.seed for each in found} == {7, 8} and len(found) == 2 * 16
    means = [each.settings for each in found if "mean" in each.names]
    assert {s.strategy.schedule for s in means} == {"constant"} and {s.train.local_steps for s in means} == {5}
    adam = [each.settings for each in found if "fedadam" in each.names]
    assert {s.strategy.schedule for s in adam} == {"one-cycle"} and {s.train.local_steps for s in adam} == {1}
    assert {s.radio.enough for s in adam} == {8, None}


@pytest.mark.parametrize(
    ("change", "told"),
    [
        ('learners=["KFL"]', "learners names 'KFL'; give some of QFL, FL"),
        ("participants=[]", "participants = "),
        ('schedulers=["SCA","SCA"]', "each once"),
        ("processes=0", "processes = 0"),
        ("federation.rounds=-1", "rounds = -1"),
    ],
)
def test_what_cannot_be_is_refused_in_a_sentence(tmp_path, change, told):
    with pytest.raises(ConfigError, match=told):
        member(FOLDER, "fig4b").settings(ask(tmp_path, change))
