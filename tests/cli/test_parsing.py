"""Words of a command line: numbers that are numbers, names that can be names; `test_options.py` tries every option."""

import argparse

import pytest
from hypothesis import given
from hypothesis import strategies as st

from qfl.cli.parsing import MOST, MOST_DAYS, check_days, whole, word
from qfl.errors import ConfigError


@given(st.integers(0, MOST), st.sampled_from(["", "+", "00"]))
def test_a_number_is_read_as_it_is_written(number, before):
    assert whole(f"{before}{number}") == number


@given(st.integers() | st.floats().map(str) | st.text(max_size=9))
def test_anything_else_is_refused(value):
    text = str(value)
    digits = text.isascii() and text.lstrip("+-").isdigit() and len(text) - len(text.lstrip("+-")) <= 1
    if digits and 0 <= int(text) <= MOST:
        assert whole(text) == int(text)
    else:
        with pytest.raises(argparse.ArgumentTypeError):
            whole(text)


@pytest.mark.parametrize("text", ["", " ", "\t\n", "a\0b"])
def test_a_word_is_something(text):
    with pytest.raises(argparse.ArgumentTypeError):
        word(text)
    assert word(" a b ") == " a b "


@pytest.mark.parametrize("days", [0, -1, MOST_DAYS + 1, 10**30])
def test_days_are_those_of_a_calendar(days):
    check_days(1), check_days(MOST_DAYS)
    with pytest.raises(ConfigError, match=f"--days {days}: expected 1 to {MOST_DAYS}"):
        check_days(days)
