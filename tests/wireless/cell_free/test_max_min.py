"""The semidefinite program against closed forms and against ascents."""

import sys

import numpy as np
import pytest
import torch

from qfl.errors import ConfigError, MissingExtra
from qfl.wireless.cell_free.ascent import ascend
from qfl.wireless.cell_free.channel import draw
from qfl.wireless.cell_free.max_min import max_min
from qfl.wireless.cell_free.network import CellFree
from qfl.wireless.cell_free.rates import one_hot

SERVES = np.array([[1, 0, 0], [0, 1, 0], [0, 0, 1], [1, 0, 0]], bool)


def test_without_cvxpy_the_remedy_is_named(monkeypatch):
    monkeypatch.setitem(sys.modules, "cvxpy", None)
    with pytest.raises(MissingExtra, match=r"--editable .\.\[sdp\]"):
        max_min(CellFree(), draw(CellFree(), 1, 1).true[0].numpy(), SERVES)


def test_several_users_for_an_access_point_are_refused():
    with pytest.raises(ConfigError, match="one user each"):
        max_min(CellFree(), draw(CellFree(), 1, 1).true[0].numpy(), np.ones((4, 3), bool))


def test_one_user_gets_maximum_ratio_from_everybody():
    pytest.importorskip("cvxpy")
    network = CellFree(num_users=1, snr_db=5.0)
    channel = draw(network, 1, 1).true[0].numpy()
    found = max_min(network, channel, np.ones((4, 1), bool))
    assert found.bound == pytest.approx(np.log2(1 + network.snr * np.sum(np.abs(channel) ** 2)), abs=2e-3)


def test_with_one_antenna_each_two_powers_are_all_there_is():
    """At the optimum one of the two sends fully, so a search over the other's power finds it."""
    pytest.importorskip("cvxpy")
    network = CellFree(num_aps=2, num_users=2, num_antennas=1, interference=1.0, snr_db=3.0)
    channel = draw(network, 4, 1).true[0].numpy()
    gain = network.snr * np.abs(channel[..., 0]) ** 2
    powers = np.linspace(0, 1, 4001)
    full = np.ones_like(powers)

    def least(p, q):
        first = p * gain[0, 0] / (1 + q * gain[1, 0])
        return np.minimum(first, q * gain[1, 1] / (1 + p * gain[0, 1])).max()

    found = max_min(network, channel, np.eye(2, dtype=bool))
    assert found.bound == pytest.approx(np.log2(1 + max(least(powers, full), least(full, powers))), abs=3e-3)


def test_the_bound_holds_ascents_and_is_reached():
    pytest.importorskip("cvxpy")
    channel = draw(CellFree(), 7, 3).true
    serves = one_hot(torch.tensor([[0, 1, 2, 0]]).expand(3, 4), 3)
    ascended = ascend(CellFree(), channel, serves, "min_rate").score.min_rate
    for h, lower in zip(channel.numpy(), ascended, strict=True):
        found = max_min(CellFree(), h, SERVES, tolerance=1e-2)
        assert 0.9 * found.bound < float(lower) <= found.bound + 1e-6
        assert found.reached == pytest.approx(found.bound, abs=0.05)
        assert np.linalg.norm(found.precoder, axis=1).max() <= 1 + 1e-6
