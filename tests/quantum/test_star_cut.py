"""The cut: a whole star is the product of its groups, and its shots have the variance that is stated.

Also covers qfl/models/star_product.py.
"""

from itertools import product

import pytest
import torch

from qfl.errors import ConfigError, InputError
from qfl.models.sqm_gnn import SqmGnn
from qfl.models.star_device import on_device
from qfl.models.star_layer import exact, sampled
from qfl.models.star_product import multiplied
from qfl.quantum.convolution import Convolution
from qfl.quantum.noise import NoiseModel
from qfl.quantum.star_cut import joined, num_groups, shot_variance
from qfl.seeds import stream

TURNS = [("cartan", "gated"), ("cartan", "conditional"), ("controlled", "cartan_gated"), ("cartan_gated",)]


def whole(convolution, angles):
    """Return the general engine's chain of affine maps, which knows nothing of turns."""
    return sampled(NoiseModel())(convolution, angles)


def draw(*shape, seed=1):
    return torch.from_numpy(stream(seed, "star-cut", *shape).uniform(-3, 3, shape))


def layer_of(convolution, k, stars=3, heads=2, clients=2):
    """Return angles, nodes, edges and neighbours of a layer."""
    index = torch.from_numpy(stream(1, "star-cut-index").integers(0, stars, (clients, k, stars)))
    angles = draw(clients, 1, heads, convolution.num_angles)
    return angles, draw(clients, heads, 2, stars), draw(clients, heads, 2, k, stars), index


@pytest.mark.parametrize("forms", TURNS)
@pytest.mark.parametrize(("k", "size"), [(19, 6), (7, 6), (4, 6), (5, 1)])
def test_a_star_of_any_size_is_the_product_of_its_groups(forms, k, size):
    """Values and gradients, against the chain over all 2k + 1 qubits."""
    convolution = Convolution(*forms)
    angles, node, edge, index = layer_of(convolution, k)
    leaves = [part.requires_grad_() for part in (angles, node, edge)]
    found = []
    for execute in (whole, multiplied(lambda group: exact, size), multiplied(lambda group: whole, size)):
        values = execute(convolution, angles)(0, node, edge, index)
        weight = torch.linspace(-1, 2, values.numel(), dtype=values.dtype).view(values.shape)
        found.append((values.detach(), *torch.autograd.grad((values * weight).sum(), leaves)))
    for cut in found[1:]:
        torch.testing.assert_close(cut, found[0], atol=1e-12, rtol=0)


def test_a_subsampled_star_is_cut_into_single_neighbours():
    convolution = Convolution("cartan", "gated")
    angles, node, edge, index = layer_of(convolution, 19)
    kept = torch.tensor([[0.2, 0.7], [1.0, 0.4]], dtype=torch.float64)
    cut = multiplied(lambda group: exact)(convolution, angles)(0, node, edge, index, kept)
    torch.testing.assert_close(cut, whole(convolution, angles)(0, node, edge, index, kept), atol=1e-12, rtol=0)


@pytest.mark.parametrize("forms", [("cartan", "gated"), ("controlled", "conditional")])
def test_groups_on_pennylane_are_pennylanes_whole_star(forms):
    """Five neighbours on 11 qubits, and as groups of two on five."""
    convolution = Convolution(*forms)
    given = layer_of(convolution, 5, heads=1, clients=1)
    on_whole = on_device()(convolution, given[0])(0, *given[1:])
    on_groups = multiplied(lambda group: on_device(axes=("X", "Y")), 2)(convolution, given[0])(0, *given[1:])
    torch.testing.assert_close(on_groups, on_whole, atol=1e-10, rtol=0)


