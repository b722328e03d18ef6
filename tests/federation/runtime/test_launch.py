import sys

import pytest

from qfl.config import Settings
from qfl.errors import ConfigError
from qfl.federation.runtime.launch import load_app, run_app

APP = """
[tool.flwr.app.components]
serverapp = "toy_server.app:app"
clientapp = "{client}"
"""


def checkout(path, client="toy_client.app:app"):
    (path / "pyproject.toml").write_text(APP.format(client=client))
    for name in ("toy_server", "toy_client"):
        (path / name).mkdir()
        (path / name / "__init__.py").touch()
        (path / name / "app.py").write_text(f"app = '{name} of {path.name}'\n")
    return path


@pytest.fixture(autouse=True)
def fresh_imports(monkeypatch):
    monkeypatch.setattr(sys, "path", list(sys.path))
    yield
    for name in [name for name in sys.modules if name.startswith("toy_")]:
        del sys.modules[name]


def test_the_app_is_the_one_that_the_checkouts_pyproject_names(tmp_path):
    app = load_app(checkout(tmp_path))
    assert (app.server, app.client, app.train_batch) == (
        f"toy_server of {tmp_path.name}",
        f"toy_client of {tmp_path.name}",
        None,
    )


def test_the_vectorised_execution_is_an_attribute_beside_the_client_app(tmp_path):
    (checkout(tmp_path) / "toy_client" / "app.py").write_text("app = 1\ntrain_batch = 2\n")
    assert load_app(tmp_path).train_batch == 2


def test_an_app_of_another_checkout_is_refused(tmp_path):
    """What is imported already wins in Python; running it would be another program's experiment."""
    for name in ("a", "b"):
        (tmp_path / name).mkdir()
    load_app(checkout(tmp_path / "a"))
    with pytest.raises(ConfigError, match=r"'toy_server.app' was imported from .*a/toy_server/app.py, not from .*b"):
        load_app(checkout(tmp_path / "b"))


@pytest.mark.parametrize(
    ("client", "sentence"),
    [
        ("toy_client.app", "names 'toy_client.app' as an app; expected 'module:attribute'"),
        ("toy_nothing.app:app", "cannot import 'toy_nothing.app:app'"),
        ("toy_client.app:main", "has no attribute 'main'"),
    ],
)
def test_a_component_that_is_not_there_is_named(client, sentence, tmp_path):
    with pytest.raises(ConfigError, match=sentence):
        load_app(checkout(tmp_path, client))


def test_a_run_without_a_folder_makes_one_under_runs(tmp_path, monkeypatch, small):
    from pathlib import Path

    monkeypatch.chdir(tmp_path)
    flat = {key: value for key, value in small(rounds=1).to_flat().items() if key != "run.folder"}
    folder = run_app(Settings.from_flat(flat), Path(__file__).resolve().parents[3])
    assert folder.path.parent == tmp_path / "runs" and folder.header["status"] == "completed"


def test_every_finished_round_is_reported_as_it_is_written(small):
    from pathlib import Path

    seen = []
    folder = run_app(small(), Path(__file__).resolve().parents[3], seen.append)
    assert [row["round"] for row in seen] == [0, 1, 2]
    assert [row["angles_sha256"] for row in seen] == [row["angles_sha256"] for row in folder.rounds()]
