"""The strict reader agrees with cbor2 on what cbor2 writes canonically, and refuses all else of CBOR."""

import cbor2
import pytest
from hypothesis import given
from hypothesis import strategies as st

from qfl.errors import Rejection
from qfl.security.cbor import decode

KEYS = st.integers(-(2**64), 2**64 - 1) | st.text(max_size=5)
LEAVES = st.integers(-(2**64), 2**64 - 1) | st.binary(max_size=300) | st.text(max_size=30) | st.booleans() | st.none()
VALUES = st.recursive(LEAVES, lambda inner: st.lists(inner, max_size=4) | st.dictionaries(KEYS, inner, max_size=4))


@given(VALUES)
def test_what_is_written_canonically_is_read_as_it_was(value):
    assert decode(cbor2.dumps(value, canonical=True), "bad-claims", values=10_000, levels=50) == value


@given(st.binary(max_size=40))
def test_what_is_read_is_its_own_only_encoding(data):
    try:
        value = decode(data, "bad-claims")
    except Rejection:
        return
    again = cbor2.dumps(value, canonical=True)
    assert again == data or any(byte in data for byte in (0xF9, 0xFA, 0xFB))  # of floats, every length is read


@pytest.mark.parametrize(
    "tag", [0, 1, 2, 3, 4, 5, 25, 28, 29, 30, 35, 36, 37, 100, 256, 258, 260, 261, 1004, 43000, 55799]
)
def test_no_tag_is_read_wherever_it_stands(tag):
    for inner in (0, 1, b"\xff" * 900, "(a+)+", "1999-01-01", [1, 10**18], [2**63, -1], [[1]], {1: 1}):
        tagged = cbor2.CBORTag(tag, inner)
        for value in (tagged, [tagged], {1: tagged}, [[{"a": tagged}]]):
            with pytest.raises(Rejection, match=r"bad-claims: .* a tag"):
                decode(cbor2.dumps(value), "bad-claims")


@pytest.mark.parametrize(
    "data",
    [
        "", "18", "58", "41", "9f01ff", "bf0101ff", "5f4101ff", "7f6161ff", "1c", "1f", "ff", "f0", "f7", "f818", "fc",
        "9bffffffffffffffff", "bbffffffffffffffff", "5bffffffffffffffff", "7bffffffffffffffff", "61ff", "a14001",
        "a18001", "a1f601", "81" * 60 + "01", "81", "a1", "a101",
    ],
)  # fmt: skip
def test_what_is_no_plain_whole_bounded_value_is_refused(data):
    with pytest.raises(Rejection, match="bad-claims"):
        decode(bytes.fromhex(data), "bad-claims")


@pytest.mark.parametrize(
    "data",
    ["1801", "190018", "1a00000018", "1b0000000000000018", "5801aa", "9801" + "01", "b8010101", "3800", "0000",
     "a201010101", "a202010101", "a2616101" + "0101", "a1f93c0001", "a1f501"],
)  # fmt: skip
def test_another_encoding_of_the_same_content_is_refused(data):
    with pytest.raises(Rejection, match="not-canonical"):
        decode(bytes.fromhex(data), "bad-claims")


def test_values_and_levels_are_counted():
    assert decode(cbor2.dumps([1] * 9), "bad-claims", values=10)
    for value, limits in (([1] * 10, {"values": 10}), ([[[1]]], {"levels": 2}), ({1: {2: 3}}, {"levels": 1})):
        with pytest.raises(Rejection, match="too many"):
            decode(cbor2.dumps(value), "bad-claims", **limits)