def test_the_variance_of_a_product_is_that_of_all_outcomes():
    """Two groups, one and two shots: every outcome with its probability."""
    centre, factors = torch.tensor([1.1, 0.7]).double(), torch.tensor([0.6 - 0.3j, -0.2 + 0.7j]).to(torch.complex128)
    for shots in (1, 2):
        mean, square = torch.zeros(2).double(), torch.zeros(2).double()
        values = [2 * ups / shots - 1 for ups in range(shots + 1)]
        for outcome in product(range(shots + 1), repeat=4):  # X and Y of both groups
            chance = 1.0
            for ups, expected in zip(outcome, torch.view_as_real(factors).flatten().tolist(), strict=True):
                up = (1 + expected) / 2
                chance *= [1 - up, up][ups] if shots == 1 else [(1 - up) ** 2, 2 * up * (1 - up), up**2][ups]
            seen = torch.tensor([values[ups] for ups in outcome]).double().view(2, 2)
            point = joined(centre, torch.view_as_complex(seen))[:2]
            mean, square = mean + chance * point, square + chance * point.square()
        torch.testing.assert_close(mean, joined(centre, factors)[:2])
        torch.testing.assert_close(shot_variance(centre, factors, shots), square - mean.square())


@pytest.mark.parametrize("kept", [1.0, 0.3])
def test_shots_of_a_layer_have_the_stated_variance(kept):
    """4,000 equal stars of 8 neighbours: means and variances, within five standard errors."""
    convolution, stars = Convolution("cartan", "gated"), 4000
    angles, node, edge, _ = layer_of(convolution, 8, 1, 1, 1)
    node, edge = node.expand(-1, -1, -1, stars), edge.expand(-1, -1, -1, -1, stars)
    index, share = torch.zeros(1, 8, stars, dtype=torch.int64), None if kept == 1 else torch.tensor([[kept]]).double()
    size, shots = 3 if share is None else 1, 40
    shot = multiplied(lambda group: sampled(NoiseModel(), shots, (7, group)), 3)
    seen = shot(convolution, angles)(0, node, edge, index, share)[0, 0, :2]
    plus = torch.tensor([[[[torch.pi / 2], [0.0]]]]).double()
    parts = [
        exact(convolution, angles)(0, node[..., :1], far, index[..., :1][:, : far.shape[3]], None, plus)[0, 0, :2, 0]
        for far in edge[..., :1].split(size, 3)
    ]
    factors = torch.view_as_complex(torch.stack(parts))
    stated = shot_variance(node[0, 0, :, 0], factors, shots, kept)
    true = joined(node[0, 0, :, 0], 1 + kept * (factors - 1))[:2]
    assert ((seen.mean(1) - true).abs() < 5 * (stated / stars).sqrt()).all()
    assert ((seen.var(1) / stated - 1).abs() < 5 * (2 / stars) ** 0.5 * 1.5).all() and (stated > 1e-3).all()


def test_a_trained_models_39_qubits_run_on_13():
    model = SqmGnn(layers=2, heads=2)
    angles = torch.from_numpy(model.initial(1))[None]
    gain = torch.from_numpy(10 ** stream(1, "gain").normal(3, 1, (1, 3, 20, 20)))
    stars = model.stars(gain)
    assert stars.index.shape[1] == 19 and num_groups(19) == 4
    expected = model.outputs(angles, stars)
    torch.testing.assert_close(
        model.outputs(angles, stars, multiplied(lambda group: exact)), expected, atol=1e-12, rtol=0
    )


def test_what_is_no_product_is_refused():
    model = SqmGnn(layers=1, heads=1, update="cartan", neighbour_subsampling=0)
    angles = torch.from_numpy(model.initial(1))[None]
    stars = model.stars(torch.ones(1, 1, 9, 9).double())
    with pytest.raises(ConfigError, match="'cartan' does more than to turn the centre about Z"):
        model.outputs(angles, stars, multiplied(lambda group: exact))
    with pytest.raises(InputError, match="shots = 0: expected 1 or more"):
        shot_variance(torch.zeros(2), torch.ones(1) + 0j, 0)
