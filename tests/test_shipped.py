"""The app that comes with the library, in a checkout; in a wheel it is looked at by tests/test_wheel.py."""

import sys
from importlib.machinery import ModuleSpec
from pathlib import Path
from types import ModuleType

import pytest

import qfl
from qfl.provenance import source_digest
from qfl.shipped import FOLDERS, running, shipped, sources

ROOT = Path(qfl.__file__).resolve().parent.parent


@pytest.fixture
def app(tmp_path, monkeypatch):
    """Another app, whose ``clients`` this process has imported."""
    for folder in FOLDERS:
        (tmp_path / folder).mkdir()
    (tmp_path / "clients/__init__.py").write_text("")
    (tmp_path / "strategies/fedavg.py").write_text("x = 1\n")
    (tmp_path / "strategies/mine.py").write_text("x = 1\n")
    clients = ModuleType("clients")
    clients.__spec__ = ModuleSpec("clients", None, origin=str(tmp_path / "clients/__init__.py"), is_package=True)
    monkeypatch.setitem(sys.modules, "clients", clients)
    return tmp_path


def test_in_a_checkout_the_shipped_app_is_the_checkout():
    assert shipped() == running() == ROOT


def test_without_clients_on_the_path_the_shipped_app_runs(monkeypatch):
    monkeypatch.delitem(sys.modules, "clients", raising=False)
    monkeypatch.setattr(sys, "path", [])
    assert running() == shipped()


def test_an_app_s_files_stand_before_the_shipped_ones_of_their_names(app):
    assert running() == app
    found = sources()
    assert found["strategies/fedavg.py"] == app / "strategies/fedavg.py"
    assert found["strategies/krum.py"] == ROOT / "strategies/krum.py"
    assert found["strategies/mine.py"] == app / "strategies/mine.py"
    assert found["qfl/shipped.py"] == ROOT / "qfl/shipped.py"


def test_the_source_digest_is_that_of_the_app_that_runs(app, monkeypatch):
    theirs = source_digest()
    monkeypatch.undo()
    assert theirs != source_digest()
