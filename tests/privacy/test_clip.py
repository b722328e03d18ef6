"""Clipping on the circle: against brute force over whole turns, and whole turns change nothing."""

from itertools import product

import numpy as np
import pytest

from qfl.privacy.clip import circular_clip, shortest
from qfl.seeds import stream

PERIODS = np.array([2 * np.pi, np.pi, 4 * np.pi, np.inf])


def test_the_norm_is_the_least_over_all_whole_turns():
    moved = stream(1, "test", "clip").uniform(-9, 9, (20, 4))
    _, norms = circular_clip(moved, PERIODS, 1.0)
    for row, norm in zip(moved, norms, strict=True):
        turns = product(range(-4, 5), repeat=3)
        least = min(
            np.linalg.norm(row - np.array([*turn, 0]) * np.where(np.isfinite(PERIODS), PERIODS, 0)) for turn in turns
        )
        assert norm == pytest.approx(least)


def test_a_whole_turn_more_is_the_same_update():
    moved = stream(2, "test", "clip").normal(size=(5, 4))
    turned = moved + np.array([2 * np.pi, -np.pi, 8 * np.pi, 0])
    np.testing.assert_allclose(
        circular_clip(turned, PERIODS, 0.7)[0], circular_clip(moved, PERIODS, 0.7)[0], atol=1e-12
    )


def test_none_is_longer_than_the_limit_and_short_ones_stay_as_they_are():
    moved = stream(3, "test", "clip").normal(size=(50, 4))
    cut, norms = circular_clip(moved, PERIODS, 1.5)
    assert np.linalg.norm(cut, axis=1).max() <= 1.5 * (1 + 1e-12)
    short = norms <= 1.5
    assert 0 < short.sum() < 50
    np.testing.assert_array_equal(cut[short], shortest(moved, PERIODS)[short])


def test_no_movement_is_no_division_by_zero():
    cut, norm = circular_clip(np.zeros((1, 4)), PERIODS, 1.0)
    assert not cut.any() and norm == [0]
