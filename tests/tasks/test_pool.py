"""Clients on a pool: the exact engine's angles without shots, cut or whole, and bad pools refused before training.

Also covers qfl/federation/records/pool_rows.py, qfl/federation/grids/pool.py.
"""

from dataclasses import replace

import numpy as np
import pytest

from qfl.config import Settings
from qfl.errors import ConfigError
from qfl.federation.runtime.launch import run_app
from qfl.quantum.client_noise import SERVER
from qfl.tasks.build import build
from qfl.tasks.local import train_clients
from qfl.tasks.pool import UNSHOT
from tests.conftest import ROOT

POOL = """
[[backend]]
name = "host"
kind = "cpu"
solver = "annealing"

[[backend]]
name = "a"
kind = "qpu"
simulated = true
qubits = {qubits}
setup-s = 0.01
shot-s = 1e-4
power-w = 100.0
{more}
"""
RUN = {
    "engine": "pool",
    "precision": "double",
    "rounds": 2,
    "data.pca": 4,
    "data.partition": "iid",
    "model.encoding": "angle",
    "model.qubits": 4,
    "model.ansatz": "real_brick",
    "model.layers": 2,
    "clients.count": 4,
    "clients.per-round": 3,
    "train.local-steps": 2,
    "train.batch-size": 2,
}


@pytest.fixture
def flat(tmp_path):
    """Give settings of a run on a pool whose QPU has as many qubits as are asked for."""

    def settings(qubits=3, more="", **changes):
        path = tmp_path / f"pool{qubits}{abs(hash(more))}.toml"
        path.write_text(POOL.format(qubits=qubits, more=more))
        return RUN | {"device.pool": str(path)} | {key.replace("__", "."): value for key, value in changes.items()}

    return settings


def trained(flat):
    setup = build(Settings.from_flat(flat))
    return train_clients(setup, setup.model.initial(1), 1, [0, 3])


@pytest.mark.parametrize("qubits", [3, 4])
def test_without_shots_clients_reach_the_angles_of_the_exact_engine(flat, qubits):
    exact = trained(RUN | {"engine": "exact"})
    found = trained(flat(qubits))
    for one, other in zip(found, exact, strict=True):
        np.testing.assert_allclose(one.angles, other.angles, atol=1e-9)
    assert all(update.shots == 0 for update in found)


def test_with_shots_the_angles_repeat_and_the_job_has_the_shots_that_were_run(flat):
    given = flat(device__shots=20)
    first, again = trained(given), trained(given)
    for one, other in zip(first, again, strict=True):
        np.testing.assert_array_equal(one.angles, other.angles)
    plan = build(Settings.from_flat(given)).pool
    round_ = plan.round(1, [0, 3])
    assert [sum(round_.clients[c].shots.values()) for c in (0, 3)] == [update.shots for update in first]
    assert all(0 < update.extra_shots < update.shots for update in first)
    assert np.abs(first[0].angles - trained(RUN | {"engine": "exact"})[0].angles).max() > 1e-4


class Enough(Exception):
    """Stops a run from outside."""


def stop_after_the_first(row):
    if row["round"] == 1:
        raise Enough


def test_a_run_leaves_decisions_energy_and_misses_and_goes_on_with_its_clock_where_it_was_stopped(flat, tmp_path):
    alone_s = build(Settings.from_flat(flat(device__shots=5))).pool.round(1, [0]).seconds
    given = flat(device__shots=5) | {"device.deadline-s": 2.2 * alone_s, "round.quorum": 0.3}
    whole = run(given, tmp_path / "whole")
    rounds, clients = [row["pool"] for row in whole.rounds()[1:]], [row for row in whole.clients() if row["round"] == 1]
    assert [(row["served"], row["missed"]) for row in rounds] == [(2, 1)] * 2
    assert rounds[1]["clock_s"] == pytest.approx(2 * 2.2 * alone_s + sum(row["test_s"] for row in rounds))
    (missed,) = [row for row in clients if row["reason"] == "pool-deadline"]
    assert missed["status"] == "missing" and missed["pool"]["end_s"] is None
    served = [row["pool"] for row in clients if row["status"] == "accepted"]
    assert rounds[0]["energy_j"] == pytest.approx(100.0 * sum(job["busy_s"] for job in served))
    with pytest.raises(Enough):
        run_app(Settings.from_flat(given | {"run.folder": str(tmp_path / "cut")}), ROOT, stop_after_the_first)
    resumed = run(given | {"run.resume": True}, tmp_path / "cut")
    assert [row["pool"] for row in resumed.rounds()[1:]] == rounds
    assert resumed.header["final"]["angles_sha256"] == whole.header["final"]["angles_sha256"]


