"""The Flower ServerApp as Flower calls it: a grid, a context of plain values, and nothing back."""

from pathlib import Path

import pytest
from flwr.app import Context, RecordDict

from clients.app import app as client_app
from clients.app import train_batch
from qfl.errors import ConfigError
from qfl.federation.adapter import SUPERLINK_NODE_ID
from qfl.federation.grids.in_process import InProcessGrid
from qfl.results import RunFolder
from server.app import app

CONFIG = {"rounds": 1, "clients.count": 4, "model.layers": 1, "train.local-steps": 1, "security.algorithm": "ML-DSA-44"}


def call(config, nodes=4):
    grid = InProcessGrid(client_app, config, nodes, train_batch, run_id=77)
    app(grid, Context(77, SUPERLINK_NODE_ID, {}, RecordDict(), dict(config)))


def test_results_are_where_the_run_config_says(tmp_path):
    call(CONFIG | {"run.folder": str(tmp_path / "here")})
    assert RunFolder(tmp_path / "here").header["final"]["rounds"] == 1


def test_without_a_folder_server_and_clients_agree_on_one_named_after_flowers_run(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    call(CONFIG)
    folder = RunFolder(Path("runs") / "flwr-77")
    assert folder.rounds()[1]["accepted"] == 4


def test_the_strategy_is_looked_up_by_name(tmp_path):
    with pytest.raises(ConfigError, match="'fedavgg': there is no such strategy; did you mean 'fedavg'"):
        call(CONFIG | {"run.folder": str(tmp_path / "run"), "strategy.name": "fedavgg"})
    assert not (tmp_path / "run").exists()


def test_a_grid_of_another_size_is_refused(tmp_path):
    with pytest.raises(ConfigError, match=r"clients\.count = 4, but 5 nodes are connected"):
        call(CONFIG | {"run.folder": str(tmp_path / "run")}, nodes=5)
    assert RunFolder(tmp_path / "run").header["status"] == "failed"
