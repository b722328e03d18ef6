"""SQM-GNN: pure, stacked, permutation equivariant; forgetting measured; bad channels refused.

Also covers qfl/models/qgnn.py, qfl/models/star_device.py, qfl/models/star_gnn.py, qfl/models/star_inputs.py and
qfl/models/stars.py.
"""

from functools import partial

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from qfl.errors import ConfigError, DataError, InputError
from qfl.models.features import Features, fit_features
from qfl.models.qgnn import Qgnn
from qfl.models.sqm_gnn import SqmGnn
from qfl.models.star_device import on_device
from qfl.models.star_layer import sampled
from qfl.models.stars import canonical, random_neighbours, strongest
from qfl.quantum.noise import NoiseModel
from qfl.seeds import stream

SMALL = {"layers": 2, "heads": 2, "k": 3, "hidden": (5,)}
IN_A_CHAIN = SMALL | {"update": "cartan"}


def channels(samples=3, links=6, seed=1):
    """Gains over noise with direct links stronger than the others."""
    decades = stream(seed, "channels").normal(3, 1, (samples, links, links)) + 3 * np.eye(links)
    return torch.from_numpy(10**decades)


def entries(model, seed=1, clients=None):
    vectors = [model.initial(seed + client) for client in range(clients or 1)]
    return torch.from_numpy(np.stack(vectors) if clients else vectors[0])


@settings(max_examples=25)
@given(
    seed=st.integers(0, 2**32),
    links=st.integers(2, 9),
    sampling=st.sampled_from(["strongest", "all"]),
    kind=st.sampled_from([SqmGnn, Qgnn, partial(SqmGnn, update="cartan")]),
)
def test_powers_are_permutation_equivariant(seed, links, sampling, kind):
    model = kind(**SMALL | {"k": min(3, links - 1)}, sampling=sampling, neighbour_subsampling=2)
    gain, order = channels(2, links, seed), torch.from_numpy(stream(seed, "order").permutation(links))
    angles = entries(model, seed)
    powers = model.powers(angles, gain)
    permuted = model.powers(angles, gain[:, order][:, :, order])
    assert powers.std() > 0
    torch.testing.assert_close(permuted, powers[:, order], atol=1e-9, rtol=0)


def test_neighbours_are_ordered_by_interference_over_signal_and_equal_ones_by_their_feature():
    gain = torch.full((4, 4), 1.0)
    gain[range(4), range(4)] = torch.tensor([8.0, 9.0, 8.0, 7.0])
    # of link 0: both directions with 1 and with 2 are at most 1/8, with 3 it is 1/7; 2 has the smaller direct gain
    assert strongest(gain, 3)[0].tolist() == [2, 1, 3]
    assert strongest(gain, 2)[0].tolist() == [1, 3]
    swapped = torch.tensor([0, 2, 1, 3])
    assert strongest(gain[swapped][:, swapped], 3)[0].tolist() == [1, 2, 3]


def test_the_value_depends_on_the_order_of_the_chain():
    """Why a canonical order is needed at all; gated updates commute."""
    for model, matters in ((SqmGnn(**IN_A_CHAIN), True), (SqmGnn(**SMALL), False)):
        stars = model.stars(channels()[None])
        flipped = stars._replace(edge=stars.edge.flip(2), index=stars.index.flip(1))
        angles = entries(model)[None]
        difference = (model.outputs(angles, stars) - model.outputs(angles, flipped)).abs().max()
        assert difference > 1e-4 if matters else difference < 1e-12


def test_random_neighbours_are_those_given_in_canonical_order():
    model = SqmGnn(**SMALL, sampling="random")
    gain, angles = channels(), entries(model)
    chosen = random_neighbours(1, "test", shape=(2, 3), num_links=6, k=3)
    own = torch.arange(6)[:, None]
    assert not (chosen == own).any() and (chosen.sort(-1).values.diff(dim=-1) > 0).all()
    shuffled = chosen[..., torch.tensor([2, 0, 1])]
    expected = model.powers(angles, gain, chosen=chosen)
    torch.testing.assert_close(model.powers(angles, gain, chosen=shuffled), expected)
    other = random_neighbours(2, "test", shape=(2, 3), num_links=6, k=3)
    assert (model.powers(angles, gain, chosen=other) - expected).abs().max() > 1e-4
    assert canonical(gain, chosen[0])[0, 0].tolist() == [j for j in strongest(gain, 5)[0, 0] if j in chosen[0, 0, 0]]
    without = model.powers(angles, gain)
    assert torch.equal(model.powers(angles, gain), without) and (without - expected).abs().max() > 1e-4


