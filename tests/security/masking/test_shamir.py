"""Shares against a second implementation in fractions, and against PyCryptodome's semantics where it is installed."""

from fractions import Fraction
from itertools import combinations

import pytest

from qfl.errors import Rejection
from qfl.security.masking.shamir import PRIME, SHARE_BYTES, combine, split, weights_at_zero

SECRET = bytes(range(32))


def interpolated(shares, at=0):
    """Lagrange's formula over the rationals, reduced at the very end: nothing is shared with the product's code."""
    total = Fraction(0)
    for own, value in shares.items():
        term = Fraction(int.from_bytes(value, "big"))
        for other in shares:
            if other != own:
                term *= Fraction(at - other, own - other)
        total += term
    return total.numerator * pow(total.denominator, -1, PRIME) % PRIME


@pytest.mark.parametrize("secret", [SECRET, bytes(32), b"\xff" * 32])
def test_every_subset_of_enough_shares_gives_the_secret_here_and_in_fractions(secret):
    shares = split(secret, [1, 2, 5, 9, 40], 3)
    for chosen in combinations(shares, 3):
        part = {place: shares[place] for place in chosen}
        assert combine(part, 3) == secret
        assert interpolated(part) == int.from_bytes(secret, "big")


def test_shares_lie_on_one_polynomial_of_the_degree():
    """The fourth share is what the other three say: no secret is given away by a polynomial of lower degree."""
    shares = split(SECRET, [1, 2, 3, 4], 3)
    three = {place: shares[place] for place in (1, 2, 3)}
    assert interpolated(three, at=4) == int.from_bytes(shares[4], "big")
    two = {place: shares[place] for place in (1, 2)}
    assert interpolated(two, at=4) != int.from_bytes(shares[4], "big")


def test_too_few_shares_fit_every_secret():
    """For any other secret there is a polynomial through the same two shares: they say nothing of it."""
    shares = split(SECRET, [1, 2, 3], 3)
    two = {1: shares[1], 2: shares[2]}
    for other in (0, 1, 2**255):
        third = interpolated({0: other.to_bytes(33, "big"), **two}, at=3)
        assert combine({**two, 3: third.to_bytes(SHARE_BYTES, "big")}, 3) == other.to_bytes(32, "big")


def test_shares_of_one_secret_differ_each_time():
    assert split(SECRET, [1, 2], 2) != split(SECRET, [1, 2], 2)
    assert split(SECRET, [7], 1)[7][1:] == SECRET  # of one share, the secret itself


def test_too_few_and_impossible_shares_are_refused():
    shares = split(SECRET, [1, 2, 3], 3)
    with pytest.raises(Rejection, match="too-few-shares"):
        combine({1: shares[1], 2: shares[2]}, 3)
    with pytest.raises(Rejection, match="false-share"):
        combine({**shares, 2: b"\xff" * 33}, 3)


@pytest.mark.parametrize("places", [[1, 1], [0, 1], [-1, 2], [], [PRIME, 1]])
def test_places_that_give_no_shares_are_refused(places):
    with pytest.raises(ValueError, match=r"shares"):
        split(SECRET, places, 2)


@pytest.mark.parametrize(("secret", "threshold"), [(b"short", 2), (b"x" * 33, 2), (SECRET, 0), (SECRET, 4)])
def test_secrets_and_thresholds_that_cannot_be_are_refused(secret, threshold):
    with pytest.raises(ValueError, match=r"secret"):
        split(secret, [1, 2, 3], threshold)


def test_the_weights_add_up_to_one_and_are_worked_out_once():
    """The interpolation of the constant 1 is 1."""
    weights_at_zero.cache_clear()
    for _ in range(3):
        assert sum(weights_at_zero((3, 5, 8, 13))) % PRIME == 1
    assert weights_at_zero.cache_info().misses == 1


def test_the_prime_is_one():
    """Fermat's test with several bases; a composite passes one with probability below a half."""
    assert all(pow(base, PRIME - 1, PRIME) == 1 for base in (2, 3, 5, 7, 11, 13, 17))
    assert PRIME > 2**256


def test_pycryptodome_agrees_on_what_shares_can_do():
    """Its field is another, so values differ; which shares give the secret, and that wrong ones pass, does not."""
    shamir = pytest.importorskip("Crypto.Protocol.SecretSharing").Shamir
    theirs, ours = dict(shamir.split(3, 5, SECRET[:16])), split(SECRET, range(1, 6), 3)
    assert set(theirs) == set(ours)
    for chosen in combinations(range(1, 6), 3):
        assert shamir.combine([(k, theirs[k]) for k in chosen]) == SECRET[:16]
        assert combine({k: ours[k] for k in chosen}, 3) == SECRET
    wrong = [(1, theirs[1]), (2, theirs[2]), (3, theirs[4])]
    assert shamir.combine(wrong) != SECRET[:16]
    assert combine({1: ours[1], 2: ours[2], 3: bytes(33)}, 3) != SECRET
