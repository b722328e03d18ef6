"""The door for other people's code. Also covers qfl/own_calls.py and qfl/own_source.py."""

import sys

import pytest

from qfl.errors import ConfigError
from qfl.extend import find_file, in_app, is_reference, load_own
from qfl.own_calls import call_own
from qfl.own_source import own_digest

NET = """
from dataclasses import dataclass
from parts import HALF

@dataclass(frozen=True)
class Net:
    num_features: int
    gain: float = HALF
    kind: str = "a"

def broken(num_labels):
    return 1 / 0

number = 3
"""


@pytest.fixture
def app(tmp_path, monkeypatch):
    """An app's folder, on the path as in every process of a run."""
    (tmp_path / "own").mkdir()
    (tmp_path / "own/models.py").write_text(NET)
    (tmp_path / "own/parts.py").write_text("HALF = 0.5\n")
    monkeypatch.setattr(sys, "path", [str(tmp_path), *sys.path])
    yield tmp_path
    for name in [name for name in sys.modules if name.startswith("qfl_own_") or name == "parts"]:
        del sys.modules[name]


def test_a_file_and_what_lies_beside_it_are_loaded_and_called_with_what_is_asked_for(app):
    net = load_own("own/models.py:Net", "model.name")
    assert call_own(net, "model.name", {"num_features": 4, "num_labels": 2}, {}) == net(4, 0.5)
    assert call_own(net, "model.name", {"num_features": 4}, {"gain": 1, "kind": "b"}) == net(4, 1.0, "b")


def test_a_file_is_read_again_when_its_content_changes(app):
    before = load_own("own/parts.py:HALF", "model.name")
    (app / "own/parts.py").write_text("HALF = 0.25\n")
    assert (before, load_own("own/parts.py:HALF", "model.name")) == (0.5, 0.25)


@pytest.mark.parametrize(
    ("mine", "said"),
    [
        ({"gian": 1.0}, r"model\.my\.gian is no setting of Net; did you mean 'gain'\?"),
        ({"gain": "much"}, r"model\.my\.gain = 'much' is no float"),
        ({"gain": True}, r"model\.my\.gain = True is no float"),
        ({"num_features": 9}, r"model\.my\.num_features is no setting of Net"),
    ],
)
def test_own_settings_are_checked_against_the_signature(app, mine, said):
    with pytest.raises(ConfigError, match=said):
        call_own(load_own("own/models.py:Net", "model.name"), "model.name", {"num_features": 4}, mine)


def test_what_is_missing_is_named(app):
    with pytest.raises(ConfigError, match=r"Net asks for 'num_features'; give it as model\.my\.num_features"):
        call_own(load_own("own/models.py:Net", "model.name"), "model.name", {}, {})


@pytest.mark.parametrize(
    ("reference", "said"),
    [
        ("vqc", "is no reference; write file and name"),
        ("own/models.py:Nett", "has no 'Nett'; did you mean 'Net'?"),
        ("own/absent.py:Net", "there is no file own/absent.py in the app's folder"),
        ("../models.py:Net", "leaves the app's folder"),
        ("/etc/models.py:Net", "leaves the app's folder"),
        ("no_such_package.models:Net", "there is no module 'no_such_package'"),
        ("own/bad.py:Net", "own/bad.py is no Python"),
        ("own/late.py:Net", "raised ZeroDivisionError: division by zero (late.py, line 2); mend it"),
        ("own/needs.py:Net", "raised ModuleNotFoundError: No module named 'not_here' (needs.py, line 1); mend it"),
        ("own/exits.py:Net", "raised SystemExit: 3 (exits.py, line 1); mend it"),
    ],
)
def test_what_cannot_be_loaded_is_refused_in_one_sentence(app, reference, said):
    (app / "own/bad.py").write_text("def Net(:\n")
    (app / "own/late.py").write_text("\nNet = 1 / 0\n")
    (app / "own/needs.py").write_text("import not_here\n")
    (app / "own/exits.py").write_text("raise SystemExit(3)\n")
    with pytest.raises(ConfigError) as found:
        load_own(reference, "model.name")
    assert str(found.value).startswith(f"model.name = {reference!r}") and said in str(found.value)
    assert "\n" not in str(found.value)


@pytest.mark.parametrize(("name", "said"), [("number", "is no function and no class"), ("broken", "ZeroDivisionError")])
def test_what_cannot_be_called_or_raises_is_refused(app, name, said):
    with pytest.raises(ConfigError, match=said):
        call_own(load_own(f"own/models.py:{name}", "model.name"), "model.name", {"num_labels": 1}, {})


def test_the_digest_is_of_the_file_and_of_what_it_imports_wherever_the_folder_lies(app, tmp_path_factory, monkeypatch):
    before = own_digest("own/models.py:Net")
    other = tmp_path_factory.mktemp("other")
    (app / "own").rename(other / "own")
    monkeypatch.setattr(sys, "path", [str(other), *sys.path])
    assert own_digest("own/models.py:Net") == own_digest("own.models:Net") == before
    (other / "own/parts.py").write_text("HALF = 0.75\n")
    assert own_digest("own/models.py:Net") != before
    assert own_digest("math:hypot") == own_digest("own/absent.py:Net") == ""


def test_a_file_beside_the_run_file_is_named_from_the_app_folder(app):
    assert in_app("models.py:Net", app, app / "own") == "own/models.py:Net"
    assert in_app("own/models.py:Net", app, app / "own") == "own/models.py:Net"
    assert not is_reference("https://host:8080") and not is_reference("C:\\models.py:Net")


def test_outside_any_app_the_working_directory_comes_before_the_app_of_the_library(tmp_path, monkeypatch):
    app, elsewhere = tmp_path / "app", tmp_path / "elsewhere"
    for folder in (app / "examples", elsewhere / "examples", app / "inner/examples"):
        folder.mkdir(parents=True)
        (folder / "rule.py").write_text(f"PLACE = {str(folder.parent)!r}\n")
    monkeypatch.setattr(sys, "path", [str(app), *sys.path])
    for here, expected in ((elsewhere, elsewhere), (app, app), (app / "inner", app)):
        monkeypatch.chdir(here)
        assert find_file("examples/rule.py") == expected / "examples/rule.py"
        assert load_own("examples/rule.py:PLACE", "strategy.name") == str(expected)