def test_random_neighbours_of_all_are_all():
    all_of_them = SqmGnn(**SMALL, sampling="all")
    drawn = SqmGnn(**SMALL, sampling="random")
    chosen = random_neighbours(1, shape=(2, 3), num_links=6, k=5)
    gain, angles = channels(), entries(drawn)
    torch.testing.assert_close(drawn.powers(angles, gain, chosen=chosen), all_of_them.powers(angles, gain))


def test_stacked_clients_get_what_they_get_alone():
    model = SqmGnn(**SMALL)
    gain, angles = torch.stack([channels(seed=1), channels(seed=2)]), entries(model, clients=2)
    together = model.powers(angles, gain, noise_w=0.5, pmax_w=2.0)
    for client in range(2):
        alone = model.powers(angles[client], gain[client], noise_w=0.5, pmax_w=2.0)
        torch.testing.assert_close(together[client], alone, atol=1e-12, rtol=0)
    assert together.min() >= 0 and together.max() <= 2 and together.max() > 0.5


def test_only_gain_times_power_over_noise_matters():
    model = SqmGnn(**SMALL)
    gain, angles = channels(), entries(model)
    torch.testing.assert_close(
        model.powers(angles, gain / 4, noise_w=0.5, pmax_w=2.0), 2 * model.powers(angles, gain), atol=1e-12, rtol=0
    )


def test_nothing_depends_on_the_number_of_links():
    model = SqmGnn(**SMALL)
    angles = entries(model)
    for links in (4, 10, 40):
        assert model.powers(angles, channels(2, links)).shape == (2, links)


def test_gradients_reach_every_entry():
    model = SqmGnn(**SMALL)
    angles = entries(model).requires_grad_()
    (gradient,) = torch.autograd.grad(model.powers(angles, channels(8)).square().sum(), angles)
    dead = [name for name, value in zip(model.layout.names, gradient, strict=True) if value == 0]
    # turns of a qubit that is traced out next change nothing, and stars of three are not subsampled
    assert all(name.split(".")[0] in ("message", "update", "thinning") for name in dead)


def test_weights_of_the_rates_are_a_feature_where_asked_for():
    gain = channels()
    alpha = torch.from_numpy(stream(1, "alpha").uniform(0.1, 1, (3, 6)))
    features = fit_features(gain, ("direct", "alpha"), alpha=alpha)
    weighted, plain = SqmGnn(**SMALL, features=features), SqmGnn(**SMALL)
    angles = entries(weighted)
    assert (weighted.powers(angles, gain, alpha=alpha) - weighted.powers(angles, gain)).abs().max() > 1e-4
    angles = entries(plain)
    torch.testing.assert_close(plain.powers(angles, gain, alpha=alpha), plain.powers(angles, gain))


def test_fitted_features_are_standardised():
    gain = channels(200)
    features = fit_features(gain)
    node, edges = features.node_values(gain), features.edge_values(gain)
    others = ~torch.eye(6, dtype=torch.bool).expand(gain.shape)
    for values in (*node, *(edge[others] for edge in edges)):
        assert abs(values.mean()) < 0.02 and abs(values.std() - 1) < 0.02
    with pytest.raises(ValueError, match="unknown feature 'colour'"):
        Features((("colour", 0.0, 1.0),), ())
    with pytest.raises(ValueError, match="positive"):
        Features((("direct", 0.0, 0.0),), ())


@pytest.mark.parametrize("kind", [SqmGnn, Qgnn])
def test_pennylane_runs_the_same_model(kind):
    model = kind(layers=2, heads=1, k=2, hidden=(4,))
    angles, stars = entries(model)[None], model.stars(channels(1, 3)[None])
    expected = model.outputs(angles, stars)
    torch.testing.assert_close(model.outputs(angles, stars, on_device()), expected, atol=1e-9, rtol=0)
    torch.testing.assert_close(model.outputs(angles, stars, sampled(NoiseModel())), expected, atol=1e-9, rtol=0)


def test_the_first_qgnn_is_sqm_gnn_with_its_gates_in_another_order():
    later, first = SqmGnn(**SMALL, neighbour_subsampling=0), Qgnn(**SMALL)
    angles = entries(later)
    message, update, rest = angles.split((2 * 2 * 15, 2 * 2, len(angles) - 2 * 2 * 16))
    same = torch.cat((torch.cat((message.view(4, 15), update.view(4, 1)), 1).flatten(), rest))
    torch.testing.assert_close(first.powers(same, channels()), later.powers(angles, channels()), atol=1e-12, rtol=0)


def test_noise_without_a_statevector_is_pennylanes():
    noise = NoiseModel(depolarising=0.01, readout=0.02)
    model = SqmGnn(layers=1, heads=1, k=1, hidden=(4,))
    angles, stars = entries(model)[None], model.stars(channels(1, 2)[None])
    expected = model.outputs(angles, stars, on_device(noise=noise))
    torch.testing.assert_close(model.outputs(angles, stars, sampled(noise)), expected, atol=1e-7, rtol=0)
    assert (model.outputs(angles, stars) - expected).abs().max() > 1e-4


