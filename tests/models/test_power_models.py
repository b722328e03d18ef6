"""The networks that choose D2D powers share an interface: pure, equivariant, one client or many."""

from functools import partial

import numpy as np
import pytest
import torch

from qfl.errors import DataError
from qfl.models.gcn import Gcn
from qfl.models.qgnn import Qgnn
from qfl.models.sqm_gnn import SqmGnn
from qfl.models.wcgcn import Wcgcn
from qfl.testing.kits import run
from qfl.testing.kits.model import checks
from qfl.wireless.d2d import SETUPS, sample_links
from qfl.wireless.d2d_rates import link_snr

MODELS = {"wcgcn": Wcgcn(), "gcn": Gcn(), "sqm_gnn": SqmGnn(layers=2, heads=2, k=6)}
models = pytest.mark.parametrize("model", MODELS.values(), ids=MODELS)


def channels(count, seed=1):
    links = sample_links(SETUPS["printed"], count, seed, "d2d-test")
    return torch.from_numpy(link_snr(links.gain, 1.0, SETUPS["printed"].noise_w))


def angles_of(model, seed=1):
    return torch.from_numpy(model.initial(seed))


@models
def test_powers_are_within_range_and_the_model_conforms(model):
    snr, order = channels(3), torch.from_numpy(np.random.default_rng(2).permutation(20))
    powers = model.powers(angles_of(model), snr, noise_w=1.0)
    assert powers.shape == (3, 20) and 0 < powers.min() and powers.max() < 1
    assert powers.std() > 1e-3
    symmetry = (lambda gain: gain[:, order][:, :, order], lambda power: power[:, order])
    both, outputs = torch.stack([snr, channels(3, seed=2)]), partial(model.powers, noise_w=1.0)
    assert run(checks(model, outputs, (both,), (3, 20), symmetries=(symmetry,))) == []


@models
def test_the_direction_of_interference_matters(model):
    snr = channels(2)
    assert not torch.allclose(
        model.powers(angles_of(model), snr, noise_w=1.0), model.powers(angles_of(model), snr.mT, noise_w=1.0)
    )


@models
def test_watts_and_noise_enter_as_their_ratio(model):
    snr = channels(2)
    assert torch.allclose(
        model.powers(angles_of(model), snr, noise_w=2.0, pmax_w=6.0),
        6.0 * model.powers(angles_of(model), 3.0 * snr, noise_w=1.0),
    )


@models
@pytest.mark.parametrize("bad", [0.0, float("nan"), -1.0])
def test_gains_without_a_logarithm_are_refused(model, bad):
    snr = channels(1)
    snr[0, 3, 4] = bad
    with pytest.raises(DataError, match="zero, negative or not finite"):
        model.powers(angles_of(model), snr, noise_w=1.0)
    with pytest.raises(DataError, match="1 link"):
        model.powers(angles_of(model), torch.ones(1, 1, 1, dtype=torch.float64), noise_w=1.0)


@pytest.mark.parametrize("kind", [SqmGnn, Qgnn, Wcgcn, Gcn])
def test_a_model_without_layers_is_refused(kind):
    with pytest.raises(ValueError, match="layers = 0: expected 1 or more"):
        kind(layers=0)


@pytest.mark.parametrize("name", ["node_hidden", "feature_bound", "neighbour_subsampling"])
def test_a_negative_size_is_refused(name):
    with pytest.raises(ValueError, match=f"{name} = -1: expected 0 or more"):
        SqmGnn(**{name: -1})
