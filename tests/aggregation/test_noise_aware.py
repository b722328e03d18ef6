"""Noise-aware weights against the formula written another way, and at its limits."""

import numpy as np
import pytest
from scipy.special import softmax

from qfl.aggregation.delta import delta_mean
from qfl.aggregation.noise_aware import noise_aware_mean, noise_aware_weights
from qfl.angles import AngleLayout

LAYOUT = AngleLayout(("a", "b"), (6.28, 6.28))
NOISE = np.array([0.1, 0.5, 2.0, 0.0])


def test_with_equal_samples_the_weights_are_q_rails():
    weights = noise_aware_weights(np.full(4, 17.0), NOISE, temperature=0.7, floor=0.3)
    np.testing.assert_allclose(weights, 0.7 * softmax(-NOISE / 0.7) + 0.3 / 4, rtol=1e-12)


def test_equal_noise_is_fedavg():
    samples = np.array([1.0, 2.0, 3.0, 4.0])
    np.testing.assert_allclose(noise_aware_weights(samples, np.full(4, 0.8)), samples / 10, rtol=1e-12)


@pytest.mark.parametrize("parameters", [{"floor": 1.0}, {"temperature": 1e12}], ids=str)
def test_a_full_floor_or_a_high_temperature_ignores_the_noise(parameters):
    np.testing.assert_allclose(noise_aware_weights(np.ones(4), NOISE, **parameters), 0.25, rtol=1e-9)


def test_huge_noise_everywhere_does_not_underflow():
    weights = noise_aware_weights(np.ones(2), np.array([1e6, 2e6]), temperature=1e-3, floor=0.1)
    np.testing.assert_allclose(weights, [0.95, 0.05], rtol=1e-12)


def test_a_claim_of_less_than_no_noise_counts_as_no_noise():
    claimed = noise_aware_weights(np.ones(2), np.array([-1e9, 0.0]))
    np.testing.assert_allclose(claimed, 0.5, rtol=1e-12)


def test_noise_that_is_no_number_is_refused():
    with pytest.raises(ValueError, match="noise budgets must be finite"):
        noise_aware_weights(np.ones(2), np.array([np.nan, 0.0]))


def test_the_mean_is_the_delta_mean_under_these_weights_and_permutes_with_the_clients():
    rng = np.random.default_rng(1)
    received, updates, samples = rng.normal(size=2), rng.normal(size=(4, 2)), np.arange(1.0, 5.0)
    result = noise_aware_mean(received, updates, samples, LAYOUT, noise=NOISE)
    weights = noise_aware_weights(samples, NOISE)
    np.testing.assert_allclose(result.angles, delta_mean(received, updates, weights, LAYOUT).angles, atol=1e-12)
    assert result.diagnostics["effective_clients"] == pytest.approx(1 / np.sum(weights**2))
    order = [2, 0, 3, 1]
    other = noise_aware_mean(received, updates[order], samples[order], LAYOUT, noise=NOISE[order])
    np.testing.assert_allclose(result.angles, other.angles, atol=1e-12)
