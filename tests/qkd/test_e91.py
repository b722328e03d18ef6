from math import sqrt

import pytest

from qfl.errors import ConfigError
from qfl.qkd.channel import Link, fibre
from qfl.qkd.e91 import share_pairs
from qfl.qkd.eavesdropper import Eavesdropper
from qfl.seeds import stream

MILLION = 10**6
S_ERROR = 5 * 4 / sqrt(MILLION / 9 * 2)  # five standard deviations of S at most: four means over a ninth of the pairs


def shared(link=None, eavesdropper=None, pairs=MILLION):
    return share_pairs(pairs, link or Link(), eavesdropper or Eavesdropper(), stream(1, "test", "e91"))


@pytest.mark.parametrize("visibility", [1.0, 0.9, 1 / sqrt(2)])
def test_s_and_errors_follow_the_visibility(visibility):
    found = shared(Link(depolarising=1 - visibility))
    assert found.bell == pytest.approx(2 * sqrt(2) * visibility, abs=S_ERROR)
    assert found.sifted().error_rate == pytest.approx((1 - visibility) / 2, abs=0.005)
    assert found.key_fraction == pytest.approx(2 / 9, abs=0.0021)


def test_interception_halves_s_and_leaves_a_quarter_of_errors():
    found = shared(eavesdropper=Eavesdropper("intercept_resend"))
    assert found.bell == pytest.approx(sqrt(2), abs=S_ERROR)
    assert found.sifted().error_rate == pytest.approx(0.25, abs=0.005)
    assert found.sifted().known > 0.75


def test_jamming_leaves_nothing():
    found = shared(eavesdropper=Eavesdropper("jammer"))
    assert abs(found.bell) < S_ERROR and found.sifted().error_rate == pytest.approx(0.5, abs=0.006)


def test_pairs_count_where_both_halves_click():
    link = fibre(10.0)
    assert len(shared(link).bits) == pytest.approx(MILLION * 0.1 * link.efficiency, rel=0.06)


@pytest.mark.parametrize("strategy", ["breidbart", "photon_number_splitting"])
def test_strategies_of_weak_light_are_refused(strategy):
    with pytest.raises(ConfigError, match="one of none, intercept_resend, jammer"):
        shared(eavesdropper=Eavesdropper(strategy))


@pytest.mark.parametrize("pairs", [0, -5, 10**12])
def test_numbers_of_pairs_are_bounded(pairs):
    with pytest.raises(ConfigError):
        shared(pairs=pairs)
