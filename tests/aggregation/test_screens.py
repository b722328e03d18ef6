"""Screens by length and by direction: who passes, and what they do not stop."""

import numpy as np

from qfl.aggregation.screens import direction_screened_mean, median_cosines, norm_screened_mean
from qfl.angles import TWO_PI, AngleLayout
from qfl.seeds import stream

LAYOUT = AngleLayout(("a", "b"), (TWO_PI, TWO_PI))
HONEST = np.array([[0.1, 0.1], [0.12, 0.08], [0.08, 0.12], [0.1, 0.09]])


def test_a_boosted_update_is_left_out_and_a_reversed_one_is_not():
    updates = np.concatenate([HONEST, [[1.0, 1.0], [-0.1, -0.1]]])
    found = norm_screened_mean(np.zeros(2), updates, np.ones(6), LAYOUT)
    assert list(found.kept) == [True] * 4 + [False, True] and found.diagnostics["kept"] == 5.0
    np.testing.assert_allclose(found.angles, updates[[0, 1, 2, 3, 5]].mean(0), rtol=1e-12)


def test_a_reversed_update_is_left_out_and_a_boosted_one_is_not():
    updates = np.concatenate([HONEST, [[1.0, 1.0], [-0.1, -0.1]]])
    found = direction_screened_mean(np.zeros(2), updates, np.ones(6), LAYOUT)
    assert list(found.kept) == [True] * 5 + [False]
    np.testing.assert_allclose(found.angles, updates[:5].mean(0), rtol=1e-12)


def test_colluders_that_are_fewer_than_half_are_no_help_to_each_other():
    updates = np.concatenate([HONEST, np.full((3, 2), -0.1)])
    assert list(direction_screened_mean(np.zeros(2), updates, np.ones(7), LAYOUT).kept) == [True] * 4 + [False] * 3


def test_a_period_more_makes_no_update_longer():
    turned = HONEST + np.array([[TWO_PI, 0], [0, -TWO_PI], [0, 0], [2 * TWO_PI, TWO_PI]])
    for rule in (norm_screened_mean, direction_screened_mean):
        found = rule(np.zeros(2), turned, np.ones(4), LAYOUT)
        assert found.kept.all()
        np.testing.assert_allclose(found.angles, HONEST.mean(0), atol=1e-9)


def test_where_nobody_passes_the_angles_stay():
    apart = np.array([[0.1, 0.0], [0.0, 0.1], [-0.1, 0.0], [0.0, -0.1]])
    found = direction_screened_mean(np.ones(2), 1 + apart, np.ones(4), LAYOUT, cosine=0.5)
    assert np.array_equal(found.angles, np.ones(2)) and not found.kept.any()


def test_median_cosines_are_those_of_a_loop():
    moved = stream(1, "cosines").normal(size=(7, 3))
    expected = [np.median([m @ n / np.sqrt(m @ m) / np.sqrt(n @ n) for n in moved]) for m in moved]
    np.testing.assert_allclose(median_cosines(moved, np.ones(7, dtype=bool)), expected, rtol=1e-9)
