from dataclasses import replace

import pytest

from qfl.errors import Rejection
from qfl.security.profiles import ML_DSA_65
from qfl.security.roster import Roster, RosterRow
from qfl.security.signing import PublicKey
from qfl.security.weak_keys import require_sound


def packed(coefficients: list[int]) -> bytes:
    """t1 at 10 bits a coefficient, little-endian (FIPS 204, algorithm 16)."""
    number = sum(value << 10 * place for place, value in enumerate(coefficients))
    return number.to_bytes(len(coefficients) * 10 // 8, "little")


@pytest.mark.parametrize(
    "coefficients",
    {
        "t1 = 0": [0] * 1536,
        "t = -1": [1023] * 1536,
        "t of zeros and minus ones": [1023 * (place % 3 == 0) for place in range(1536)],
    }.values(),
)
def test_a_key_under_which_anyone_can_sign_is_refused(roster, coefficients):
    """With s1 = 0 every coefficient of t1 is 0 or 1023, and t is read off the public key."""
    key = PublicKey(ML_DSA_65, bytes(range(32)) + packed(coefficients))
    with pytest.raises(Rejection, match="degenerate-key"):
        require_sound(key)
    with pytest.raises(Rejection, match="degenerate-key"):
        replace(roster, rows=(RosterRow(7, key, 1),))
    with pytest.raises(Rejection, match="degenerate-key"):
        Roster(1, roster.expires, key)


def test_one_ordinary_coefficient_makes_a_key_sound():
    for place in (0, 700, 1535):
        coefficients = [0] * 1536
        coefficients[place] = 512
        require_sound(PublicKey(ML_DSA_65, bytes(32) + packed(coefficients)))


def test_small_negative_numbers_round_to_1023():
    """Power2Round of FIPS 204 (algorithm 35), computed here: the reason for the rule above."""
    q, d = 8380417, 13
    for small in range(-4, 5):
        r = small % q
        low = (r + 2 ** (d - 1) - 1) % 2**d - 2 ** (d - 1) + 1  # r mod+- 2^13, in (-4096, 4096]
        assert (r - low) >> d == (1023 if small < 0 else 0)
