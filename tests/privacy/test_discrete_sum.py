"""Sums of discrete Gaussians: the bound against the divergence of the very distributions, by brute force."""

import numpy as np
import pytest
from scipy.special import logsumexp

from qfl.privacy.discrete_sum import BITS, share_variance, summed_multiplier, whole_sensitivity

VALUES = np.arange(-60, 61)


def discrete(variance):
    weight = np.exp(-(VALUES**2) / (2 * variance))
    return weight / weight.sum()


def renyi(order, p, q):
    return logsumexp(order * np.log(p) + (1 - order) * np.log(q)) / (order - 1)


@pytest.mark.parametrize(("variance", "shares", "moved"), [(4, 2, 3), (9, 3, 5), (2, 4, 2)])
def test_the_sum_is_no_less_private_than_the_gaussian_that_stands_for_it(variance, shares, moved):
    """In one dimension, for whole movements: Renyi divergences of orders 2 and 4."""
    total = discrete(variance)
    for _ in range(shares - 1):
        total = np.convolve(total, discrete(variance), mode="same")
    clip = (moved - 0.5) / 2.0**BITS  # half a step is for rounding
    assert whole_sensitivity(clip, 1) == pytest.approx(moved)
    multiplier = summed_multiplier(variance, clip, 1, shares)
    inner = slice(30, 91)
    for order in (2, 4):
        found = renyi(order, total[inner], np.roll(total, moved)[inner])
        gaussian = order / (2 * multiplier**2)
        assert found <= gaussian * (1 + 1e-6) and found == pytest.approx(gaussian, rel=0.05)


def test_shares_add_up_to_the_noise_that_was_asked_for():
    variance = share_variance(2.0, 1.0, 180, 14)
    assert np.sqrt(14.0 * variance) / whole_sensitivity(1.0, 180) == pytest.approx(2.0)
    assert summed_multiplier(variance, 1.0, 180, 14) == pytest.approx(2.0) and variance > 1e18


def test_a_share_of_hardly_any_noise_protects_less_than_its_variance_says():
    variance, clip = 1, 8 / 2.0**BITS
    assert summed_multiplier(variance, clip, 400, 5) < np.sqrt(5) / whole_sensitivity(clip, 400)
