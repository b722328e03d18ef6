"""Which Flower app is run: the nearest one, and never none."""

from pathlib import Path

import pytest

import qfl
from qfl.api.checkout import find_checkout
from qfl.errors import ConfigError

APP = '[tool.flwr.app.components]\nserverapp = "server.app:app"\n'


@pytest.fixture
def app(tmp_path):
    root = tmp_path / "app"
    (root / "examples" / "deep").mkdir(parents=True)
    (root / "pyproject.toml").write_text(APP)
    (root / "examples" / "run.toml").write_text("rounds = 1")
    return root


def test_the_app_above_the_run_file_is_found(app):
    assert find_checkout(app / "examples" / "run.toml") == app
    assert find_checkout(app / "examples" / "deep") == app
    assert find_checkout(app) == app


def test_a_project_that_is_no_app_is_passed_by(app):
    (app / "examples" / "pyproject.toml").write_text("[project]\nname = 'x'\n")
    assert find_checkout(app / "examples" / "run.toml") == app


def test_the_starts_are_tried_in_turn_and_the_installed_checkout_is_the_last_resort(app, tmp_path):
    assert find_checkout(tmp_path, app) == app
    assert find_checkout(tmp_path) == Path(qfl.__file__).parent.parent


def test_without_any_app_there_is_a_sentence(tmp_path, monkeypatch):
    monkeypatch.setattr("qfl.api.checkout.shipped", lambda: tmp_path / "site-packages")
    with pytest.raises(ConfigError, match=r"found no Flower app .* run from a checkout of the project"):
        find_checkout(tmp_path)


def test_a_pyproject_that_is_no_toml_is_named(app):
    (app / "pyproject.toml").write_text("[tool")
    with pytest.raises(ConfigError, match=r"pyproject.toml is not TOML"):
        find_checkout(app)
