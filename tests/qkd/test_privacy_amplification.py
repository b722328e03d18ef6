from math import sqrt

import numpy as np
import pytest

from qfl.errors import InputError
from qfl.qkd.privacy_amplification import toeplitz_hash
from qfl.seeds import stream


def bits(number, *path):
    return stream(1, "test", *path).integers(2, size=number, dtype=np.uint8)


@pytest.mark.parametrize("number,length", [(1, 1), (7, 3), (3, 7), (500, 256)])
def test_the_transform_equals_the_matrix(number, length):
    given, seed = bits(number, "bits"), bits(number + length - 1, "seed")
    matrix = np.array([[seed[i - j + number - 1] for j in range(number)] for i in range(length)])
    assert (toeplitz_hash(given, seed, length) == matrix @ given % 2).all()


def test_it_is_linear():
    one, other, seed = bits(1000, "one"), bits(1000, "other"), bits(1099, "seed")
    both = toeplitz_hash(one ^ other, seed, 100)
    assert (both == toeplitz_hash(one, seed, 100) ^ toeplitz_hash(other, seed, 100)).all()


def test_two_strings_collide_for_one_seed_in_two_to_the_length():
    one, other, trials = bits(64, "one"), bits(64, "other"), 4000
    seeds = bits(trials * 69, "seeds").reshape(trials, 69)
    met = sum((toeplitz_hash(one, seed, 6) == toeplitz_hash(other, seed, 6)).all() for seed in seeds)
    assert met / trials == pytest.approx(2**-6, abs=5 * sqrt(2**-6 / trials))


def test_a_million_bits_are_hashed_exactly():
    given, seed = bits(10**6, "long"), bits(10**6 + 255, "long seed")
    found = toeplitz_hash(given, seed, 256)
    rows = [0, 100, 255]
    assert [int(found[i]) for i in rows] == [int(seed[i : i + 10**6][::-1].astype(int) @ given) % 2 for i in rows]


@pytest.mark.parametrize("number,seed,length", [(0, 0, 1), (5, 4, 0), (5, 9, 4), (5, 7, 4)])
def test_lengths_that_do_not_fit_are_refused(number, seed, length):
    with pytest.raises(InputError):
        toeplitz_hash(np.zeros(number, np.uint8), np.zeros(seed, np.uint8), length)
