"""FedNova against the closed form of clients with quadratic losses, where FedAvg ends elsewhere."""

import numpy as np
import pytest

from qfl.aggregation.delta import delta_mean
from qfl.aggregation.normalised import normalised_mean
from qfl.angles import AngleLayout
from qfl.seeds import stream

LAYOUT = AngleLayout(("a", "b"), (np.inf, np.inf))
CENTRES = np.array([[1.0, 0.0], [-1.0, 2.0], [3.0, 5.0]])
WEIGHTS, STEPS, RATE = np.array([1.0, 2.0, 3.0]), np.array([1.0, 4.0, 9.0]), 0.001


def fixed_point(rule):
    """Return where rounds end in which client k makes STEPS[k] gradient steps on half the distance to its centre."""
    angles = np.zeros(2)
    for _ in range(4000):
        left = (1 - RATE) ** STEPS[:, None]
        angles = rule(angles, CENTRES + left * (angles - CENTRES), WEIGHTS, LAYOUT).angles
    return angles


def test_it_ends_at_the_minimum_of_the_mean_loss_and_fedavg_at_that_of_another():
    """With small steps; FedAvg's minimum is weighted by the steps, too (Wang et al., Theorem 1)."""
    nova = fixed_point(lambda *given: normalised_mean(*given, steps=STEPS))
    np.testing.assert_allclose(nova, np.average(CENTRES, axis=0, weights=WEIGHTS), atol=0.02)
    fedavg = np.average(CENTRES, axis=0, weights=WEIGHTS * STEPS)
    np.testing.assert_allclose(fixed_point(delta_mean), fedavg, atol=0.02)
    assert np.abs(nova - fedavg).max() > 0.3


@pytest.mark.parametrize("count", [1.0, 5.0, 13.7])
def test_with_equal_steps_it_is_fedavg(count):
    rng = stream(1, "nova")
    updates = rng.normal(0, 1, (3, 2))
    found = normalised_mean(np.ones(2), updates, WEIGHTS, LAYOUT, steps=np.full(3, count))
    np.testing.assert_allclose(found.angles, delta_mean(np.ones(2), updates, WEIGHTS, LAYOUT).angles, rtol=1e-13)
    assert found.diagnostics == {"effective_steps": pytest.approx(count)}
