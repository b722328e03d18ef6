"""Statistics of values of which some are absent equal those of what is left."""

import itertools
import math

import pytest

from qfl.spread import deviation, finite, known_values, mean, median, median_time, or_none, spread

ABSENT = (None, math.nan, math.inf, -math.inf, "1", True)


@pytest.mark.parametrize("gap", ABSENT)
def test_what_is_absent_counts_nowhere_wherever_it_stands(gap):
    for values in itertools.permutations((1.0, 3.0, 8.0, gap)):
        assert (mean(values), median(values)) == (4.0, 3.0)
        assert deviation(values) == pytest.approx(math.sqrt(13))
        assert spread(values).count == 3


@pytest.mark.parametrize("values", [[], [None], [math.nan, math.nan], [math.inf]])
def test_of_nothing_nothing_is_known(values):
    assert all(math.isnan(value) for value in (mean(values), deviation(values), median(values)))
    assert known_values(values) == [] and or_none(mean(values)) is None and median_time([]) is None


def test_one_value_has_a_mean_and_no_deviation():
    found = spread([2, math.nan])
    assert (found.mean, found.count) == (2.0, 1) and math.isnan(found.sd)


def test_a_time_that_never_came_is_late_and_one_that_was_not_measured_is_not_there():
    assert median_time([3.0, None, 1.0]) == 3.0 and median_time([3.0, None]) is None
    assert median_time([3.0, math.nan]) == 3.0 and median_time([math.nan]) is None


def test_json_holds_null_for_what_is_not_finite():
    assert finite({"a": [math.nan, {"b": -math.inf}, (1.5, math.nan)]}) == {"a": [None, {"b": None}, [1.5, None]]}
