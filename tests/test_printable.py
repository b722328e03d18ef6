import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from qfl.printable import printable, printable_lines


@given(st.text())
def test_nothing_is_left_that_is_not_for_reading(text):
    found = printable(text, 10_000)
    assert all(unicodedata.category(character)[0] not in "CZ" or character == " " for character in found)


@pytest.mark.parametrize("text", ["größe 7 µs", "100 % of x ≤ π", "C:\\keys", "丁", ""])
def test_what_is_for_reading_stays_as_it_is(text):
    assert printable(text) == text and printable(printable(text)) == text


@pytest.mark.parametrize(
    "code", [0, 7, 8, 10, 13, 0x1B, 0x7F, 0x85, 0x9B, 0xAD, 0x200B, 0x2028, 0x202E, 0x2066, 0xD800]
)
def test_escapes_bells_line_ends_and_turned_writing_are_shown_as_what_they_are(code):
    shown = printable(f"a{chr(code)}b")
    assert shown.startswith("a\\") and shown.isascii() and shown.encode().decode("unicode_escape") == f"a{chr(code)}b"


def test_a_long_text_is_cut():
    assert printable("x" * 10**6, 300) == "x" * 297 + "..."
    assert len(printable("\x00" * 10**6)) == 300


def test_what_cannot_say_what_it_is_is_named_by_its_type():
    assert printable(10**5000) == "int without words (ValueError)"


def test_lines_of_ours_stay_lines_and_a_stranger_in_them_makes_none_of_his_own():
    assert printable_lines("one\ntwo\r\x1b[1A\x0bthree\u2028four\n\n") == ["one", "two\\r\\x1b[1A\\x0bthree\\u2028four"]
