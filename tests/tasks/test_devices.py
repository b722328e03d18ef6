"""Training on PennyLane devices: exact where they are exact, and refused before clients start where they cannot run.

Also covers qfl/tasks/devices.py.
"""

import numpy as np
import pytest
import torch

from qfl.config import Settings
from qfl.errors import ConfigError
from qfl.tasks.build import build
from qfl.tasks.local import train_clients

SMALL = {
    "precision": "double",
    "data.pca": 4,
    "model.encoding": "angle",
    "model.qubits": 4,
    "model.ansatz": "hardware_efficient",
    "model.layers": 1,
    "data.labels-per-client": 2,
    "clients.count": 20,
    "train.local-steps": 2,
    "train.batch-size": 3,
}


def trained(**changes):
    setup = build(Settings.from_flat(SMALL | {key.replace("__", "."): value for key, value in changes.items()}))
    updates = train_clients(setup, setup.model.initial(1), 1, [3, 8])
    return np.stack([update.angles for update in updates])


def test_a_device_without_shots_and_noise_trains_to_the_angles_of_the_exact_engine():
    np.testing.assert_allclose(trained(engine="pennylane"), trained(engine="exact"), atol=1e-9)


def test_shots_and_noise_change_the_angles_and_repeat_with_the_seed():
    exact = trained(engine="exact")
    shots, noise = {"engine": "pennylane", "device__shots": 50}, {"engine": "pennylane", "noise__depolarising": 0.05}
    for changes in (shots, noise):
        assert abs(trained(**changes) - exact).max() > 1e-4
        np.testing.assert_array_equal(trained(**changes), trained(**changes))


@pytest.mark.parametrize(
    "changes", [{"device__name": "nope"}, {"device__name": "reference.qubit", "noise__readout": 0.1}]
)
def test_a_device_that_cannot_run_is_refused_when_the_setup_is_built(changes):
    with pytest.raises(ConfigError, match=r"device\.name"):
        trained(engine="pennylane", **changes)


STARS = {
    "task": "d2d",
    "model.name": "sqm_gnn",
    "gnn.layers": 1,
    "gnn.heads": 1,
    "gnn.neighbours": 2,
    "d2d.pairs": 3,
    "d2d.samples": 2,
    "d2d.test-samples": 2,
    "clients.count": 2,
    "train.batch-size": 2,
    "train.local-steps": 2,
    "precision": "double",
}
EDGES = {
    "task": "cell_free",
    "model.name": "edge_plus",
    "cell-free.samples": 2,
    "cell-free.test-samples": 2,
    "cell-free.cloud-steps": 2,
    "clients.count": 3,
    "cell-free.users": 2,
    "train.batch-size": 2,
    "train.local-steps": 2,
    "precision": "double",
}
NETWORKS = {"sqm_gnn": STARS, "qgnn": STARS | {"model.name": "qgnn"}, "edge_plus": EDGES}
NETWORKS["edge_printed"] = EDGES | {"model.name": "edge_printed", "cell-free.antennas": 2}
NETWORKS["qsgcn"] = STARS | {"model.name": "qsgcn", "gnn.neighbours": 0}
REGIONS = EDGES | {"model.name": "ap_user_gnn", "cell-free.loss": "min_rate", "cell-free.aps": 2, "clients.count": 2}
NETWORKS["ap_user_gnn"] = REGIONS | {"gnn.layers": 1, "gnn.heads": 1}


def networked(flat, **changes):
    setup = build(Settings.from_flat(flat | {key.replace("__", "."): value for key, value in changes.items()}))
    return setup, np.stack([update.angles for update in train_clients(setup, setup.model.initial(1), 1, [0, 1])])


@pytest.mark.parametrize("flat", NETWORKS.values(), ids=NETWORKS)
def test_graph_and_edge_models_train_on_an_exact_device_as_on_the_exact_engine(flat):
    (setup, on_device), (_, exact) = networked(flat, engine="pennylane"), networked(flat)
    assert setup.device_test.name == "default.qubit" and abs(exact - setup.model.initial(1)).max() > 1e-6
    np.testing.assert_allclose(on_device, exact, atol=1e-8)
    angles = setup.model.initial(2)
    theirs, ours = (
        task.evaluate(torch.from_numpy(angles), setup.test_batch)[0]["loss"]
        for task in (setup.device_test.task_of(angles), setup.task)
    )
    assert float(theirs) == pytest.approx(float(ours), abs=1e-8)


