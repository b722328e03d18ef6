"""The mean around the median against a search through all subsets, and its ends: the mean, and nobody left."""

from itertools import combinations

import numpy as np
import pytest

from qfl.aggregation.mean_around_median import mean_around_median
from qfl.angles import AngleLayout
from qfl.errors import InputError
from qfl.seeds import stream

LAYOUT = AngleLayout(tuple("abcd"), (np.inf,) * 4)


@pytest.mark.parametrize("byzantine", [0, 1, 2, 3])
def test_it_is_the_mean_of_the_subset_that_lies_nearest_to_the_median(byzantine):
    updates = stream(byzantine, "meamed").normal(0, 1, (7, 4))

    def nearest(column):
        middle = np.median(column)
        return np.mean(min(combinations(column, 7 - byzantine), key=lambda kept: np.abs(np.array(kept) - middle).sum()))

    found = mean_around_median(np.zeros(4), updates, np.ones(7), LAYOUT, byzantine=byzantine)
    np.testing.assert_allclose(found.angles, [nearest(column) for column in updates.T], rtol=1e-12)


def test_without_malicious_clients_it_is_the_plain_mean_and_nothing_is_left_out():
    updates = stream(1, "meamed").normal(0, 1, (5, 4))
    found = mean_around_median(np.ones(4), updates, np.arange(1.0, 6.0), LAYOUT)
    np.testing.assert_allclose(found.angles, updates.mean(0), rtol=1e-12)
    assert found.diagnostics == {"left_out": 0.0}


def test_what_is_left_out_is_measured():
    updates = np.array([[0.0], [0.1], [0.2], [5.2]])
    found = mean_around_median(np.zeros(1), updates, np.ones(4), AngleLayout(("a",), (np.inf,)), byzantine=1)
    np.testing.assert_allclose(found.angles, [0.1])
    np.testing.assert_allclose(found.diagnostics["left_out"], 5.05)


@pytest.mark.parametrize("byzantine", [2, 3, -1])
def test_half_of_the_clients_are_too_many(byzantine):
    with pytest.raises(InputError, match=f"{byzantine} malicious clients of 4 that answered"):
        mean_around_median(np.zeros(4), np.zeros((4, 4)), np.ones(4), LAYOUT, byzantine=byzantine)
