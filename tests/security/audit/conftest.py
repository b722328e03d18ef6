"""One run of four rounds, with a deployed client's folder, made once; each test tampers with a copy."""

import shutil

import pytest
from flwr.clientapp import ClientApp

from qfl.config import Settings
from qfl.federation.adapter import PARTITION_ID_KEY
from qfl.federation.client import train
from qfl.federation.grids.in_process import InProcessGrid
from qfl.federation.runtime.context import DATA_ROOT, HOME
from qfl.federation.runtime.roll_call import answer
from qfl.federation.server import serve
from qfl.results import RunFolder
from strategies.registry import make

DEPLOYED = 2
FLAT = {
    "rounds": 4,
    "backend": "sequential",
    "clients.count": 4,
    "model.layers": 1,
    "train.local-steps": 1,
    "security.algorithm": "ML-DSA-44",
}


def run(home, path, **changes):
    """Run a federation of which one client has a folder of its own, as on a host of its own."""
    settings = Settings.from_flat({**FLAT, "run.folder": str(path), **changes})
    app = ClientApp()
    app.query()(answer)

    @app.train()
    def trained(message, context):
        if context.node_config[PARTITION_ID_KEY] == DEPLOYED:
            if not (home / "keys").exists():
                shutil.copytree(f"{settings.run.folder}/keys", home / "keys")
                (home / "state").mkdir()
            context.node_config |= {HOME: str(home), DATA_ROOT: settings.data.root}
        return train([message], [context])[0]

    return serve(InProcessGrid(app, settings.to_flat(), settings.clients.count), settings, make)


@pytest.fixture(scope="session")
def original(tmp_path_factory):
    """Return a place with the folders ``run`` and ``host``."""
    place = tmp_path_factory.mktemp("audit")
    assert run(place / "host", place / "run").header["status"] == "completed"
    return place


@pytest.fixture
def federate():
    """Return a function of a client's folder, a run folder and further settings."""
    return run


@pytest.fixture
def place(original, tmp_path):
    """Return a copy of that."""
    return shutil.copytree(original, tmp_path / "copy")


@pytest.fixture
def folder(place):
    """Return the run folder of the copy."""
    return RunFolder(place / "run")