def test_shots_are_spread_as_pennylanes():
    """Mean and variance over many draws of the same layer."""
    model = SqmGnn(layers=1, heads=1, k=1, hidden=(4,))
    angles, stars = entries(model)[None], model.stars(channels(1, 60)[None])
    exact = model.outputs(angles, stars).logit()
    errors = [
        model.outputs(angles, stars, run).logit() - exact for run in (on_device(shots=50), sampled(NoiseModel(), 50))
    ]
    sizes = [float(error.std()) for error in errors]
    assert 0.01 < sizes[0] and 0.6 < sizes[0] / sizes[1] < 1.6
    repeated = model.outputs(angles, stars, sampled(NoiseModel(), 50)).logit() - exact
    torch.testing.assert_close(repeated, errors[1])


def test_pennylane_refuses_stars_that_are_too_large():
    model = SqmGnn(layers=1, heads=1, k=7, hidden=(4,))
    stars = model.stars(channels(1, 9)[None])
    with pytest.raises(ConfigError, match="15 qubits"):
        model.outputs(entries(model)[None], stars, on_device())


def test_the_parameters_are_counted_and_apart():
    model = SqmGnn()
    layout = model.layout
    assert len(layout) == len(model.initial(1))
    periods = np.array(layout.periods)
    assert np.isfinite(periods[: layout.num_angles]).all() and np.isinf(periods[layout.num_angles :]).all()
    assert layout.num_angles == 6 * 4 * (15 + 1 + 2 + 2)
    assert all(periods[list(triple)].tolist() == [2 * np.pi] * 3 for triple in layout.rotations)
    assert (model.initial(1) == model.initial(1)).all() and (model.initial(1) != model.initial(2)).any()


def test_too_many_neighbours_are_clipped_with_a_notice():
    model = SqmGnn(**SMALL | {"k": 12})
    with pytest.warns(UserWarning, match="k = 12 neighbours clipped to 5: the network has 6 links"):
        powers = model.powers(entries(model), channels())
    assert torch.isfinite(powers).all()


@pytest.mark.parametrize("value", [0.0, -1.0, float("nan"), float("inf")])
def test_gains_without_a_logarithm_are_refused(value):
    gain = channels()
    gain[1, 2, 3] = value
    model = SqmGnn(**SMALL)
    with pytest.raises(
        DataError, match=r"1 of 108 gains are zero, negative or not finite, the first at \(0, 1, 2, 3\)"
    ):
        model.powers(entries(model), gain)


def test_a_network_of_one_link_is_refused():
    with pytest.raises(DataError, match="1 link"):
        SqmGnn(**SMALL).powers(entries(SqmGnn(**SMALL)), channels(2, 1))
    with pytest.raises(ConfigError, match="k = -1"):
        model = SqmGnn(**SMALL | {"k": -1})
        model.powers(entries(model), channels())


@pytest.mark.parametrize("clients", [0, 1, 3])
def test_stars_of_another_number_of_clients_than_angles_are_refused(clients):
    model = SqmGnn(**SMALL)
    stars = model.stars(channels()[None].expand(2, -1, -1, -1))
    angles = torch.from_numpy(model.initial(1)).expand(clients, -1)
    with pytest.raises(InputError, match=f"angles are of {clients} clients, stars of 2; give as many of both"):
        model.outputs(angles, stars)


@pytest.mark.parametrize(
    ("changed", "says"),
    [
        (lambda s: s._replace(node=s.node[:, :, 1:]), "of the axis star, where node has"),
        (lambda s: s._replace(edge=s.edge[..., 1:, :]), "of the axis neighbour, where edge has"),
        (lambda s: s._replace(index=s.index[:1]), "of the axis client, where node has 2"),
        (lambda s: s._replace(node=s.node[:, 1:]), "node has 1 features, but 2 are read"),
        (lambda s: s._replace(edge=s.edge[:, 1:]), "edge has 3 features, but 4 are read"),
        (lambda s: s._replace(edge=s.edge[None], index=s.index[None]), "give none, or one of 2 layers"),
        (lambda s: s._replace(index=s.index + 1), "but there are 18 stars; count them from 0"),
        (lambda s: s._replace(index=s.index - 1), "index has -1 to"),
        (lambda s: s._replace(index=s.index[0, 0]), "index has 1 axes"),
    ],
)
def test_stars_whose_fields_do_not_fit_each_other_are_refused(changed, says):
    model = SqmGnn(**SMALL | {"layers": 2})
    stars = model.stars(channels()[None].expand(2, -1, -1, -1))
    angles = torch.from_numpy(model.initial(1)).expand(2, -1)
    with pytest.raises(InputError, match=says):
        model.outputs(angles, changed(stars))
