"""The exact sampler against the closed form of its distribution."""

import numpy as np
import pytest
from scipy.stats import chisquare

from qfl.privacy.discrete_gaussian import _happens, discrete_gaussian
from qfl.privacy.keystream import Keystream
from qfl.seeds import stream


def bits(name):
    return Keystream(stream(1, "test", name).bytes(32))


@pytest.mark.parametrize("variance", [1, 2, 9])
def test_frequencies_are_those_of_the_closed_form(variance):
    found = discrete_gaussian(bits(variance), variance, 20_000)
    values = np.arange(-40, 41)
    weight = np.exp(-(values**2) / (2 * variance))
    wanted = len(found) * weight / weight.sum()
    seen = np.array([(found == value).sum() for value in values])
    inner = wanted > 10
    rest = [seen[~inner].sum()], [wanted[~inner].sum()]
    result = chisquare([*seen[inner], *rest[0]], [*wanted[inner], *rest[1]])
    assert result.pvalue > 1e-4 and seen.sum() == len(found)


def test_a_wide_one_has_its_deviation_and_no_bias():
    """On the grid that updates have: 2^32 steps a radian, 0.01 rad of noise."""
    variance = round((0.01 * 2**32) ** 2)
    found = discrete_gaussian(bits("wide"), variance, 3000) / 2**32
    assert found.std() == pytest.approx(0.01, rel=0.06) and abs(found.mean()) < 0.01 / np.sqrt(3000) * 4
    assert len(np.unique(found)) == 3000


@pytest.mark.parametrize(("numerator", "denominator"), [(0, 1), (1, 3), (1, 1), (5, 2)])
def test_an_event_is_as_likely_as_it_says(numerator, denominator):
    own, chance = bits(f"{numerator}/{denominator}"), np.exp(-numerator / denominator)
    seen = sum(_happens(own, numerator, denominator) for _ in range(8000))
    assert abs(seen - 8000 * chance) <= 4.5 * np.sqrt(8000 * chance * (1 - chance))
