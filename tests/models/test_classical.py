"""One table of classical models; what must hold for each is asked of every row.

Also covers qfl/models/linear.py, qfl/models/logistic.py and qfl/models/mlp.py.
"""

from math import inf, sqrt

import numpy as np
import pytest
import torch
from torch import nn

from qfl.data.digits import load_digits
from qfl.models.cnn import make_cnn
from qfl.models.linear import make_linear
from qfl.models.logistic import make_logistic
from qfl.models.mlp import make_mlp
from qfl.testing.kits import run
from qfl.testing.kits.model import checks


def convolutions(hidden, features):
    return (
        *(nn.Conv2d(1, hidden, 3, padding=1), nn.ReLU(), nn.MaxPool2d(2)),
        *(nn.Conv2d(hidden, hidden, 3, padding=1), nn.ReLU(), nn.MaxPool2d(2)),
        *(nn.Flatten(), nn.Linear(features, 10)),
    )


# name -> model, features of a sample, the same network made of torch's own modules
MODELS = {
    "logistic": (make_logistic(64, 10), 64, nn.Linear(64, 10)),
    "linear": (make_linear(9, 3), 9, nn.Linear(9, 3)),
    "relu": (make_mlp(9, 3, hidden=5), 9, nn.Sequential(nn.Linear(9, 5), nn.ReLU(), nn.Linear(5, 3))),
    "tanh": (make_mlp(9, 3, 5, "tanh"), 9, nn.Sequential(nn.Linear(9, 5), nn.Tanh(), nn.Linear(5, 3))),
    "cnn 8": (make_cnn(64, 10, hidden=4), 64, nn.Sequential(nn.Unflatten(1, (1, 8, 8)), *convolutions(4, 16))),
    "cnn 7": (make_cnn(49, 10, hidden=3), 49, nn.Sequential(nn.Unflatten(1, (1, 7, 7)), *convolutions(3, 3))),
    "cnn 28": (make_cnn(784, 10, hidden=2), 784, nn.Sequential(nn.Unflatten(1, (1, 28, 28)), *convolutions(2, 98))),
}
every_model = pytest.mark.parametrize("name", MODELS)


def clients_of(name, count):
    model, features, _ = MODELS[name]
    angles = torch.tensor(np.stack([model.initial(seed) for seed in range(count)]))
    angles = angles + 0.1 * torch.randn(angles.shape, generator=torch.Generator().manual_seed(1), dtype=torch.float64)
    inputs = torch.rand(count, 6, features, generator=torch.Generator().manual_seed(2), dtype=torch.float64)
    return model, angles.requires_grad_(), inputs


@every_model
def test_logits_and_gradients_are_those_of_torchs_own_modules(name):
    model, angles, inputs = clients_of(name, 1)
    reference = MODELS[name][2].double()
    nn.utils.vector_to_parameters(angles[0].detach(), reference.parameters())
    expected, logits = reference(inputs[0]), model.logits(angles[0], inputs[0])
    assert torch.allclose(logits, expected, atol=1e-12, rtol=0)
    gradient = torch.autograd.grad(logits.square().sum(), angles)[0][0]
    reference.zero_grad()
    expected.square().sum().backward()
    expected_gradient = torch.cat([parameter.grad.flatten() for parameter in reference.parameters()])
    assert torch.allclose(gradient, expected_gradient, atol=1e-10, rtol=0)


@every_model
def test_every_size_and_activation_conforms(name):
    model, _, inputs = clients_of(name, 3)
    labels = 10 if name.startswith(("logistic", "cnn")) else 3
    assert run(checks(model, model.logits, (inputs,), (6, labels))) == []


@every_model
def test_a_vector_has_one_uniquely_named_entry_per_parameter_of_torchs_modules_and_no_angles(name):
    model, _, reference = MODELS[name]
    assert len(model.layout) == sum(parameter.numel() for parameter in reference.parameters())
    assert len(model.initial(0)) == len(model.layout) and model.layout.num_angles == 0
    assert set(model.layout.periods) == {inf}


@pytest.mark.parametrize(
    ("model", "count"),
    [
        (make_logistic(784, 10), 784 * 10 + 10),
        (make_mlp(784, 10, hidden=32), 784 * 32 + 32 + 32 * 10 + 10),
        (make_cnn(784, 10, hidden=32), 9 * 32 + 32 + 9 * 32 * 32 + 32 + 32 * 49 * 10 + 10),
    ],
)
def test_parameters_of_the_mnist_baselines_are_counted_by_hand(model, count):
    assert len(model.layout) == count


@pytest.mark.parametrize(
    ("model", "weights", "bound"),
    [
        (make_logistic(64, 10), slice(0, 640), sqrt(6 / 74)),
        (make_mlp(64, 10, hidden=32), slice(0, 2048), sqrt(6 / 64)),
        (make_mlp(64, 10, 32, "tanh"), slice(0, 2048), sqrt(6 / 96)),
        (make_cnn(64, 10, hidden=16), slice(160, 160 + 2304), sqrt(6 / 144)),
        (make_cnn(64, 10, hidden=16), slice(160 + 2320, 160 + 2320 + 640), sqrt(6 / 74)),
    ],
)
def test_initial_weights_fill_their_interval_and_biases_start_at_zero(model, weights, bound):
    initial = model.initial(0)
    assert 0.98 * bound < np.abs(initial[weights]).max() <= bound
    assert np.std(initial[weights]) == pytest.approx(bound / sqrt(3), rel=0.05)  # of a uniform distribution
    is_bias = np.array(["bias" in name for name in model.layout.names])
    assert not initial[is_bias].any() and initial[~is_bias].all()


@pytest.mark.parametrize(
    ("model", "learning_rate", "least"),
    [(make_logistic(64, 10), 0.1, 0.94), (make_mlp(64, 10, 32), 0.05, 0.95), (make_cnn(64, 10, 8), 0.02, 0.93)],
)
def test_every_baseline_learns_the_digits_centrally(model, learning_rate, least):
    train, test = load_digits(seed=1)
    angles = torch.tensor(model.initial(1), requires_grad=True)
    optimizer = torch.optim.Adam([angles], lr=learning_rate)
    inputs, labels = torch.tensor(train.inputs), torch.tensor(train.labels)
    for _ in range(80):
        optimizer.zero_grad()
        nn.functional.cross_entropy(model.logits(angles, inputs), labels).backward()
        optimizer.step()
    right = model.logits(angles, torch.tensor(test.inputs)).argmax(-1) == torch.tensor(test.labels)
    assert right.double().mean() >= least
