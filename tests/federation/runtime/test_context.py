"""The settings that an app reads from Flower's context: the run's, with a deployed host's own paths."""

from pathlib import Path

from flwr.app import Context, RecordDict

from qfl.config import Settings
from qfl.federation.runtime.context import DATA_ROOT, HOME, run_settings


def context(node_config, **flat):
    config = Settings.from_flat({"clients.count": 3, **flat}).to_flat()
    return Context(77, 1, node_config, RecordDict(), config)


def test_a_run_that_names_a_folder_keeps_it():
    found = run_settings(context({}, **{"run.folder": "/runs/mine"}))
    assert found.run.folder == "/runs/mine" and found.clients.count == 3


def test_a_run_without_a_folder_gets_one_of_its_number():
    assert run_settings(context({})).run.folder == str(Path.cwd() / "runs" / "flwr-77")


def test_a_deployed_clients_paths_are_its_own():
    own = {HOME: "/srv/client", DATA_ROOT: "/srv/data"}
    found = run_settings(context(own, **{"run.folder": "/server/run", "security.keys": "/server/keys"}))
    assert (found.run.folder, found.security.keys, found.data.root) == ("/srv/client", "/srv/client/keys", "/srv/data")