ONE = {"d2d.samples": 1, "train.batch-size": 1}
FEW = {
    "sqm_gnn": STARS | ONE | {"d2d.pairs": 2, "gnn.neighbours": 1},
    "edge_plus": EDGES,
    "qsgcn": NETWORKS["qsgcn"] | ONE | {"d2d.pairs": 2},
}


@pytest.mark.parametrize("flat", FEW.values(), ids=FEW)
def test_shots_and_noise_move_them_and_repeat_with_the_seed(flat):
    exact = networked(flat)[1]
    for changes in ({"device__shots": 40}, {"noise__readout": 0.1}):
        first, second = (networked(flat, engine="pennylane", **changes)[1] for _ in range(2))
        assert abs(first - exact).max() > 1e-5  # an exact device is 1e-8 off
        np.testing.assert_array_equal(first, second)


def test_shots_differ_between_clients_and_rounds_and_not_between_orders():
    setup = build(Settings.from_flat(FEW["qsgcn"] | {"engine": "pennylane", "device.shots": 40}))
    angles = torch.from_numpy(setup.model.initial(1))
    batch = setup.samples.take(torch.zeros(1, 1, dtype=torch.int64), torch.ones(1, 1, dtype=torch.float64))
    places = [(0, 1), (1, 1), (0, 2)]
    first, again = (
        {place: float(setup.task_of(*place).metrics(angles[None], batch)["loss"]) for place in order}
        for order in (places, places[::-1])
    )
    assert first == again and len(set(first.values())) == 3


TEXT = """
[[qubits]]
t1_s = {}
t2_s = 4e-5
read_1_of_0 = 0.02
"""
COSTS = """
[[gates]]
name = "sx"
duration_s = 35e-9
error = 1e-3

[[gates]]
name = "cx"
duration_s = 3e-7
error = 9e-3
"""


def test_every_client_trains_on_the_device_of_its_own_calibration(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    for name, times in (("a.toml", [1e-4] * 4), ("b.toml", [3e-5] * 4), ("few.toml", [1e-4] * 3)):
        (tmp_path / name).write_text("".join(map(TEXT.format, times)) + COSTS)
    setup = build(Settings.from_flat(SMALL | {"engine": "pennylane", "noise.calibration": "a.toml,b.toml"}))
    updates = {client: train_clients(setup, setup.model.initial(1), 1, [client])[0] for client in (0, 1, 2)}
    assert updates[0].noise == updates[2].noise < updates[1].noise and updates[0].noise > 0.01
    assert setup.device_test.name == "default.mixed (a.toml)"
    both = trained(engine="pennylane", noise__calibration="a.toml,b.toml")
    assert abs(both - trained(engine="exact")).max() > 1e-4
    np.testing.assert_array_equal(both, trained(engine="pennylane", noise__calibration="a.toml,b.toml"))
    with pytest.raises(ConfigError, match=r"few\.toml calibrates 3 qubits, and the circuit has 4"):
        trained(engine="pennylane", noise__calibration="a.toml,few.toml")


def test_stars_too_large_for_a_device_are_refused_before_anybody_starts():
    with pytest.raises(ConfigError, match="a star of k = 8 neighbours has 17 qubits; PennyLane runs k up to 6"):
        networked(STARS | {"d2d.pairs": 9, "gnn.neighbours": 8}, engine="pennylane")
    with pytest.raises(ConfigError, match="a star of k = 8 neighbours has 17 qubits"):
        networked(NETWORKS["ap_user_gnn"] | {"cell-free.aps": 8}, engine="pennylane")


def assigned(**changes):
    setup = build(Settings.from_flat(EDGES | CLOUD | {key.replace("__", "."): value for key, value in changes.items()}))
    return setup.samples.user, setup.samples.test().user


CLOUD = {"cell-free.samples": 40, "cell-free.test-samples": 40, "cell-free.best-of": 1}


@pytest.mark.parametrize("assignment", ["extended", "as_published"])
def test_the_clouds_circuit_runs_on_a_device_too(assignment):
    """Exactly it assigns as the exact engine does; shots change some decisions, and repeat with the seed."""
    exact = assigned(**{"cell-free.assignment": assignment})
    device = {"engine": "pennylane", "cell-free.cloud-engine": "pennylane", "cell-free.assignment": assignment}
    assert all(torch.equal(ours, theirs) for ours, theirs in zip(exact, assigned(**device), strict=True))
    shots = device | {"device.shots": 20}
    first, again = assigned(**shots), assigned(**shots)
    assert all(torch.equal(one, other) for one, other in zip(first, again, strict=True))
    assert not torch.equal(first[0], exact[0]) and not torch.equal(first[0], first[1])
