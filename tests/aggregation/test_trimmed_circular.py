"""The trimmed circular mean against SciPy's trimmed mean on the line, and the circular median against a search."""

import numpy as np
import pytest
from scipy.stats import trim_mean

from qfl.aggregation.trimmed_circular import circular_median, trimmed_circular_mean
from qfl.angles import TWO_PI, AngleLayout
from qfl.errors import InputError
from qfl.seeds import stream

LAYOUT = AngleLayout(("a", "b", "weight"), (TWO_PI, 2 * TWO_PI, np.inf))


@pytest.mark.parametrize("trim", [0.0, 0.1, 0.2, 0.4])
def test_of_small_movements_it_is_the_trimmed_mean_of_the_numbers(trim):
    rng = stream(1, "trimmed")
    start, moved = rng.uniform(-3, 3, 3), rng.normal(0, 1e-3, (11, 3))
    found = trimmed_circular_mean(start, start + moved, np.ones(11), LAYOUT, trim=trim)
    np.testing.assert_allclose(found.angles - start, trim_mean(moved, trim, axis=0), atol=1e-9)


def test_a_fleet_on_the_far_side_of_the_circle_is_trimmed_there():
    """The movements are around half a period, where the line from the broadcast is cut; four agree and one does not."""
    layout, updates = AngleLayout(("a",), (TWO_PI,)), np.array([[3.1], [3.2], [3.2 - TWO_PI], [3.15], [0.0]])
    found = trimmed_circular_mean(np.zeros(1), updates, np.ones(5), layout, trim=0.2).angles[0]
    assert min(abs(found - each) for each in (3.15, 3.15 - TWO_PI)) < 0.06


def test_the_circular_median_has_the_least_sum_of_arcs():
    values = stream(2, "median").uniform(-9, 9, (9, 2))
    found = circular_median(values, np.array([TWO_PI, np.inf]))
    for entry, period in ((0, TWO_PI), (1, 1e9)):
        apart = np.abs(values[:, entry][:, None] - values[:, entry]) % period
        sums = np.minimum(apart, period - apart).sum(1)
        assert sums[list(values[:, entry]).index(found[entry])] == pytest.approx(sums.min())
    assert found[1] == np.median(values[:, 1])


@pytest.mark.parametrize("trim", [-0.1, 0.5, np.nan])
def test_a_share_that_leaves_nothing_is_refused(trim):
    with pytest.raises(InputError, match=r"give a share from 0 to below 0\.5"):
        trimmed_circular_mean(np.zeros(3), np.zeros((4, 3)), np.ones(4), LAYOUT, trim=trim)
