import numpy as np
import pytest

from qfl.qkd.bb84 import DECOY, Source, transmit
from qfl.qkd.bits import Sifted
from qfl.qkd.channel import Link, fibre
from qfl.qkd.distil import KeyStatus, distil
from qfl.qkd.e91 import share_pairs
from qfl.qkd.eavesdropper import Eavesdropper
from qfl.qkd.estimation import Estimate, estimate_bb84, estimate_e91
from qfl.qkd.key_rate import Security
from qfl.seeds import stream

SECURITY = Security()


def single(link=None, eavesdropper=None, pulses=20_000, seed=1):
    draw = stream(seed, "test")
    found = transmit(pulses, Source(), link or Link(), eavesdropper or Eavesdropper(), draw)
    return distil(estimate_bb84(found, Source(), SECURITY), SECURITY, draw)


def weak(strategy, distance_km, pulses):
    draw = stream(1, "test", "decoy")
    found = transmit(pulses, DECOY, fibre(distance_km), Eavesdropper(strategy), draw)
    return distil(estimate_bb84(found, DECOY, SECURITY), SECURITY, draw)


def test_single_photons_leave_a_key_that_looks_random_and_depends_on_the_exchange():
    found, other = single(Link(misalignment=0.02)), single(Link(misalignment=0.02), seed=2)
    assert found.status is KeyStatus.KEY and found.secure_bits > 256 and found.leak_bits > 0
    assert abs(found.key.mean() - 0.5) < 5 * 0.5 / np.sqrt(found.secure_bits)
    assert not np.array_equal(found.key[:128], other.key[:128])
    assert np.array_equal(found.key, single(Link(misalignment=0.02)).key)


def test_about_two_times_ten_thousand_pulses_of_three_percent_errors_are_enough_for_256_bits():
    assert single(Link(misalignment=0.03), pulses=24_000).secure_bits >= 256


@pytest.mark.parametrize("strategy", ["intercept_resend", "breidbart", "jammer"])
def test_who_listens_to_all_leaves_no_key_and_the_reason(strategy):
    found = single(eavesdropper=Eavesdropper(strategy))
    assert found.status is KeyStatus.TOO_MANY_ERRORS and found.secure_bits == 0
    assert found.sentence.startswith("No key: the error rate is above the threshold") and "% errors" in found.sentence


def test_who_listens_to_a_tenth_makes_the_key_shorter():
    assert 0 < single(eavesdropper=Eavesdropper("intercept_resend", 0.1)).secure_bits < single().secure_bits


def test_photon_number_splitting_makes_no_errors_and_yet_leaves_no_key():
    honest, split = weak("none", 25.0, 10**8), weak("photon_number_splitting", 25.0, 10**8)
    assert honest.status is KeyStatus.KEY
    assert split.status is KeyStatus.TOO_SHORT and split.error_rate < 0.01


@pytest.mark.parametrize("pulses,status", [(10, KeyStatus.TOO_SHORT), (1, KeyStatus.NO_PHOTONS)])
def test_too_little_leaves_no_key(pulses, status):
    assert single(pulses=pulses).status is status


def test_nothing_that_arrives_leaves_no_key():
    assert single(Link(transmittance=0.0)).status is KeyStatus.NO_PHOTONS


@pytest.mark.parametrize(
    "link,strategy,pairs,status",
    [
        (Link(misalignment=0.005), "none", 10**6, KeyStatus.KEY),
        (Link(depolarising=0.2), "none", 10**5, KeyStatus.NO_ENTANGLEMENT),
        (Link(depolarising=0.2), "none", 10**6, KeyStatus.TOO_SHORT),
        (Link(), "intercept_resend", 10**5, KeyStatus.TOO_MANY_ERRORS),
    ],
)
def test_entangled_pairs_leave_a_key_only_where_they_are_entangled(link, strategy, pairs, status):
    draw = stream(1, "test", "e91")
    found = share_pairs(pairs, link, Eavesdropper(strategy), draw)
    assert distil(estimate_e91(found, SECURITY, draw), SECURITY, draw).status is status


def test_errors_that_cascade_leaves_are_found_by_the_hash():
    """The estimate says that there are hardly any errors, so blocks are long, and every one holds an even number."""
    sender = np.zeros(1400, np.uint8)
    receiver = sender.copy()
    receiver[[0, 1]] = 1
    for number in range(1000):
        estimate = Estimate(Sifted(sender, receiver, sender), 10_000, 0, lambda leak: 100)
        found = distil(estimate, SECURITY, np.random.default_rng(number))
        if found.status is KeyStatus.NOT_EQUAL:
            return
        assert found.status is KeyStatus.KEY
    raise AssertionError("no permutation left the two errors together")
