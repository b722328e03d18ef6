"""Layers of stars: updates that commute have a faster path, which is the general engine's, values and gradients.

Also covers qfl/quantum/star_phase.py.
"""

from itertools import combinations, product

import numpy as np
import pytest
import torch

from qfl.errors import ConfigError
from qfl.models.sqm_gnn import SqmGnn
from qfl.models.star_device import on_device
from qfl.models.star_layer import exact, sampled
from qfl.quantum.blocks import BLOCKS
from qfl.quantum.convolution import Convolution
from qfl.quantum.exact import expectations
from qfl.quantum.noise import NoiseModel
from qfl.quantum.star_chain import bloch
from qfl.quantum.star_circuit import AXES, star_circuit
from qfl.quantum.star_phase import turn
from qfl.seeds import stream


def draw(seed, *shape):
    return torch.from_numpy(stream(seed, "star-layer").uniform(-3, 3, shape))


TWO_WIRES = [name for name, block in BLOCKS.items() if block.num_wires == 2]
FORMS = [*product(TWO_WIRES, BLOCKS), *((name,) for name, block in BLOCKS.items() if block.num_wires == 3)]


def run_layer(execute, convolution, leaves, index, kept=None):
    """Return a layer's values and the gradients of a weighted sum of them."""
    values = execute(convolution, leaves[0])(leaves[0].shape[1] - 1, *leaves[1:], index, kept)
    weight = torch.linspace(-1, 2, values.numel(), dtype=values.dtype).view(values.shape)
    return values.detach(), *torch.autograd.grad((values * weight).sum(), leaves)


def leaves_of(convolution, clients, layers, heads, k, stars):
    shapes = (
        (clients, layers, heads, convolution.num_angles),
        (clients, heads, 2, stars),
        (clients, heads, 2, k, stars),
    )
    return [draw(place, *shape).requires_grad_() for place, shape in enumerate(shapes)]


TURNS = [forms for forms in FORMS if forms[-1] in ("conditional", "gated", "cartan_gated")]
CASES = [*((forms, 3, True) for forms in TURNS), *((forms, 1, False) for forms in TURNS[-5:])]


@pytest.mark.parametrize(("forms", "k", "thinning"), CASES)
def test_turns_are_the_general_engines(forms, k, thinning):
    """Values and gradients, of many clients whose stars share neighbours; the general engine's maps do not commute."""
    convolution = Convolution(*forms)
    clients, layers, heads, stars = 2, 2, 2, 3
    index = torch.from_numpy(stream(1, "index").integers(0, stars, (clients, k, stars)))
    kept = torch.tensor([[0.2, 0.7], [1.0, 0.4]], dtype=torch.float64) if thinning else None
    leaves = leaves_of(convolution, clients, layers, heads, k, stars)
    ours = run_layer(exact, convolution, leaves, index, kept)
    general = run_layer(sampled(NoiseModel()), convolution, leaves, index, kept)  # the chain of affine maps
    assert all(part.abs().max() > 1e-3 for part in ours)
    torch.testing.assert_close(ours, general, atol=1e-10, rtol=0)
    single = [leaf.detach().float().requires_grad_() for leaf in leaves]
    values = run_layer(exact, convolution, single, index, None if kept is None else kept.float())[0]
    torch.testing.assert_close(values.double(), ours[0], atol=1e-5, rtol=0)


@pytest.mark.parametrize("forms", [forms for forms in FORMS if "exponential" not in forms])
def test_every_form_is_the_statevectors(forms):
    convolution, index = Convolution(*forms), torch.tensor([[[1], [0]]]).mT
    angles, *qubits = leaves_of(convolution, 1, 1, 1, 1, 2)
    ours, theirs = (execute(convolution, angles.detach())(0, *qubits, index) for execute in (exact, on_statevector))
    torch.testing.assert_close(ours, theirs, atol=1e-10, rtol=0)


@pytest.mark.parametrize(
    "forms", [("cartan_gated",), ("gated",), ("cartan", "cartan_gated"), ("conditional", "cartan_gated")]
)
def test_turns_are_pennylanes(forms):
    convolution, index = Convolution(*forms), torch.tensor([[[0]]])
    leaves = leaves_of(convolution, 1, 1, 1, 1, 1)
    ours, theirs = (run_layer(execute, convolution, leaves, index) for execute in (exact, on_device()))
    torch.testing.assert_close(ours, theirs, atol=1e-10, rtol=0)


def on_statevector(convolution, angles):
    """Return a layer whose stars are run as circuits of 2k + 1 qubits."""

    def run(layer, node, edge, index, kept=None):
        (k, stars), values = index.shape[1:], []
        neighbour = node[0, 0].gather(-1, index[0].flatten()[None].expand(2, -1)).unflatten(-1, (k, stars))
        wires = torch.cat((node[0, 0].unsqueeze(1), neighbour, edge[0, 0]), 1)
        inputs = wires.permute(2, 1, 0).flatten(1)
        for axis in AXES:
            values.append(expectations(star_circuit(k, convolution, axis), angles[0, layer, 0], inputs).squeeze(-1))
        return torch.stack(values)[None, None]

    return run


def test_forms_that_do_not_fit_are_refused():
    for forms in (("cartan_gated", "cartan"), ("cartan",), ("cartan", "nonsense"), ("", "gated")):
        with pytest.raises(ValueError, match="expected a block of"):
            Convolution(*forms)


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
    model = SqmGnn(layers=1, heads=2, k=0, sampling="all", update="gated", neighbour_subsampling=3, hidden=(4,))
    assert model._kept({}, 0, 3) is None
    parts = {"thinning": torch.tensor([[[0.0, 50.0]]])}
    torch.testing.assert_close(model._kept(parts, 0, 12), torch.tensor([[0.5, 0.25]]))
    angles = torch.from_numpy(model.initial(1)).requires_grad_()
    names = np.array([name.split(".")[0] for name in model.layout.names])
    for links, trained in ((4, False), (5, True)):
        gain = torch.from_numpy(10 ** stream(links, "gain").normal(3, 1, (4, links, links)))
        (gradient,) = torch.autograd.grad(model.powers(angles, gain).square().sum(), angles)
        assert (gradient[names == "thinning"] != 0).all() == trained
    with pytest.raises(ConfigError, match="a star of k = 4 neighbours is subsampled"):
        model.outputs(angles[None], model.stars(gain[None]), on_device())
