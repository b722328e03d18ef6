"""Axes: what they hold, and where they are labelled."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from qfl.report.axis import MOST_POWERS, axis, log_axis, power_of_ten, whole_axis

number = st.floats(-1e90, 1e90) | st.floats(-1000, 1000)


@given(st.lists(number, max_size=20), st.integers(3, 8))
def test_an_axis_holds_every_value_between_its_ends(values, num_ticks):
    found = axis(values, low=None, num_ticks=num_ticks)
    assert found.low < found.high
    assert all(-1e-6 <= found.share(value) <= 1 + 1e-6 for value in values)


@given(st.lists(st.floats(1e-3, 1e6), min_size=1, max_size=20), st.integers(3, 8))
def test_ticks_are_even_steps_of_one_two_or_five(values, num_ticks):
    ticks = axis(values, num_ticks=num_ticks).ticks
    steps = np.diff(ticks)
    assert np.allclose(steps, steps[0])
    assert round(steps[0] / 10 ** math.floor(math.log10(steps[0]) + 1e-9), 6) in (1, 2, 5)
    assert 2 <= len(ticks) <= 2 * num_ticks + 2


def test_unknown_values_do_not_move_an_axis():
    assert axis([math.nan, 0.3, 1.7, math.inf]) == axis([0.3, 1.7])


def test_an_axis_of_counts_is_labelled_at_whole_numbers_only():
    assert axis([1, 2], whole=True).ticks == (0, 1, 2)


@given(st.integers(0, 10**6), st.integers(0, 10**6))
def test_rounds_are_labelled_at_whole_numbers_and_at_the_last(first, more):
    ticks = whole_axis(first, first + more).ticks
    assert ticks[-1] == first + more
    assert all(tick == int(tick) and first <= tick for tick in ticks)
    assert len(set(ticks)) == len(ticks) <= 12


@pytest.mark.parametrize("values", [[], [0.0], [5.0, 5.0], [-3.0], [math.nan]])
def test_an_axis_of_one_value_or_none_has_a_length(values):
    found = axis(values, low=None)
    assert found.high > found.low and found.ticks


@given(st.lists(st.floats(1e-300, 1e300), min_size=1, max_size=9))
def test_a_logarithmic_axis_holds_every_value_and_is_labelled_at_few_powers_of_ten(values):
    found = log_axis([*values, 0.0, -1.0, math.nan, math.inf])
    assert found.low < found.high and len(found.ticks) <= MOST_POWERS
    assert all(-1e-6 <= found.share(math.log10(value)) <= 1 + 1e-6 for value in values)
    assert all(tick == int(tick) and found.low - 1e-6 <= tick <= found.high + 1e-6 for tick in found.ticks)
    assert len(set(np.diff(found.ticks))) <= 1


def test_a_logarithmic_axis_of_nothing_has_a_length():
    assert (log_axis([]).low, log_axis([]).high) == (0.0, 1.0)


@given(st.integers(-30, 30))
def test_a_power_of_ten_is_read_back(exponent):
    text = power_of_ten(float(exponent))
    if text.startswith("10") and not set(text) <= set("0123456789,."):
        assert int(text[2:].translate(str.maketrans("⁻⁰¹²³⁴⁵⁶⁷⁸⁹", "-0123456789"))) == exponent
    else:
        assert math.isclose(float(text.replace(",", "")), 10.0**exponent)
