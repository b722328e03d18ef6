"""Layers of stars: updates that commute have a faster path, which is the general engine's, values and gradients."""

from itertools import combinations, product

import numpy as np
import pytest
import torch

from qfl.errors import ConfigError
from qfl.models.sqm_gnn import SqmGnn
from qfl.models.star_device import on_device
from qfl.models.star_layer import exact, sampled
from qfl.quantum.convolution import Convolution
from qfl.quantum.noise import NoiseModel
from qfl.quantum.star_chain import bloch
from qfl.quantum.star_phase import commutes, turn
from qfl.seeds import stream


def draw(seed, *shape):
    return torch.from_numpy(stream(seed, "star-layer").uniform(-3, 3, shape))


FORMS = [*product(("cartan", "controlled", "exponential"), ("conditional", "gated")), ("told",)]


@pytest.mark.parametrize("forms", FORMS)
def test_updates_that_commute_are_the_general_engines(forms):
    convolution = Convolution(*forms)
    assert commutes(convolution)
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


@pytest.mark.parametrize("update", ["gated", "cartan"])
def test_a_thinned_star_is_the_mean_over_all_draws_of_its_neighbours(update):
    """Every subset of the neighbours is run as a star of its own and weighed with its probability."""
    convolution, heads, k, stars = Convolution("cartan", update), 2, 4, 3
    index = torch.from_numpy(stream(1, "index").integers(0, stars, (1, k, stars)))
    angles, node = draw(1, 1, 1, heads, convolution.num_angles), draw(2, 1, heads, 2, stars)
    edge, kept = draw(3, 1, heads, 2, k, stars), torch.tensor([[0.2, 0.7]], dtype=torch.float64)
    run, expected = exact(convolution, angles), torch.zeros(1, heads, 3, stars, dtype=torch.float64)
    for size in range(k + 1):
        weight = kept**size * (1 - kept) ** (k - size)
        for some in map(list, combinations(range(k), size)):
            value = run(0, node, edge[:, :, :, some], index[:, some]) if some else bloch(node[0])[None]
            expected += weight[..., None, None] * value
    torch.testing.assert_close(run(0, node, edge, index, kept), expected, atol=1e-12, rtol=0)


def test_a_star_is_thinned_only_where_it_is_larger_than_asked_for():
    model = SqmGnn(layers=1, heads=2, k=0, sampling="all", update="gated", thinning=3, hidden=(4,))
    assert model._kept({}, 0, 3) is None
    parts = {"thinning": torch.tensor([[[0.0, 50.0]]])}
    torch.testing.assert_close(model._kept(parts, 0, 12), torch.tensor([[0.5, 0.25]]))
    angles = torch.from_numpy(model.initial(1)).requires_grad_()
    names = np.array([name.split(".")[0] for name in model.layout.names])
    for links, trained in ((4, False), (5, True)):
        gain = torch.from_numpy(10 ** stream(links, "gain").normal(3, 1, (4, links, links)))
        (gradient,) = torch.autograd.grad(model.powers(angles, gain).square().sum(), angles)
        assert (gradient[names == "thinning"] != 0).all() == trained
    with pytest.raises(ConfigError, match="a star of k = 4 neighbours is thinned"):
        model.outputs(angles[None], model.stars(gain[None]), on_device())
