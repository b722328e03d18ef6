"""Words of settings that have been renamed: the old ones are read everywhere, with one line that names the new one."""

import subprocess
import sys
from dataclasses import fields, replace

import numpy as np
import pytest

from qfl.api.resume import resumed_settings
from qfl.config import KEYS, RadioSettings, Settings, read_run_file
from qfl.config.cell import OLD_VARIANTS, VARIANTS
from qfl.config.renamed import _tell_new_name, renewed
from qfl.config.setting import _tell_new_word
from qfl.errors import ConfigError
from qfl.models.qgnn import Qgnn
from qfl.models.sqm_gnn import SqmGnn
from qfl.quantum.blocks import BLOCKS
from qfl.quantum.convolution import Convolution
from qfl.results import RunFolder
from qfl.specs import MODELS
from qfl.studies.schedulers.settings import comparison_from
from qfl.wireless.scenario import UplinkScenario
from qfl.wireless.uplink import UplinkInstance

RENAMED = [(key, old, new) for key, own in KEYS.items() for old, new in own.renamed.items()]
NOTICE = "radio.variant = 'V2' is now called 'optional_channel'; the old word is still read"


@pytest.fixture(autouse=True)
def fresh_process():
    """Let every test get its own notice."""
    _tell_new_word.cache_clear()
    _tell_new_name.cache_clear()


def test_the_old_variants_are_the_new_ones_in_their_order():
    assert list(OLD_VARIANTS) == ["V1", "V2", "V3", "V4"] and list(OLD_VARIANTS.values()) == list(VARIANTS)


@pytest.mark.parametrize(("key", "old", "new"), RENAMED)
def test_an_old_word_is_read_and_written_as_the_new_one(key, old, new, caplog):
    settings = Settings.from_flat({key: old})
    assert settings == Settings.from_flat({key: new}) and settings.to_flat()[key] == new
    assert [record.message for record in caplog.records] == [
        f"{key} = {old!r} is now called {new!r}; the old word is still read"
    ]
    assert new in KEYS[key].choices and old not in KEYS[key].choices


def test_one_notice_a_process(caplog, tmp_path):
    path = tmp_path / "old.toml"
    path.write_text('radio.variant = "V2"')
    for _ in range(3):
        assert read_run_file(path, ["radio.variant=V2"]).radio.variant == "optional_channel"
    assert [record.message for record in caplog.records] == [NOTICE]


def test_python_and_a_comparison_take_an_old_word(caplog):
    assert RadioSettings(variant="V4").variant == UplinkScenario(variant="V4").variant == "capacity"
    assert comparison_from({"variant": "V3"}).scenario.variant == "optional_power"
    instance = UplinkInstance(np.ones((2, 2)), np.ones(2), 0.0, 1.0, 1.0, "V1", 2, 0.0)
    assert instance.variant == "all_active" and instance.se_cap is None
    assert len(caplog.records) == 3


@pytest.mark.parametrize("arguments", [[], ["--set", "radio.variant=V2"]])
def test_warnings_as_errors_leave_it_a_line(arguments, tmp_path):
    """The run folder cannot be made, so that the command ends once the settings are read."""
    path = tmp_path / "old.toml"
    path.write_text('radio.variant = "V2"\nrun.folder = "/dev/null/none"')
    code = "import sys; from qfl.cli import main; sys.exit(main(sys.argv[1:]))"
    words = [path, *arguments]
    ran = subprocess.run(
        [sys.executable, "-W", "error", "-c", code, "run", *map(str, words)], capture_output=True, text=True
    )
    lines = ran.stderr.splitlines()
    assert ran.returncode == 2 and lines[0] == NOTICE and len(lines) == 2 and "Traceback" not in ran.stderr


def test_a_run_folder_with_old_words_is_resumed_with_the_new_ones(tmp_path, caplog):
    """Its file may say either; tests/federation/test_resume.py has that a resumed run ends at the same digest."""
    flat = Settings.from_flat({"rounds": 4}).to_flat() | {"radio.variant": "V1", "cell-free.assignment": "plus"}
    RunFolder.create("old", {"settings": flat, "status": "running"}, path=tmp_path / "old")
    for overrides in ([], ["radio.variant=V1"], ["radio.variant=all_active"]):
        settings = resumed_settings(str(tmp_path / "old"), None, [*overrides, "rounds=5"])
        assert settings.radio.variant == "all_active" and settings.cell_free.assignment == "extended"
    with pytest.raises(
        ConfigError, match=r"radio\.variant = .optional_channel. differs from the run's own .all_active."
    ):
        resumed_settings(str(tmp_path / "old"), None, ["radio.variant=V2"])


def test_a_models_old_names_and_words_are_those_of_its_maker(caplog):
    """In a study's table with hyphens, in a model file with underscores; one line for each."""
    flat = {"sqm_gnn.reach": 2.0, "printed.qgnn.thinning": 6, "qgnn.unitary": "told", "gcn.reach": 1, "reach": 1}
    found = {"sqm_gnn.feature-bound": 2.0, "printed.qgnn.neighbour-subsampling": 6, "qgnn.unitary": "cartan_gated"}
    assert renewed(flat) == renewed(flat) == found | {"gcn.reach": 1, "reach": 1}
    assert renewed({"reach": 2.0, "update": "told"}, "sqm_gnn") == {"feature_bound": 2.0, "update": "cartan_gated"}
    assert [record.message for record in caplog.records] == [
        "sqm_gnn.reach is now called 'sqm_gnn.feature-bound'; the old name is still read",
        "printed.qgnn.thinning is now called 'printed.qgnn.neighbour-subsampling'; the old name is still read",
        "qgnn.unitary = 'told' is now called 'cartan_gated'; the old word is still read",
        "reach is now called 'feature_bound'; the old name is still read",
        "update = 'told' is now called 'cartan_gated'; the old word is still read",
    ]
    with pytest.raises(
        ConfigError, match=r"sqm_gnn\.reach and sqm_gnn\.feature-bound are one setting, .* keep sqm_gnn"
    ):
        renewed(flat | {"sqm_gnn.feature-bound": 1.0})


@pytest.mark.parametrize("name", [name for name, spec in MODELS.items() if spec.old_names])
def test_every_new_name_of_a_model_is_an_argument(name):
    arguments = {item.name for item in fields(MODELS[name].kind)}
    assert arguments.issuperset(MODELS[name].old_names.values()) and arguments.isdisjoint(MODELS[name].old_names)


def test_python_takes_a_blocks_old_word(caplog):
    assert Qgnn(unitary="told") == Qgnn(unitary="cartan_gated")
    assert SqmGnn(update="told") == SqmGnn(update="cartan_gated") != SqmGnn()
    assert Convolution("told") == Convolution("cartan_gated") and "told" not in BLOCKS
    assert [record.message.partition(" = ")[0] for record in caplog.records] == ["unitary", "update", "message"]


def test_a_model_takes_its_settings_by_their_old_names_in_python():
    assert SqmGnn(thinning=3, reach=0.0, update="told") == SqmGnn(
        neighbour_subsampling=3, feature_bound=0.0, update="cartan_gated"
    )
    assert replace(Qgnn(reach=1.0), k=2) == Qgnn(feature_bound=1.0, k=2)
    with pytest.raises(ConfigError, match="reach and feature_bound are one setting"):
        Qgnn(reach=1.0, feature_bound=2.0)
    with pytest.raises(TypeError, match="thining"):
        SqmGnn(thining=3)
