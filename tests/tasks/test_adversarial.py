"""Adversarial inputs against closed forms, and training on them against the plain trainer."""

import numpy as np
import pytest
import torch

from qfl.angles import AngleLayout
from qfl.config import Settings
from qfl.errors import ConfigError
from qfl.tasks.adversarial import Ball, Box, Cap, hardened, pushed
from qfl.tasks.build import build
from qfl.tasks.classify import Batch, ClassifyTask
from qfl.tasks.local import train_clients

SMALL = {"precision": "double", "clients.count": 12, "model.layers": 3, "data.partition": "quantity"}
HARD = {"train.adversarial": 0.1, "train.adversarial-steps": 2}


def setup(**changes):
    return build(Settings.from_flat(SMALL | changes))


class Linear:
    """Logits that are the inputs times fixed weights."""

    layout = AngleLayout((), ())

    def initial(self, seed):
        return np.zeros(0)

    def __init__(self, weights):
        self.weights = torch.tensor(weights, dtype=torch.float64)

    def logits(self, angles, inputs):
        return inputs @ self.weights.T


def linear_batch():
    inputs = torch.tensor([[0.5, 0.5, 0.02], [0.5, 0.5, 0.99]], dtype=torch.float64)
    return Batch(inputs, torch.tensor([0, 1]), torch.ones(2, dtype=torch.float64))


def test_of_a_linear_model_fgsm_is_the_worst_corner_of_the_box():
    """The loss of two classes grows with (w1 - w0) x, whose largest value in the box is known."""
    task = ClassifyTask(Linear([[1.0, -2.0, 0.5], [-1.0, 1.0, 3.0]]), 2)
    batch = linear_batch()
    found = pushed(task, torch.zeros(0, dtype=torch.float64), batch, Box(0.1)).inputs
    slope = torch.tensor([-1.0, 1.0, 1.0], dtype=torch.float64)  # signs of w1 - w0: up for label 0, down for label 1
    expected = (batch.inputs + 0.1 * torch.stack((slope, -slope))).clamp(0, 1)
    torch.testing.assert_close(found, expected)
    torch.testing.assert_close(pushed(task, torch.zeros(0), batch, Box(0.1), 7).inputs, expected)


@pytest.mark.parametrize("ball", [Box(0.2), Cap(0.3)])
@pytest.mark.parametrize("steps", [1, 5])
def test_what_comes_out_is_in_the_ball_and_harder(ball, steps):
    own = setup()
    angles = torch.from_numpy(own.model.initial(1))
    batch = own.test_batch
    assert isinstance(ball, Ball)
    draws = torch.from_numpy(np.random.default_rng(1).uniform(-1, 1, batch.inputs.shape)) if steps > 1 else None
    found = pushed(own.task, angles, batch, ball, steps, draws)
    if isinstance(ball, Box):
        assert (found.inputs - batch.inputs).abs().max() <= 0.2 + 1e-12
        assert found.inputs.min() >= 0 and found.inputs.max() <= 1
    else:
        unit = [each / each.norm(dim=-1, keepdim=True) for each in (found.inputs, batch.inputs)]
        assert (unit[0] - unit[1]).norm(dim=-1).max() <= 0.3 + 1e-9
        torch.testing.assert_close(found.inputs.norm(dim=-1), batch.inputs.norm(dim=-1))
    before, after = (own.task.metrics(angles, each)["loss"] for each in (batch, found))
    assert after > before


def test_a_step_on_the_sphere_of_two_dimensions_is_a_known_turn():
    """In the plane a cap is an arc: a chord of 2 sin(a / 2) turns by a, and further steps end at the rim."""
    x = torch.tensor([[2.0, 0.0]], dtype=torch.float64)
    cap = Cap(2 * np.sin(0.2))
    slope = torch.tensor([[-7.0, 3.0]], dtype=torch.float64)
    rim = 2 * torch.tensor([[np.cos(0.4), np.sin(0.4)]])
    there = cap.move(x, slope, x, 2 * np.sin(0.05))
    torch.testing.assert_close(there, 2 * torch.tensor([[np.cos(0.1), np.sin(0.1)]]))
    torch.testing.assert_close(cap.move(there, slope, x, 1.0), rim)
    torch.testing.assert_close(cap.move(x, torch.zeros_like(x), x, 1.0), x)


def test_the_slope_is_the_models_own():
    """One small step raises the loss by what finite differences of a second program, the dense simulator, say."""
    from qfl.testing.dense import dense_expectations

    own = setup(**{"data.side": 2, "model.qubits": 4, "model.encoding": "angle", "model.layers": 2})
    angles, (inputs, labels, _) = own.model.initial(3), own.test_batch
    sample, label = inputs[:1], int(labels[0])
    batch = Batch(sample, labels[:1], torch.ones(1, dtype=torch.float64))
    found = pushed(own.task, torch.from_numpy(angles), batch, Box(1e-6, -1, 2)).inputs

    def loss(point):
        logits = 10.0 * dense_expectations(own.model.circuit, angles, point[None])[0]
        return np.log(np.exp(logits - logits[label]).sum())

    x = sample[0].numpy()
    slope = [loss(x + 1e-4 * e) - loss(x - 1e-4 * e) for e in np.eye(4)]
    np.testing.assert_array_equal(np.sign(found[0].numpy() - x), np.sign(slope))


def test_training_without_it_is_as_before_and_with_it_one_client_equals_all():
    own, plain = setup(**HARD), setup()
    start, clients = own.model.initial(1), [7, 0, 3]
    together = train_clients(own, start, 2, clients)
    alone = [update for client in clients for update in train_clients(own, start, 2, [client])]
    for one, other, before in zip(together, alone, train_clients(plain, start, 2, clients), strict=True):
        np.testing.assert_allclose(one.angles, other.angles, atol=1e-10)
        assert np.abs(one.angles - before.angles).max() > 1e-4 and one.loss > before.loss
    batch = plain.samples.part(plain.parts[0])
    assert hardened(plain.settings, plain.task, torch.zeros(1, 1), batch, 1, 0, [0]) is batch


@pytest.mark.parametrize(
    "changes", [{"engine": "pennylane"}, {"task": "d2d", "model.name": "qgnn"}, {"train.adversarial": -0.1}]
)
def test_what_has_no_slopes_in_samples_is_refused(changes):
    with pytest.raises(ConfigError, match=r"train\.adversarial = "):
        Settings.from_flat({"train.adversarial": 0.1} | changes)
