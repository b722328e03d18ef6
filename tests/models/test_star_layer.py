"""Layers of stars: updates that commute have a faster path, which is the general engine's, values and gradients."""

import pytest
import torch

from qfl.models.star_layer import exact, sampled
from qfl.quantum.convolution import Convolution
from qfl.quantum.noise import NoiseModel
from qfl.quantum.star_phase import COMMUTING, turn
from qfl.seeds import stream


def draw(seed, *shape):
    return torch.from_numpy(stream(seed, "star-layer").uniform(-3, 3, shape))


@pytest.mark.parametrize("message", ["cartan", "controlled", "exponential"])
@pytest.mark.parametrize("update", COMMUTING)
def test_updates_that_commute_are_the_general_engines(message, update):
    convolution = Convolution(message, update)
    clients, layers, heads, k, stars = 2, 2, 3, 5, 4
    index = torch.from_numpy(stream(1, "index").integers(0, stars, (clients, k, stars)))
    shapes = (
        (clients, layers, heads, convolution.num_angles),
        (clients, heads, 2, stars),
        (clients, heads, 2, k, stars),
    )
    leaves = [draw(place, *shape).requires_grad_() for place, shape in enumerate(shapes)]
    results = []
    for execute in (exact, sampled(NoiseModel())):  # the second takes the chain of affine maps
        values = execute(convolution, leaves[0])(1, leaves[1], leaves[2], index)
        weight = torch.linspace(-1, 2, values.numel(), dtype=values.dtype).view(values.shape)
        results.append((values.detach(), *torch.autograd.grad((values * weight).sum(), leaves)))
    assert all(part.abs().max() > 1e-3 for part in results[0])
    torch.testing.assert_close(results[0], results[1], atol=1e-10, rtol=0)


def test_a_turn_that_erases_the_centre_has_a_gradient():
    """A chance of one half and a turn by pi multiply by zero."""
    chance = torch.tensor([[[0.5], [0.5], [0.2]]], dtype=torch.float64).requires_grad_()
    centre = torch.tensor([[[0.6], [0.3], [0.1]]], dtype=torch.float64).requires_grad_()
    angle = torch.tensor([torch.pi], dtype=torch.float64).requires_grad_()
    assert torch.autograd.gradcheck(turn, (centre, chance, angle))
