"""Numbers as text."""

import math

import pytest

from qfl.report.formatting import SPACE, count, duration, moment, percent, short, size


@pytest.mark.parametrize("write", [percent, short, count, size, duration])
@pytest.mark.parametrize("unknown", [math.nan, math.inf])
def test_what_is_unknown_is_a_dash(write, unknown):
    assert write(unknown) == "\N{EN DASH}"


@pytest.mark.parametrize(
    ("seconds", "text"),
    [(0, "0 s"), (0.5, "500 ms"), (0.9999, "1 s"), (59.97, "1 min 0 s"), (3599.6, "1 h 0 min"), (1e-5, "0.01 ms")],
)
def test_spans_of_time_change_their_unit_where_they_should(seconds, text):
    assert duration(seconds).replace(SPACE, " ") == text


@pytest.mark.parametrize(
    ("num_bytes", "text"), [(0, "0 B"), (999, "999 B"), (999.7, "1 kB"), (999_600, "1 MB"), (5e18, "5e+06 TB")]
)
def test_sizes_change_their_unit_where_they_should(num_bytes, text):
    assert size(num_bytes).replace(SPACE, " ") == text


def test_what_is_no_time_stays_as_it_is():
    assert moment("yesterday") == "yesterday"
