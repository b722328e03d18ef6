"""``qfl new``: the folder, and names that are none. Also covers qfl/cli/new_project.py."""

import os
import tomllib

import pytest

import qfl
from qfl.cli import main
from qfl.config import Settings, flatten_toml, read_run_file
from qfl.shipped import shipped


@pytest.fixture
def made(tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    assert main(["new", "my-thesis"]) == 0
    return tmp_path / "my-thesis"


def test_it_says_what_to_do_next(made, capsys):
    assert main(["new", "other"]) == 0
    said = capsys.readouterr().out
    assert "cd other" in said and "qfl run quickstart.toml" in said


def test_its_pyproject_is_what_flower_asks_for(made):
    project = tomllib.loads((made / "pyproject.toml").read_text())
    flower = project["tool"]["flwr"]["app"]
    assert project["project"]["name"] == "my-thesis"
    assert flatten_toml(flower["config"]) == Settings().to_flat()
    assert f"qfl-wireless=={qfl.__version__}" in project["project"]["dependencies"]
    assert (made / "LICENSE").is_file() and (made / "README.md").read_text().startswith("# my-thesis\n")


def test_its_apps_are_those_of_the_library(made):
    for name in ("server/app.py", "clients/app.py"):
        assert (made / name).read_bytes() == (shipped() / name).read_bytes()


def test_its_run_files_are_run_files(made):
    assert read_run_file(made / "quickstart.toml") == read_run_file(shipped() / "examples/quickstart/quickstart.toml")
    assert read_run_file(made / "own.toml").strategy.name == "strategies/clipped.py:make"


@pytest.mark.parametrize("name", ["9lives", "my_thesis", "a" * 33, "über", "a/b", "..", "-x"])
def test_a_name_that_flower_would_not_take_is_refused(name, tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    assert main(["new", name] if name[0] != "-" else ["new", "--", name]) == 2
    assert "is no name for an app; Flower takes letters, digits and hyphens, at most 32" in capsys.readouterr().err
    assert list(tmp_path.iterdir()) == []


def test_a_folder_that_is_there_is_left_alone(made, capsys, monkeypatch):
    (made / "own.toml").write_text("rounds = 1\n")
    assert main(["new", "my-thesis"]) == 2
    assert "my-thesis is there already; give another name, or work in it" in capsys.readouterr().err
    assert (made / "own.toml").read_text() == "rounds = 1\n"


def test_where_nothing_can_be_written_there_is_a_sentence_and_no_half_folder(tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)

    def full(*_, **__):
        raise OSError(28, os.strerror(28))

    monkeypatch.setattr("qfl.cli.new.shutil.copyfile", full)
    assert main(["new", "thesis"]) == 2
    assert "cannot make thesis (No space left on device); choose a place" in capsys.readouterr().err
    assert list(tmp_path.iterdir()) == []
