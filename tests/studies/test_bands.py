"""The mean of several seeds lies in its band, and a seed counts with the last value it has."""

import numpy as np
import pytest
from scipy import stats

from qfl.studies.bands import curve_through, half_width


def test_the_band_is_the_confidence_interval_of_students_t():
    values = np.random.default_rng(1).normal(size=(7, 3))
    for column, half in zip(values.T, half_width(values), strict=True):
        low, high = stats.t.interval(0.95, 6, loc=column.mean(), scale=stats.sem(column))
        assert half == pytest.approx((high - low) / 2)


def test_a_seed_counts_with_the_last_value_it_has():
    traces = [(np.array([1.0, 4.0]), np.array([10.0, 20.0])), (np.array([2.0]), np.array([40.0]))]
    curve = curve_through("a", traces, np.array([2.0, 3.0, 4.0]), fewest=3)
    assert curve.mean.tolist() == [25.0, 25.0, 30.0] and not curve.banded
    assert curve.low.tolist() == curve.high.tolist() == curve.mean.tolist()
    assert [*curve.lines("value", 1)][-1] == {"amount": "4", "value": "30.0", "low": "30.0", "high": "30.0"}


def test_there_is_a_band_from_the_fewest_seeds_on():
    traces = [(np.array([1.0]), np.array([value])) for value in (1.0, 3.0)]
    curve = curve_through("a", traces, np.array([1.0]), fewest=2)
    assert curve.banded and curve.low[0] < 1 and curve.high[0] > 3
