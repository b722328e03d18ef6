"""What an example's file asks for: read strictly, changed on the command line, a set-up's own settings first."""

from functools import reduce
from pathlib import Path

import pytest

import qfl
from qfl.config.renamed import _tell_new_name
from qfl.errors import ConfigError
from qfl.studies.examples import module_of
from qfl.studies.request import begin

ROOT = Path(qfl.__file__).parent.parent
plan = module_of(ROOT / "examples" / "sqm_gnn", "plan")


def test_a_file_with_faults_is_refused_with_all_of_them(request_of, tmp_path, tiny):
    text = tiny.replace("pairs = 20\n", "").replace('"gcn"]', '"gnn"]').replace("[gcn]", "[gnn]")
    (tmp_path / "tiny.toml").write_text(text)
    with pytest.raises(ConfigError) as refusal:
        plan.read_plan(request_of())
    assert [fault.partition(";")[0] for fault in refusal.value.faults] == [
        "table1: there is no pairs",
        "table1: models names 'gnn'",
    ]


def test_a_set_up_has_its_own_settings_of_a_model(request_of):
    study = plan.read_plan(asked := request_of())
    printed, other = (plan.job_of(asked, study, setup, "sqm_gnn", 0) for setup in study.setups)
    assert (printed.options["heads"], printed.training.learning_rate) == (2, 0.01)
    assert (other.options["heads"], other.training.learning_rate) == (1, 0.02)
    assert other.options["k"] == printed.options["k"] and "learning_rate" not in other.options


def test_settings_are_changed_on_the_command_line(tmp_path, tiny):
    (tmp_path / "tiny.toml").write_text(tiny)

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


OLD = {"feature-bound": "reach", "neighbour-subsampling": "thinning"}


def test_a_run_file_changes_and_folders_with_old_names_give_the_same_jobs(tmp_path, tiny, caplog):
    """Of the run file, of ``--set``, of a set-up's own table and of the quick form; folders are read as they are."""
    _tell_new_name.cache_clear()
    text = tiny.replace("[sqm_gnn]\n", "[sqm_gnn]\nfeature-bound = 1.5\nneighbour-subsampling = 3\nupdate = 'gated'\n")
    text = text.replace("[reproduces_2_6.sqm_gnn]\n", "[reproduces_2_6.sqm_gnn]\nfeature-bound = 0.0\n")
    text += "[quick.sqm_gnn]\nneighbour-subsampling = 2\n"
    (tmp_path / "new.toml").write_text(text)
    (tmp_path / "old.toml").write_text(reduce(lambda all, pair: all.replace(*pair), OLD.items(), text))

    def jobs(name, *changes, resume=""):
        given = {"quick": True, "seed": 1, "root": tmp_path / "runs", "resume": resume}
        request = begin("table1", tmp_path, tmp_path / name, changes=changes, **given)
        return request, plan.training_jobs(request, plan.read_plan(request))

    request, wanted = jobs("new.toml")
    assert [job.options["neighbour_subsampling"] for job in wanted if job.model == "sqm_gnn"] == [2, 2]
    assert not caplog.records and jobs("old.toml")[1] == wanted
    assert {record.levelname for record in caplog.records} == {"WARNING"}
    assert all(record.message.endswith("the old name is still read") for record in caplog.records)
    by_set = "sqm_gnn.feature-bound=0.5", "sqm_gnn.neighbour-subsampling=1", "sqm_gnn.update=cartan_gated"
    old_set = "sqm_gnn.reach=0.5", "sqm_gnn.thinning=1", "sqm_gnn.update=told"
    _, changed = jobs("new.toml", *by_set)
    assert changed != wanted and jobs("new.toml", *old_set)[1] == jobs("old.toml", *old_set)[1] == changed
    header = request.folder.header["settings"]
    old = {reduce(lambda key, pair: key.replace(*pair), OLD.items(), key): value for key, value in header.items()}
    assert sum(key.endswith(("reach", "thinning")) for key in old) == 4
    request.folder.update(settings=old)
    resumed, again = jobs("new.toml", resume=str(request.folder.path))
    assert again == wanted and resumed.settings == header


def test_a_setting_by_its_old_and_its_new_name_is_refused(tmp_path, tiny):
    (tmp_path / "both.toml").write_text(tiny.replace("[sqm_gnn]\n", "[sqm_gnn]\nreach = 1.5\nfeature-bound = 1.0\n"))
    with pytest.raises(ConfigError, match=r"sqm_gnn\.reach and sqm_gnn\.feature-bound are one setting"):
        begin("table1", tmp_path, tmp_path / "both.toml", quick=True, seed=1, root=tmp_path / "runs")
