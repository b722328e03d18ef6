"""The command of the report writes a run file that holds the run's settings."""

import subprocess

import pytest

from qfl.config import Settings, read_run_file
from qfl.config.fields import as_toml
from qfl.report.record import Record
from qfl.report.reproduction import changed_settings, command, run_name


def written(tmp_path, flat: dict, name: str = "toy") -> Settings:
    """Run the command's lines in a shell, but for `qfl run`, and read the file that they write."""
    lines = command(Record({"name": name, "settings": flat}, [], []))
    write, _, run = lines.rpartition("\n")
    assert run.startswith("qfl run ")
    subprocess.run(["sh", "-c", write], check=True, cwd=tmp_path)
    return read_run_file(tmp_path / run.removeprefix("qfl run "))


@pytest.mark.parametrize(
    "changes",
    [
        {},
        {"rounds": 7, "seed": 12, "precision": "double"},
        {"data.name": "mnist", "data.root": "my 'data' \"folder\" $HOME END", "data.side": 16},
        {"strategy.name": "circular", "strategy.tau": 1e-7, "train.learning-rate": 0.1 + 0.2},
    ],
)
def test_the_command_repeats_the_settings(tmp_path, changes):
    settings = Settings.from_flat(changes)
    assert written(tmp_path, settings.to_flat()) == settings


def test_where_a_run_lay_is_not_repeated(tmp_path):
    flat = Settings.from_flat({"rounds": 3, "run.folder": "/somewhere", "security.keys": "/keys"}).to_flat()
    assert written(tmp_path, flat) == Settings.from_flat({"rounds": 3})


@pytest.mark.parametrize("name", ["a; rm -rf ~", "$(id)", "../../x", "-rf", "`id`\n", "", "."])
def test_a_name_is_no_shell_command(tmp_path, name):
    assert run_name(Record({"name": name}, [], [])).replace("-", "").replace(".", "").replace("_", "").isalnum()
    assert written(tmp_path, Settings().to_flat(), name) == Settings()


def test_a_folder_without_settings_has_no_command():
    assert command(Record({}, [], [])) == ""


@pytest.mark.parametrize("value", [[], {}, [["V1"]], None, 3, "V9"])
def test_what_is_no_old_word_is_shown_as_it_stands(value):
    """Also where a damaged run.json holds a list where a word is due, which can be no key of the old words."""
    (line,) = changed_settings(Record({"settings": {"radio.variant": value}}, [], []))
    assert line.key == "radio.variant" and line.value == as_toml(value)
