"""Words of settings that have been renamed: the old ones are read everywhere, with one line that names the new one."""

import subprocess
import sys

import numpy as np
import pytest

from qfl.cli.resume import resumed_settings
from qfl.config import KEYS, RadioSettings, Settings, read_run_file
from qfl.config.cell import OLD_VARIANTS, VARIANTS
from qfl.config.setting import _tell_new_word
from qfl.errors import ConfigError
from qfl.results import RunFolder
from qfl.studies.schedulers.settings import comparison_from
from qfl.wireless.scenario import UplinkScenario
from qfl.wireless.uplink import UplinkInstance

RENAMED = [(key, old, new) for key, own in KEYS.items() for old, new in own.renamed.items()]
NOTICE = "radio.variant = 'V2' is now called 'optional_channel'; the old word is still read"


@pytest.fixture(autouse=True)
def fresh_process():
    """Let every test get its own notice."""
    _tell_new_word.cache_clear()


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
