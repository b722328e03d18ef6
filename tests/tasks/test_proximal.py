"""The proximal distance against its formula, autograd and the Euclidean term."""

from math import inf, pi

import numpy as np
import pytest
import torch

from qfl.tasks.proximal import proximal_distance, proximal_gradient

PERIODS = torch.tensor([2 * pi, 4 * pi, 1.5, inf], dtype=torch.float64)


def vectors(seed, spread, *shape):
    rng = np.random.default_rng(seed)
    received = torch.tensor(rng.uniform(-3, 3, 4))
    return received + torch.tensor(rng.normal(0, spread, (*shape, 4))), received


def test_the_distance_is_the_cosine_formula():
    angles, received = vectors(1, 2.0)
    d = (angles - received).numpy()
    periods = PERIODS.numpy()[:3]
    expected = np.sum((periods / (2 * pi)) ** 2 * (1 - np.cos(2 * pi * d[:3] / periods))) + d[3] ** 2 / 2
    assert proximal_distance(angles, received, PERIODS).item() == pytest.approx(expected, rel=1e-12)


@pytest.mark.parametrize("spread", [0.0, 1e-4, 1.0, 20.0])
def test_the_gradient_is_what_autograd_finds(spread):
    angles, received = vectors(2, spread, 5)
    angles.requires_grad_()
    proximal_distance(angles, received, PERIODS).sum().backward()
    torch.testing.assert_close(
        angles.grad, proximal_gradient(angles.detach(), received, PERIODS), atol=1e-12, rtol=1e-9
    )


def test_small_differences_and_infinite_periods_give_half_the_squared_distance():
    angles, received = vectors(3, 1e-4)
    half_square = 0.5 * (angles - received).square().sum()
    torch.testing.assert_close(proximal_distance(angles, received, PERIODS), half_square, rtol=1e-6, atol=0)
    far, received = vectors(3, 5.0)
    euclidean = proximal_distance(far, received, torch.full((4,), inf, dtype=torch.float64))
    torch.testing.assert_close(euclidean, 0.5 * (far - received).square().sum())


def test_whole_periods_cost_nothing():
    angles, received = vectors(4, 0.5)
    shift = torch.tensor([3.0, -1.0, 2.0, 0.0]) * torch.where(PERIODS.isinf(), 0.0, PERIODS)
    first, second = (proximal_distance(a, received, PERIODS) for a in (angles, angles + shift))
    torch.testing.assert_close(first, second)


def test_clients_are_independent():
    angles, received = vectors(5, 1.0, 3)
    together = proximal_distance(angles, received, PERIODS)
    alone = torch.stack([proximal_distance(each, received, PERIODS) for each in angles])
    torch.testing.assert_close(together, alone)


def test_single_precision_keeps_its_digits_for_tiny_differences():
    """The cosine form would give 0 here: 1 - cos(1e-4) is below single precision's resolution at 1."""
    distance = proximal_distance(torch.tensor([1e-4]), torch.tensor([0.0]), torch.tensor([2 * pi]))
    assert distance.dtype == torch.float32
    assert distance.item() == pytest.approx(0.5e-8, rel=1e-6)
