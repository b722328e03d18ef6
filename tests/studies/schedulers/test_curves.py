"""A curve holds each seed's last value, and its band is Student's."""

import numpy as np
import pytest

from qfl.studies.schedulers.curves import curve_of, rate_distribution


def test_the_mean_holds_each_value_until_the_next_and_to_the_end(make_row):
    rows = [
        make_row("greedy", 1, [(0, 0.0, 10e6), (100, 1.0, 50e6)], bound=100e6),
        make_row("greedy", 2, [(0, 0.0, 20e6), (10, 0.1, 30e6)], bound=50e6),
    ]
    found = curve_of(rows, "greedy", "evaluations")
    assert found.x[0] == 1 and found.x[-1] == pytest.approx(100)
    assert found.mean[0] == pytest.approx((10 + 40) / 2)
    assert found.mean[found.x < 10][-1] == pytest.approx((10 + 40) / 2)
    assert found.mean[(found.x > 10) & (found.x < 99)] == pytest.approx((10 + 60) / 2)
    assert found.mean[-1] == pytest.approx((50 + 60) / 2)
    # two values 10 apart: t(0.975, 1) = 12.7062, standard error 5
    assert found.high[-1] - found.mean[-1] == pytest.approx(63.531, rel=1e-4)


def test_a_method_of_one_step_is_one_point(make_row):
    found = curve_of([make_row("random", seed, [(0, 0.0, 5e6)]) for seed in (1, 2)], "random", "seconds")
    assert len(found.x) == 1 and found.mean[0] == found.low[0] == 5


def test_the_share_of_devices_rises_to_one(make_row):
    rates, share = rate_distribution([make_row("random", 1, [(0, 0.0, 5e6)])], "random")
    assert np.array_equal(rates, [1e3, 1e6]) and np.array_equal(share, [0.5, 1.0])
