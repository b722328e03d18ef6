"""A kernel that is trained: its states, its kernels, its gradients; and the points that train it.

Also covers points.py.
"""

import numpy as np
import pytest
import torch

from qfl.backbone.applications.anomaly import feature_map, machines
from qfl.backbone.applications.anomaly.model import KERNELS, KernelMachine, fidelity, gaussian, states
from qfl.backbone.applications.anomaly.points import load
from qfl.backbone.applications.anomaly.telemetry_rows import KINDS, draw_telemetry
from qfl.errors import ConfigError
from qfl.models.model import Model

ROWS = np.random.default_rng(1).normal(size=(7, 4))


@pytest.mark.parametrize("qubits", [1, 2, 4, 7])
def test_states_are_the_feature_maps(qubits):
    rows = np.random.default_rng(qubits).normal(size=(5, qubits))
    for bandwidth in (0.3, 1.0):
        assert np.allclose(states(torch.from_numpy(bandwidth * rows)), feature_map.states(rows, bandwidth), atol=1e-14)


def test_kernels_are_those_of_the_detectors():
    rows, marks = torch.from_numpy(ROWS), torch.from_numpy(ROWS[:3])
    assert np.allclose(fidelity(0.5 * rows, 0.5 * marks), machines.quantum_fidelity(ROWS, ROWS[:3], 0.5), atol=1e-14)
    assert np.allclose(gaussian(0.5 * rows, 0.5 * marks), machines.gaussian(ROWS, ROWS[:3], 0.5), atol=1e-14)


@pytest.mark.parametrize("kernel", KERNELS)
def test_clients_at_once_get_what_each_gets_alone_and_gradients_are_right(kernel):
    model = KernelMachine(3, 2, kernel=kernel, qubits=2, landmarks=4)
    assert isinstance(model, Model)
    angles = torch.stack([torch.from_numpy(model.initial(seed)) for seed in (1, 2)]).requires_grad_()
    inputs = torch.from_numpy(np.random.default_rng(3).normal(size=(2, 5, 3)))
    together = model.logits(angles, inputs)
    assert together.shape == (2, 5, 2)
    for one in (0, 1):
        assert torch.allclose(together[one], model.logits(angles[one], inputs[one]), atol=1e-14)
    assert torch.autograd.gradcheck(lambda given: model.logits(given, inputs), angles)


def test_what_is_quantum_is_counted():
    assert KernelMachine(12, 2).num_quantum == 12 * 4 + 16 * 4
    assert KernelMachine(12, 2, kernel="gaussian").num_quantum == 0


@pytest.mark.parametrize(
    "given", [{"kernel": "laplace"}, {"qubits": 0}, {"qubits": 17}, {"landmarks": 0}, {"landmarks": 257}]
)
def test_what_cannot_be_made_is_refused(given):
    with pytest.raises(ConfigError, match="give"):
        KernelMachine(4, 2, **given)


def test_points_have_met_the_kinds_that_they_should():
    found = load(1, points=6, rows=40, test_rows=10, kinds=2)
    names = tuple(KINDS)
    again = draw_telemetry(40, 0.5, 10_005, (names[0], names[1]))
    own = found["client"] == 5
    assert np.array_equal(found["x"][own], again.rows) and np.array_equal(found["y"][own], again.anomalous)
    assert len(found["y_test"]) == 60 and found["y_test"].sum() == 30


IMPOSSIBLE = {"points": [0], "rows": [1], "test_rows": [10_001], "kinds": [0, 6], "share": [0.0, 1.0, float("nan")]}


@pytest.mark.parametrize("given", [{name: value} for name, values in IMPOSSIBLE.items() for value in values])
def test_points_that_cannot_be_are_refused(given):
    with pytest.raises(ConfigError, match="give"):
        load(1, **given)
