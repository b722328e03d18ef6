"""Training on PennyLane devices: exact where they are exact, and refused before clients start where they cannot run."""

import numpy as np
import pytest

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