def test_a_client_whose_qpu_fails_is_missing(flat, tmp_path):
    found = run(flat(more="failure = 0.5", device__shots=5) | {"round.quorum": 0.1}, tmp_path / "fails")
    lost = [row for row in found.clients() if row["reason"] == "pool-failed"]
    assert 0 < len(lost) < 6 and "QPU a failed" in lost[0]["detail"]
    assert sum(row["pool"]["failed"] for row in found.rounds()[1:]) == len(lost)


def test_the_test_is_a_job_and_exact_values_are_charged_all_the_same(flat):
    setup = build(Settings.from_flat(flat()))
    job = setup.pool.test(1).clients[SERVER]
    circuits = sum(load.circuits for load in setup.pool.loads)
    assert sum(job.shots.values()) == len(setup.test_batch.labels) * circuits * UNSHOT


@pytest.mark.parametrize(
    ("changes", "says"),
    [
        ({"device.pool": ""}, "needs a pool of QPUs"),
        ({"device.pool": "nowhere.toml"}, "there is no such file"),
        ({"noise.readout": 0.1}, "without noise"),
        ({"model.name": "mlp"}, "runs model.name = 'vqc'"),
        ({"model.encoding": "amplitude"}, "use 'angle'|model.encoding = 'angle'"),
        ({"engine": "exact"}, "runs nothing there"),
        ({"security.aggregation": "masked"}, "asks all of them twice"),
        ({"device.scheduler": "fifo"}, "expected one of ours"),
        ({"device.deadline-s": -1.0}, "at least 0"),
    ],
)
def test_what_cannot_hold_is_refused_in_a_sentence(flat, changes, says):
    with pytest.raises(ConfigError, match=says):
        build(Settings.from_flat(flat() | changes))


@pytest.mark.parametrize(
    ("qubits", "more", "says"),
    [
        (0, "solver = 'qaoa'", "has no QPU that takes circuits"),
        (1, "", "no cuts make it fit 1"),
        (3, "depth = 2", "no QPU of the pool takes"),
        (3, "drift = 0.1\ncalibration-s = 9.0", "circuits here run without noise"),
        (-1, "", "qubits is -1"),
        (3, "layer-s = nan", "layer_s is nan"),
    ],
)
def test_pools_that_no_circuit_can_run_on_are_refused(flat, qubits, more, says):
    with pytest.raises(ConfigError, match=says):
        build(Settings.from_flat(flat(qubits, more)))


def test_a_pool_without_virtual_time_and_a_cpu_with_qubits_are_refused(flat, tmp_path):
    given = flat()
    path = tmp_path / "timed.toml"
    path.write_text(POOL.format(qubits=3, more="").replace("simulated = true", ""))
    with pytest.raises(ConfigError, match="has no virtual time"):
        build(Settings.from_flat(given | {"device.pool": str(path)}))
    path.write_text(POOL.format(qubits=3, more="").replace('"annealing"', '"annealing"\nqubits = 3'))
    with pytest.raises(ConfigError, match="and that to a qpu"):
        build(Settings.from_flat(given | {"device.pool": str(path)}))


def test_server_and_clients_compare_what_the_pool_holds(flat, tmp_path):
    one = build(Settings.from_flat(flat()))
    path = tmp_path / "other.toml"
    path.write_text(POOL.format(qubits=3, more="queue-s = 1.0"))
    other = replace(one, settings=Settings.from_flat(flat() | {"device.pool": str(path)}))
    same = tmp_path / "same.toml"
    same.write_text(POOL.format(qubits=3, more=""))
    moved = replace(one, settings=Settings.from_flat(flat() | {"device.pool": str(same)}))
    assert one.digest == moved.digest != other.digest


def run(flat, folder):
    return run_app(Settings.from_flat(flat | {"run.folder": str(folder)}), ROOT)
