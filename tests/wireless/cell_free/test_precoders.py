"""Precoders against what they maximise."""

import numpy as np
import pytest
import torch
from scipy.linalg import eigh

from qfl.wireless.cell_free.channel import draw
from qfl.wireless.cell_free.network import CellFree
from qfl.wireless.cell_free.precoders import max_ratio, random_unit, slnr, unconjugated
from qfl.wireless.cell_free.rates import beam_gains

NETWORK = CellFree(num_aps=2, num_antennas=3, interference=0.3, snr_db=8.0)
CHANNEL = draw(NETWORK, 1, 20).true


def own_gain(precoder):
    return beam_gains(CHANNEL, precoder).diagonal(dim1=2, dim2=3)


def test_maximum_ratio_collects_the_whole_channel():
    torch.testing.assert_close(own_gain(max_ratio(CHANNEL)), CHANNEL.abs().square().sum(dim=-1))


def test_the_printed_vector_without_conjugation_collects_less():
    """Its gain is |h^T h|^2 / ||h||^2, which is the whole only where all antennas have the same phase."""
    expected = CHANNEL.square().sum(dim=-1).abs().square() / CHANNEL.abs().square().sum(dim=-1)
    torch.testing.assert_close(own_gain(unconjugated(CHANNEL)), expected)
    assert (own_gain(unconjugated(CHANNEL)) < own_gain(max_ratio(CHANNEL))).all()


def test_slnr_is_the_largest_ratio_of_signal_to_leakage():
    """Its ratio is the largest generalised eigenvalue, the sum running over the other users only."""
    gains = beam_gains(CHANNEL, slnr(CHANNEL, NETWORK))
    for s, m, k in np.ndindex(5, 2, 3):
        h = CHANNEL[s, m].numpy()
        wanted = NETWORK.snr * np.outer(h[k].conj(), h[k])
        others = sum(np.outer(h[j].conj(), h[j]) for j in range(3) if j != k)
        best = eigh(wanted, NETWORK.snr * NETWORK.interference * others + np.eye(3), eigvals_only=True)[-1]
        leaked = float(gains[s, m, k].sum() - gains[s, m, k, k])
        ratio = NETWORK.snr * float(gains[s, m, k, k]) / (NETWORK.snr * NETWORK.interference * leaked + 1)
        assert ratio == pytest.approx(best, rel=1e-9)


def test_random_directions_have_norm_one_and_differ_by_seed():
    beams = random_unit(CHANNEL, 1)
    assert torch.linalg.vector_norm(beams, dim=-1).numpy() == pytest.approx(1.0)
    assert not torch.equal(beams, random_unit(CHANNEL, 2))


@pytest.mark.parametrize("dtype", [torch.complex64, torch.complex128])
def test_single_precision_goes_in_and_comes_out(dtype):
    channel = CHANNEL.to(dtype)
    assert all(beams.dtype == dtype for beams in (max_ratio(channel), slnr(channel, NETWORK), random_unit(channel, 1)))
