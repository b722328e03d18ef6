"""The circular mean against closed forms and brute force."""

from math import inf

import numpy as np
import pytest

from qfl.aggregation.circular import circular_mean
from qfl.angles import FOUR_PI, TWO_PI, AngleLayout


def layout(*periods):
    return AngleLayout(tuple(map(str, range(len(periods)))), periods)


@pytest.mark.parametrize("period", [TWO_PI, FOUR_PI, 1.5])
def test_the_mean_minimises_the_squared_chords(period):
    """Brute force over a fine grid: the circular mean is where the weighted sum of 1 - cos is smallest."""
    rng = np.random.default_rng(7)
    updates, weights = rng.uniform(0, period, (6, 1)), rng.uniform(1, 5, 6)
    grid = np.linspace(0, period, 100_001)
    cost = sum(w * (1 - np.cos(TWO_PI * (grid - u) / period)) for w, u in zip(weights, updates[:, 0], strict=True))
    found = circular_mean(np.zeros(1), updates, weights, layout(period)).angles[0] % period
    assert abs(found - grid[cost.argmin()]) < 2 * period / 100_000


def test_each_entry_has_its_own_period():
    """A shift by 2 pi is nothing to a rotation, half a turn to a controlled one, and a number to a bias."""
    updates = np.array([[0.0, 0.0, 0.0], [TWO_PI, TWO_PI, TWO_PI]])
    result = circular_mean(np.zeros(3), updates, np.array([1.0, 3.0]), layout(TWO_PI, FOUR_PI, inf))
    np.testing.assert_allclose(result.angles, [0.0, TWO_PI, 0.75 * TWO_PI], atol=1e-9)


def test_opposite_clients_cancel_and_the_angle_stays_as_received():
    updates = np.array([[0.3, 1.0], [0.3 + np.pi, 1.2]])
    result = circular_mean(np.array([0.2, 0.2]), updates, np.ones(2), layout(TWO_PI, TWO_PI))
    np.testing.assert_allclose(result.angles, [0.2, 1.1], atol=1e-12)
    assert result.diagnostics["fallbacks"] == 1
    assert result.diagnostics["resultant_min"] < 1e-12


def test_the_resultant_of_two_clients_is_the_cosine_of_half_their_difference():
    updates = np.array([[0.0], [1.0]])
    result = circular_mean(np.zeros(1), updates, np.ones(2), layout(TWO_PI))
    assert result.diagnostics["resultant_min"] == pytest.approx(np.cos(0.5))
    assert result.diagnostics["fallbacks"] == 0


def test_a_model_without_angles_takes_the_delta_mean_and_reports_full_agreement():
    updates = np.array([[1.0, 2.0], [3.0, 6.0]])
    result = circular_mean(np.zeros(2), updates, np.ones(2), layout(inf, inf), learning_rate=0.5)
    np.testing.assert_array_equal(result.angles, [1.0, 2.0])
    assert result.diagnostics == {"resultant_min": 1.0, "resultant_mean": 1.0, "fallbacks": 0.0}
