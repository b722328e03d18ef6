"""The textbook's figures of BB84, from a million pulses, within five standard deviations. Also covers bits.py."""

from math import cos, pi, sqrt

import numpy as np
import pytest

from qfl.errors import ConfigError
from qfl.qkd.bb84 import DECOY, MOST_CLICKS, Source, split_yields, transmit
from qfl.qkd.channel import Link, fibre
from qfl.qkd.eavesdropper import Eavesdropper
from qfl.seeds import stream

MILLION = 10**6
NOBODY = Eavesdropper()


def sent(link=None, eavesdropper=NOBODY, source=None, pulses=MILLION):
    return transmit(pulses, source or Source(), link or Link(), eavesdropper, stream(1, "test", "bb84"))


def close(measured, expected, number):
    """Within five standard deviations of a share of so many draws."""
    return measured == pytest.approx(expected, abs=5 * sqrt(max(expected * (1 - expected), 1e-9) / number))


def test_half_of_the_bits_are_sifted_and_all_are_right():
    found = sent()
    assert close(found.sifted_fraction, 0.5, MILLION) and found.sifted().error_rate == 0
    assert close(found.sifted().known, 0.5, MILLION / 2)


@pytest.mark.parametrize("share", [1.0, 0.5, 0.44])
def test_intercept_and_resend_leaves_a_quarter_of_errors(share):
    found = sent(eavesdropper=Eavesdropper("intercept_resend", share)).sifted()
    assert close(found.error_rate, share / 4, MILLION / 2)
    assert close(found.known, 0.5 + share / 4, MILLION / 2)


def test_the_breidbart_basis_leaves_the_same_errors_and_tells_more():
    found = sent(eavesdropper=Eavesdropper("breidbart")).sifted()
    assert close(found.error_rate, 0.25, MILLION / 2)
    assert close(found.known, cos(pi / 8) ** 2, MILLION / 2)


@pytest.mark.parametrize("p,share", [(0.05, 0.0), (0.05, 0.2)])
def test_depolarising_adds_half_of_what_is_left(p, share):
    found = sent(Link(depolarising=p), Eavesdropper("intercept_resend", share)).sifted()
    assert close(found.error_rate, p / 2 + share * (1 - p) / 4, MILLION / 2)


def test_loss_takes_bits_and_adds_no_errors():
    found = sent(Link(transmittance=0.5))
    assert close(found.sifted_fraction, 0.25, MILLION) and found.sifted().error_rate == 0


def test_dark_counts_are_wrong_half_of_the_time():
    found = sent(Link(transmittance=0.0, dark_count=0.1))
    assert close(found.sifted_fraction, 0.05, MILLION)
    assert close(found.sifted().error_rate, 0.5, MILLION / 20)


def test_twenty_test_bits_find_full_interception_almost_always():
    found = sent(eavesdropper=Eavesdropper("intercept_resend")).sifted()
    wrong = (found.sender != found.receiver)[: len(found) // 20 * 20].reshape(-1, 20)
    assert close(wrong.any(1).mean(), 1 - 0.75**20, len(wrong))
    assert 1 - 0.75**72 == pytest.approx(1 - 1e-9, abs=1e-10)


def test_a_jammer_leaves_noise():
    found = sent(eavesdropper=Eavesdropper("jammer")).sifted()
    assert close(found.error_rate, 0.5, MILLION / 2) and close(found.known, 0.5, MILLION / 2)


def test_weak_pulses_click_as_poisson_light_does():
    link = fibre(25.0)
    found = sent(link, source=DECOY, pulses=10**8)
    for kind, mu in enumerate(DECOY.intensities):
        gain = 1 - (1 - link.dark_count) * np.exp(-mu * link.efficiency)
        share = DECOY.probabilities[kind]
        assert close(np.mean(found.kind == kind) * len(found.kind) / 1e8, share * gain, 10**8)


def test_splitting_photon_numbers_makes_no_errors_and_leaves_the_bright_pulses_as_frequent():
    link, source = fibre(50.0), Source(DECOY.intensities, DECOY.probabilities)
    hers, chances = split_yields(source, link), source.photons(0)
    honest = [link.click(n) for n in range(len(hers))]
    assert chances @ np.array(hers) == pytest.approx(chances @ np.array(honest), rel=1e-6)
    assert hers[1] < honest[1] and hers[2] > honest[2]
    found = sent(link, Eavesdropper("photon_number_splitting"), source, 10**7).sifted()
    assert found.error_rate < 0.01 and found.known > 0.99  # with 10 dB lost, she passes on what she can split alone


@pytest.mark.parametrize(
    "given",
    [
        {"intensities": (0.1, 0.5), "probabilities": (0.5, 0.5)},
        {"intensities": (1.5,)},
        {"intensities": (float("nan"),)},
        {"probabilities": (0.5,)},
        {"probabilities": ()},
        {"intensities": (0.5, 0.1), "probabilities": (1.0, 0.0)},
        {"key_basis": 0.0},
        {"key_basis": float("nan")},
    ],
)
def test_a_source_that_cannot_be_is_refused(given):
    with pytest.raises(ConfigError, match="; give "):
        Source(**given)


@pytest.mark.parametrize("pulses", [0, -1])
def test_no_pulses_are_refused(pulses):
    with pytest.raises(ConfigError, match="give a number from 1 on"):
        sent(pulses=pulses)


def test_more_clicks_than_fit_into_memory_are_refused():
    with pytest.raises(ConfigError, match="pulses click; ask for"):
        sent(pulses=2 * MOST_CLICKS)
