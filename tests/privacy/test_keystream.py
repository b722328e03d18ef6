"""Bits of a seed: AES in counter mode as the masks have it, and numbers below a bound that are all as likely.

Also covers qfl/privacy/gaussian.py.
"""

import numpy as np
import pytest
from scipy.stats import chisquare, kstest

from qfl.privacy.gaussian import GRID, gaussian, noisy
from qfl.privacy.keystream import Keystream
from qfl.security.masking.masks import mask_words

SEED = bytes(range(32))


def test_the_words_are_those_of_another_implementation():
    """However they are asked for."""
    own = Keystream(SEED)
    found = np.concatenate([own.words(3), own.words(1000), own.words(7)])
    np.testing.assert_array_equal(found, mask_words(SEED, 1010))


@pytest.mark.parametrize("bound", [1, 2, 3, 6, 7])
def test_numbers_below_a_bound_are_equally_likely(bound):
    own = Keystream(SEED)
    seen = np.bincount([own.below(bound) for _ in range(6000)], minlength=bound)
    assert len(seen) == bound and (bound == 1 or chisquare(seen).pvalue > 1e-4)


def test_bounds_may_be_of_any_size():
    own, bound = Keystream(SEED), 3 * 2**200
    found = [own.below(bound) for _ in range(300)]
    assert max(found) < bound and max(found) > 2**201 and min(found) < 2**199


def test_draws_are_normal():
    assert kstest(gaussian(Keystream(SEED), 20_000), "norm").pvalue > 1e-4


def test_what_is_released_lies_on_the_grid_around_the_value():
    found = noisy(np.full(20_000, 0.3), 0.05, Keystream(SEED))
    assert (found / GRID == np.rint(found / GRID)).all()
    assert found.mean() == pytest.approx(0.3, abs=0.05 * 4 / np.sqrt(20_000)) and found.std() == pytest.approx(
        0.05, rel=0.03
    )
