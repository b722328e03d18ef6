"""Pilots: contamination, assignment, and the error of the estimate against its formula."""

import numpy as np
import pytest

from qfl.errors import ConfigError
from qfl.wireless.cell_free.channel import gaussians
from qfl.wireless.cell_free.pilots import (
    assign_pilots,
    correlation_limit,
    mmse_estimate,
    pilot_correlation,
    serving_by_pilot,
)


def test_within_the_limit_contamination_is_small_at_every_access_point():
    gain = np.random.default_rng(1).lognormal(sigma=2, size=(6, 5))
    limit = correlation_limit(gain, 0.01)
    for k, other in np.ndindex(5, 5):
        contamination = limit[k, other] * (gain[:, other] / gain[:, k]) ** 2
        assert contamination.max() <= 0.01 + 1e-12
        assert limit[k, other] == 1 or contamination.max() == pytest.approx(0.01)
    with pytest.raises(ConfigError, match="epsilon is 0"):
        correlation_limit(gain, 0.0)


def test_users_of_one_pilot_correlate_fully():
    pilots = np.eye(2, dtype=complex)[[0, 1, 0]]
    assert pilot_correlation(pilots).tolist() == [[1, 0, 1], [0, 1, 0], [1, 0, 1]]


def test_a_further_user_takes_the_pilot_least_heard_at_its_best_access_point():
    gain = np.array([[9.0, 0.1, 0.2], [0.1, 9.0, 8.0]])
    assert assign_pilots(gain, 2).tolist() == [0, 1, 0]
    assert assign_pilots(gain, 3).tolist() == [0, 1, 2]


def test_an_access_point_serves_the_strongest_user_of_each_pilot_and_nobody_is_left_out():
    gain = np.array([[9.0, 1.0, 8.0], [1.0, 9.0, 2.0]])
    serves = serving_by_pilot(gain, np.array([0, 1, 0]))
    assert serves.tolist() == [[True, True, True], [False, True, True]]


def test_the_error_of_the_estimate_is_that_of_the_formula():
    generator = np.random.default_rng(1)
    gain, pilot, snr = np.array([[2.0, 0.5, 1.0]]), np.array([0, 0, 1]), 3.0
    errors = []
    for _ in range(4000):
        true = np.sqrt(gain)[..., None] * gaussians(generator, (1, 3, 2))
        estimate = mmse_estimate(true, gain, pilot, snr, gaussians(generator, (1, 2, 2)))
        errors.append(np.abs(estimate - true) ** 2)
    heard = np.array([2.5, 2.5, 1.0])
    expected = gain[0] - snr * gain[0] ** 2 / (snr * heard + 1)
    assert np.mean(errors, axis=(0, 1, 3)) == pytest.approx(expected, rel=0.06)
