"""A reproduction's folder: begun once, gone on with only as what it was."""

import json

import pytest

from qfl.errors import ConfigError, RunFolderError
from qfl.results import RunFolder
from qfl.studies.request import begin, comparison, finish
from qfl.studies.study import Result


@pytest.fixture
def asked(tmp_path):
    (tmp_path / "x.toml").write_text("seeds = 5\n[quick]\nseeds = 2\n[a]\nb = 1.5\n")

    def make(name="x", **given):
        return begin(name, tmp_path, tmp_path / "x.toml", **{"quick": True, "seed": 7, "root": tmp_path} | given)

    return make


def test_the_folder_says_what_was_asked_for(asked):
    request = asked(changes=["seeds=3"])
    header = request.folder.header
    assert (header["kind"], header["name"], header["quick"], header["seed"]) == ("reproduction", "x", True, 7)
    assert header["settings"] == request.settings == {"seeds": 3, "quick.seeds": 3, "a.b": 1.5}
    assert header["changed"] == ["seeds"] and request.changed == ("seeds",) and header["status"] == "running"


def test_a_resumed_reproduction_keeps_its_own_settings_length_and_seed(asked):
    first = asked(changes=["a.b=2.5"])
    again = asked(quick=False, seed=99, resume=str(first.folder.path))
    assert (again.quick, again.seed, again.settings, again.changed) == (True, 7, first.settings, ("a.b",))


@pytest.mark.parametrize(
    ("spoil", "says"),
    [
        ({"kind": "comparison"}, "is no folder of `qfl reproduce x`"),
        ({"name": "y"}, "is no folder of `qfl reproduce x`"),
        ({"source": "other"}, "begun by another version of the source"),
        ({"study": "other"}, "begun by another version of the source"),
        ({"seed": "7"}, "does not say what seed is"),
        ({"quick": 1}, "does not say what quick is"),
        ({"changed": None}, "does not say what changed is"),
    ],
)
def test_a_folder_of_something_else_is_refused(asked, spoil, says):
    first = asked()
    first.folder.update(**spoil)
    with pytest.raises(RunFolderError, match=says):
        asked(resume=str(first.folder.path))


def test_another_digest_of_the_sources_is_another_study(asked):
    first = asked(sources="one")
    assert asked(sources="one", resume=str(first.folder.path)).seed == 7
    with pytest.raises(RunFolderError, match="another version of the source"):
        asked(sources="two", resume=str(first.folder.path))


def test_changes_to_a_resumed_reproduction_are_refused(asked):
    with pytest.raises(ConfigError, match="--set seeds=3 comes with --resume"):
        asked(changes=["seeds=3"], resume=str(asked().folder.path))


def test_results_are_plain_json_and_the_folder_is_whole(asked, tmp_path):
    request = asked()
    finish(request, Result({"a": float("nan"), "b": 1.5}, "page", tmp_path / "README.md"))
    assert json.loads((request.folder.path / "results.json").read_text()) == {"a": None, "b": 1.5}
    assert request.folder.header["status"] == "completed"


@pytest.mark.parametrize("quiet", [True, False])
def test_a_comparison_shows_its_progress_unless_it_is_to_be_quiet(tmp_path, capsys, quiet):
    folder = RunFolder.create("fig", {"name": "fig"}, path=tmp_path / "x")
    request = comparison(folder, {"seeds": 2}, tmp_path, quiet)
    request.show("a line")
    assert capsys.readouterr().err == ("" if quiet else "a line\n")
    assert (request.name, request.settings, request.folder, request.checkout) == ("fig", {"seeds": 2}, folder, tmp_path)


def test_what_is_asked_has_the_quick_keys_in_their_places_in_the_quick_form_alone(asked):
    assert asked().asked == {"seeds": 2, "a.b": 1.5}
    assert asked(quick=False).asked == {"seeds": 5, "a.b": 1.5}
    assert asked(changes=["seeds=4"]).asked == {"seeds": 4, "a.b": 1.5}
