"""Matchings against all of them."""

from itertools import permutations

import numpy as np
import pytest

from qfl.scheduling.matched import heaviest_pairs


@pytest.mark.parametrize("shape", [(4, 4), (3, 5), (5, 3), (1, 4)])
def test_no_other_matching_weighs_more(shape):
    weight = np.random.default_rng(1).normal(size=shape)
    row, column = heaviest_pairs(weight)
    assert len(set(row)) == len(set(column)) == len(row) == min(shape)
    wide = weight if shape[0] <= shape[1] else weight.T
    others = (wide[range(min(shape)), list(order)].sum() for order in permutations(range(max(shape)), min(shape)))
    assert weight[row, column].sum() == pytest.approx(max(others))
