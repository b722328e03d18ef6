"""The natural gradient of clients: one step against the formula, all at once against one by one."""

from typing import Any

import numpy as np
import pytest
import torch

from qfl.config import Settings
from qfl.models.vqc import Vqc
from qfl.quantum.circuit import Angle, Circuit, Gate
from qfl.quantum.metric_tensor import metric_tensor
from qfl.tasks.build import build
from qfl.tasks.local import Guidance, client_batches, train_clients
from qfl.tasks.natural import MetricRequest, preconditioner

FLAT = {
    "precision": "double",
    "clients.count": 6,
    "model.layers": 3,
    "model.head": "scale-bias",
    "data.partition": "dirichlet",
    "train.learning-rate": 0.1,
}


def setup(**changes):
    return build(Settings.from_flat(FLAT | changes))


@pytest.mark.parametrize("approximation", ["block-diag", "diag"])
@pytest.mark.parametrize("ansatz", ["real_ring", "strongly_entangling"])
def test_a_step_is_the_regularised_inverse_of_the_mean_metric_times_the_gradient(approximation, ansatz):
    s = setup(**{"train.local-steps": 1, "train.batch-size": 10_000, "model.ansatz": ansatz})
    samples: Any = s.samples
    model: Any = s.model
    start, own, count = s.model.initial(1), s.parts[2], model.circuit.num_angles
    angles = torch.from_numpy(start).requires_grad_()
    loss = torch.nn.functional.cross_entropy(model.logits(angles, samples.inputs[own]), samples.labels[own])
    gradient = torch.autograd.grad(loss, angles)[0].numpy()
    metric = metric_tensor(model.circuit, start[:count], samples.inputs[own[:5]], approximation=approximation)
    expected = gradient.copy()
    expected[:count] = np.linalg.solve(metric.numpy().mean(0) + 0.2 * np.eye(count), gradient[:count])
    (update,) = train_clients(s, start, 1, [2], Guidance(metric=MetricRequest(approximation, 0.2, 5)))
    np.testing.assert_allclose(update.angles, start - 0.1 * expected, atol=1e-10)
    assert np.abs(expected - gradient).max() > 0.1 * np.abs(gradient).max()


def test_clients_together_step_as_each_does_alone_also_with_fewer_samples_than_the_metric_asks_for():
    s, guidance = setup(**{"clients.count": 60}), Guidance(metric=MetricRequest("block-diag", 0.1, 20))
    assert min(len(part) for part in s.parts[:6]) < 20 < max(len(part) for part in s.parts[:6])
    start = s.model.initial(1)
    for update in train_clients(s, start, 2, range(6), guidance):
        (alone,) = train_clients(s, start, 2, [update.client], guidance)
        np.testing.assert_allclose(update.angles, alone.angles, atol=1e-10)


def test_layers_that_share_an_angle_are_inverted_as_one():
    gates = (*(Gate("RY", (wire,), (Angle(wire),)) for wire in range(6)), Gate("CNOT", (0, 1)))
    circuit = Circuit(6, (*gates, Gate("RX", (1,), (Angle(0),)), Gate("RX", (1,), (Angle(6),))), ((0,),) * 10, True, 64)
    s = setup(**{"train.batch-size": 3})
    object.__setattr__(s, "model", Vqc(s.settings.model, 64, 10, circuit=circuit))
    start, batches = s.model.initial(1), client_batches(s, 1, [0])
    found = preconditioner(s, start, batches, MetricRequest("block-diag", 0.1, 3))
    samples: Any = s.samples
    metric = metric_tensor(circuit, start[:7], samples.inputs[batches[0, 0]], approximation="block-diag").mean(0)
    ones = torch.ones(1, len(start), dtype=torch.float64)
    expected = torch.linalg.solve(metric + 0.1 * torch.eye(7), ones[0, :7])
    np.testing.assert_allclose(found.applied(ones)[0, :7], expected, atol=1e-10)
