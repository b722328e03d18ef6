"""The geometric median against closed forms and an optimiser that knows nothing of it.

Also covers qfl/aggregation/local.py.
"""

import numpy as np
import pytest
from scipy.optimize import minimize

from qfl.aggregation.geometric_median import geometric_median, weiszfeld
from qfl.aggregation.local import local_differences
from qfl.angles import TWO_PI, AngleLayout
from qfl.seeds import stream

EQUAL = np.full(4, 0.25)


def test_of_the_corners_of_a_quadrilateral_it_is_where_the_diagonals_cross():
    corners = np.array([[0.0, 0.0], [4.0, 0.0], [5.0, 3.0], [1.0, 2.0]])
    along = np.linalg.solve(np.stack([corners[2] - corners[0], corners[1] - corners[3]], 1), corners[1] - corners[0])
    found, _ = weiszfeld(corners, EQUAL)
    np.testing.assert_allclose(found, along[0] * corners[2], atol=1e-9)


def test_of_an_equilateral_triangle_it_is_the_centre_and_of_a_flat_one_the_blunt_corner():
    """Fermat's problem: where an angle of the triangle is 120 degrees or more, its corner is the point."""
    sides = np.array([[np.cos(t), np.sin(t)] for t in 2 * np.pi * np.arange(3) / 3]) + 3
    np.testing.assert_allclose(weiszfeld(sides, np.full(3, 1 / 3))[0], [3, 3], atol=1e-9)
    flat = np.array([[-5.0, 0.0], [5.0, 0.0], [0.0, 1.0]])
    np.testing.assert_allclose(weiszfeld(flat, np.full(3, 1 / 3), 1e-9)[0], [0, 1], atol=1e-8)


def test_in_one_dimension_it_is_the_weighted_median():
    points = np.array([[5.0], [1.0], [2.0], [9.0]])
    np.testing.assert_allclose(weiszfeld(points, np.array([0.1, 0.1, 0.2, 0.6]), 1e-9)[0], [9.0], atol=1e-8)
    np.testing.assert_allclose(weiszfeld(points, np.array([0.3, 0.1, 0.2, 0.4]), 1e-9)[0], [5.0], atol=1e-8)


@pytest.mark.parametrize("seed", range(5))
def test_no_optimiser_finds_a_smaller_sum_of_distances(seed):
    rng = stream(seed, "median")
    points, share = rng.normal(0, 1, (6, 4)), rng.dirichlet(np.ones(6))

    def cost(z):
        return share @ np.linalg.norm(points - z, axis=1)

    best = min(
        (
            minimize(cost, start, method="Nelder-Mead", options={"xatol": 1e-8, "fatol": 1e-12, "maxiter": 9999})
            for start in (points.mean(0), points[share.argmax()])
        ),
        key=lambda found: found.fun,
    )
    found, _ = weiszfeld(points, share, 1e-9)
    assert cost(found) <= best.fun + 1e-7


def test_a_turn_of_the_axes_turns_the_median_with_it_which_the_coordinate_wise_median_does_not_do():
    rng = stream(1, "median")
    points, turn = rng.normal(0, 1, (5, 3)), np.linalg.qr(rng.normal(0, 1, (3, 3)))[0]
    share = np.full(5, 0.2)
    np.testing.assert_allclose(weiszfeld(points @ turn, share)[0], weiszfeld(points, share)[0] @ turn, atol=1e-9)
    assert np.abs(np.median(points @ turn, axis=0) - np.median(points, axis=0) @ turn).max() > 0.01


def test_two_of_five_clients_cannot_take_it_anywhere():
    layout, honest = AngleLayout(("a", "scale"), (TWO_PI, np.inf)), np.array([[0.1, 0.1], [0.12, 0.11], [0.11, 0.09]])
    updates = np.concatenate([honest, [[3.0, 1e12], [-2.0, 1e12]]])
    found = geometric_median(np.zeros(2), updates, np.ones(5), layout)
    assert np.abs(found.angles - honest.mean(0)).max() < 0.05 and np.isfinite(found.diagnostics["spread"])


def test_local_differences_are_the_shorter_way_round():
    periods = np.array([TWO_PI, 2 * TWO_PI, np.inf])
    moved = np.array([[0.2, -6.0, 40.0], [-3.0, 5.0, -7.0]])
    turned = moved + np.array([[1, -2, 0], [3, 1, 0]]) * np.array([TWO_PI, 2 * TWO_PI, 0.0])
    start = np.array([3.0, -1.0, 2.0])
    np.testing.assert_allclose(local_differences(start, start + turned, periods), moved, atol=1e-12)
