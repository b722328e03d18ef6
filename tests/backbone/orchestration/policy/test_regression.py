"""Regression against least squares and against its own coverage."""

import numpy as np
import pytest

from qfl.backbone.orchestration.policy.regression import Regression


def cases(count, seed=1, noise=0.1):
    rng = np.random.default_rng(seed)
    x = np.column_stack([np.ones(count), rng.normal(size=(count, 2))])
    return x, x @ [0.5, -1.0, 2.0] + rng.normal(0, noise, count)


def test_with_a_wide_prior_and_nothing_forgotten_it_is_least_squares():
    x, y = cases(60)
    found = Regression(3, prior=1e4, discount=1.0)
    for row, value in zip(x, y, strict=True):
        found.learn(row, value)
    weights = np.linalg.lstsq(x, y, rcond=None)[0]
    assert [found.mean(row) for row in x] == pytest.approx(x @ weights, abs=1e-6)


def test_doubt_is_little_where_cases_were_seen():
    x, y = cases(200)
    found = Regression(3)
    for row, value in zip(x, y, strict=True):
        found.learn(row, value)
    assert found.doubt(np.array([1.0, 0, 0])) < 0.05 < found.doubt(np.array([1.0, 30.0, 0]))


def test_ninety_five_of_a_hundred_cases_are_below_their_quantile():
    x, y = cases(1500)
    found = Regression(3)
    below = []
    for k, (row, value) in enumerate(zip(x, y, strict=True)):
        if k > 200:
            below.append(value <= found.quantile(row, 0.95))
            assert found.below(row, found.quantile(row, 0.95)) == pytest.approx(0.95, abs=0.02)
        found.learn(row, value)
    assert 0.92 <= np.mean(below) <= 0.97


def test_what_was_learned_long_ago_counts_less():
    found = Regression(1, discount=0.9)
    for value in [1.0] * 50 + [3.0] * 50:
        found.learn(np.ones(1), value)
    assert found.mean(np.ones(1)) == pytest.approx(3.0, abs=0.35)
    before = found.doubt(np.ones(1))
    found.forget(1.0)
    assert found.mean(np.ones(1)) == 0.0 and found.doubt(np.ones(1)) > before
