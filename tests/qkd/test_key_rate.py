from math import sqrt

import numpy as np
import pytest

from qfl.errors import ConfigError
from qfl.qkd.channel import Link
from qfl.qkd.key_rate import (
    DecoyCounts,
    Security,
    asymptotic_rate,
    binary_entropy,
    decoy_bounds,
    decoy_length,
    entangled_length,
    one_way_threshold,
    single_photon_length,
)

SECURITY = Security()
RATES = (0.0, 0.01, 0.03, 0.05, 0.08)


@pytest.mark.parametrize(
    "reconciliation,rate", [(1.0, 0.110028), (1.10, 0.1023), (1.16, 0.0981), (1.20, 0.0955), (1.25, 0.0924)]
)
def test_the_threshold_falls_as_more_is_disclosed(reconciliation, rate):
    assert one_way_threshold(reconciliation) == pytest.approx(rate, abs=5.1e-5)


@pytest.mark.parametrize(
    "sifted,bits",
    [
        (2_000, (176, 32, 0, 0, 0)),
        (5_000, (1_262, 832, 231, 0, 0)),
        (10_000, (3_609, 2_659, 1_283, 239, 0)),
        (100_000, (63_688, 51_737, 33_635, 18_825, 1_641)),
    ],
)
def test_single_photons_yield_what_the_formula_was_computed_to_yield(sifted, bits):
    for rate, expected in zip(RATES, bits, strict=True):
        lengths = [
            single_photon_length(
                sifted - tested, tested, rate, 1.16 * (sifted - tested) * binary_entropy(rate), SECURITY
            )
            for tested in range(20, sifted // 2, sifted // 500)
        ]
        assert max(0, *lengths) == pytest.approx(expected, abs=4)


def test_nothing_is_secret_of_nothing():
    assert single_photon_length(0, 10, 0.0, 0.0, SECURITY) == single_photon_length(10, 0, 0.0, 0.0, SECURITY) == 0
    assert entangled_length(0, 2.8, 0.0, SECURITY) == entangled_length(1000, 2.0, 0.0, SECURITY) == 0


def test_endless_decoys_reach_142_km_with_the_detectors_of_gobby_yuan_and_shields():
    """As Ma, Qi, Zhao and Lo (2005), section IV: 142.05 km, at 0.21 dB/km, 4.5 %, 1.7e-6, 3.3 % and mu = 0.48."""

    def rate(distance_km):
        return asymptotic_rate(Link(10 ** (-0.021 * distance_km), 0.045, 1.7e-6, 0.033), 0.48, 1.22)

    assert rate(141.5) > 0 and rate(142.5) == 0


def counted(pulses, link, source, errors=0.5):
    """Return average counts, and how many of the key's bits had no photon and one."""
    intensities, probabilities = source
    gains = [1 - (1 - link.dark_count) * np.exp(-mu * link.efficiency) for mu in intensities]
    bits = tuple(pulses * p * g / 4 for p, g in zip(probabilities, gains, strict=True))
    wrong = tuple(errors * link.dark_count * pulses * p / 4 for p in probabilities)
    none, one = (
        sum(
            pulses * p * np.exp(-mu) * mu**n * link.click(n) / 4
            for p, mu in zip(probabilities, intensities, strict=True)
        )
        for n in (0, 1)
    )
    return DecoyCounts(intensities, probabilities, bits, bits, wrong), none, one


def test_decoys_never_prove_more_single_photons_than_there_were_and_nearly_all_of_them_in_the_long_run():
    link, source = Link(0.1, 0.1, 1e-6), ((0.5, 0.1, 1e-4), (0.4, 0.3, 0.3))
    shares = []
    for pulses in (1e8, 1e10, 1e14):
        counts, none, one = counted(pulses, link, source)
        bounds = decoy_bounds(counts, SECURITY)
        assert bounds.single <= one and bounds.vacuum <= none
        shares.append(bounds.single / one)
    assert shares == sorted(shares) and shares[-1] > 0.95


def test_too_few_counts_prove_nothing():
    counts, *_ = counted(1e4, Link(0.1, 0.1, 1e-6), ((0.5, 0.1, 1e-4), (0.4, 0.3, 0.3)))
    bounds = decoy_bounds(counts, SECURITY)
    assert (bounds.single, bounds.phase_error) == (0.0, 0.5) and decoy_length(bounds, 0.0, SECURITY) <= 0


@pytest.mark.parametrize("intensities", [(0.5, 0.1), (0.5, 0.4, 0.2), (0.5, 0.1, 0.1)])
def test_decoys_are_three_and_apart(intensities):
    same = tuple(1 / len(intensities) for _ in intensities)
    with pytest.raises(ConfigError, match="give three"):
        decoy_bounds(DecoyCounts(intensities, same, same, same, same), SECURITY)


def test_a_larger_s_leaves_more():
    lengths = [entangled_length(10**6, s, 0.0, SECURITY) for s in (2.1, 2.5, 2.7, 2 * sqrt(2), 3.0)]
    assert lengths == sorted(lengths) and lengths[-1] == lengths[-2] > 900_000


@pytest.mark.parametrize("given", [{"secrecy": 0.0}, {"correctness": 1.0}, {"secrecy": float("nan")}])
def test_probabilities_of_failure_are_between_0_and_1(given):
    with pytest.raises(ConfigError, match="above 0 and below 1"):
        Security(**given)


@pytest.mark.parametrize("call", [lambda: one_way_threshold(0.9), lambda: asymptotic_rate(Link(), float("nan"))])
def test_numbers_out_of_range_are_refused(call):
    with pytest.raises(ConfigError):
        call()
