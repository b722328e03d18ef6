"""Rates against the sums of Eqs. (4) and (5), written out."""

from dataclasses import replace

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from qfl.wireless.cell_free.channel import draw
from qfl.wireless.cell_free.network import CellFree
from qfl.wireless.cell_free.precoders import max_ratio, random_unit, slnr
from qfl.wireless.cell_free.rates import evaluate, link_rates, one_hot, user_rates


def eq_5(network, h, user, v):
    """One sample: rates by the double loop; v has one beam for each access point."""
    rates = []
    for k in range(network.num_users):
        power = [abs(h[m, k] @ v[m]) ** 2 for m in range(network.num_aps)]
        wanted = sum(p for m, p in enumerate(power) if user[m] == k)
        foreign = sum(p for m, p in enumerate(power) if user[m] != k)
        rates.append(np.log2(1 + network.snr * wanted / (network.snr * network.interference * foreign + 1)))
    return rates


def eq_4(network, h, user, v, m):
    k = user[m]
    power = [abs(h[n, k] @ v[n]) ** 2 for n in range(network.num_aps)]
    foreign = network.interference * (sum(power) - power[m])
    return np.log2(1 + network.snr * power[m] / (network.snr * foreign + 1))


@settings(max_examples=15)
@given(st.integers(0, 10**6), st.integers(1, 5), st.integers(1, 4), st.integers(1, 3), st.floats(0, 1))
def test_rates_are_those_of_the_paper(seed, aps, users, antennas, interference):
    network = CellFree(num_aps=aps, num_users=users, num_antennas=antennas, interference=interference, snr_db=7.0)
    h = draw(network, seed, 3).true
    user = torch.from_numpy(np.random.default_rng(seed).integers(0, users, (3, aps)))
    beams = random_unit(h, seed)
    serves = one_hot(user, users)
    got, links = user_rates(network, h, serves, beams), link_rates(network, h, serves, beams)
    for s in range(3):
        v = [beams[s, m, user[s, m]].numpy() for m in range(aps)]
        assert got[s].tolist() == pytest.approx(eq_5(network, h[s].numpy(), user[s], v), abs=1e-9)
        for m in range(aps):
            expected = eq_4(network, h[s].numpy(), user[s], v, m)
            assert float(links[s, m, user[s, m]]) == pytest.approx(expected, abs=1e-9)
    assert not links[~serves].any()


def test_coherent_signals_add_before_they_are_squared():
    network = CellFree(num_users=1, coherent=True, snr_db=0.0)
    h = draw(network, 1, 4).true
    everybody = torch.ones(4, 4, 1)
    rate = user_rates(network, h, everybody, max_ratio(h))
    amplitude = torch.linalg.vector_norm(h, dim=-1).sum(dim=1)
    torch.testing.assert_close(rate, torch.log2(1 + amplitude**2))
    assert (rate > user_rates(replace(network, coherent=False), h, everybody, max_ratio(h))).all()


def test_one_access_point_for_each_user_is_the_same_coherent_or_not():
    network = CellFree(num_aps=3)
    h = draw(network, 1, 6).true
    serves = one_hot(torch.arange(3).expand(6, 3), 3)
    coherent = user_rates(replace(network, coherent=True), h, serves, slnr(h, network))
    torch.testing.assert_close(coherent, user_rates(network, h, serves, slnr(h, network)))


def test_an_unserved_user_has_rate_zero():
    h = draw(CellFree(), 1, 4).true
    score = evaluate(CellFree(), h, one_hot(torch.zeros(4, 4, dtype=torch.int64), 3), max_ratio(h))
    assert not score.min_rate.any() and (score.sum_rate > 0).all()


@pytest.mark.parametrize("coherent", [False, True])
def test_rates_have_the_gradient_of_differences(coherent):
    network = CellFree(coherent=coherent, snr_db=5.0)
    h = draw(network, 1, 2).true
    serves = one_hot(torch.tensor([[0, 1, 2, 0], [2, 2, 1, 0]]), 3)

    def total(parts):
        return user_rates(network, h, serves, torch.view_as_complex(parts)).sum()

    parts = torch.view_as_real(max_ratio(h) * 0.9).clone().requires_grad_()
    assert torch.autograd.gradcheck(total, (parts,))
