"""Weights that cover labels: what the formula says, and what it is for."""

import numpy as np
import pytest

from qfl.airtime.coverage import coverage_weights, label_table, lost_labels


def test_the_kth_strongest_of_a_label_counts_one_over_k_of_its_samples():
    holds, strength = label_table([(0,), (0,), (0,), (1,)]), np.array([1.0, 9.0, 4.0, 0.1])
    weights = coverage_weights(np.array([6.0, 4.0, 10.0, 2.0]), holds, strength, np.zeros(2))
    assert weights == pytest.approx([6 / 3, 4 / 1, 10 / 2, 2 / 1])


def test_what_is_in_already_counts_before_the_strongest_that_waits():
    holds = label_table([(0,), (0,), (1,)])
    weights = coverage_weights(np.ones(3), holds, np.array([2.0, 1.0, 1.0]), np.array([3.0, 0.0]))
    assert weights == pytest.approx([1 / 4, 1 / 5, 1.0])


def test_a_device_of_several_labels_counts_their_mean_and_one_of_none_its_samples():
    weights = coverage_weights(np.full(3, 5.0), label_table([(0, 1), (0,), ()]), np.array([1.0, 2.0, 3.0]), np.zeros(2))
    assert weights == pytest.approx([5 * (1 / 2 + 1) / 2, 5.0, 5.0])


def test_a_sum_of_weights_is_the_gain_of_harmonic_numbers():
    """However many devices of a label are taken, in order of strength, their weights add up to H(k)."""
    rng = np.random.default_rng(1)
    holds = label_table([(int(label),) for label in rng.integers(4, size=30)])
    strength = rng.exponential(size=30)
    weights = coverage_weights(np.ones(30), holds, strength, np.zeros(4))
    for label in range(4):
        own = np.flatnonzero(holds[:, label])
        harmonic = np.cumsum(1 / np.arange(1, len(own) + 1))
        assert np.cumsum(weights[own[np.argsort(-strength[own])]]) == pytest.approx(harmonic)


def test_labels_are_lost_only_if_somebody_held_them():
    holds = label_table([(0,), (3,), (3,)])
    assert lost_labels(holds, np.array([True, True, False])) == 0
    assert lost_labels(holds, np.array([True, False, False])) == 1
    assert lost_labels(holds, np.array([False, False, False])) == 2
