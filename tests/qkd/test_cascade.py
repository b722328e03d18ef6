import numpy as np
import pytest

from qfl.qkd.cascade import reconcile
from qfl.qkd.key_rate import binary_entropy
from qfl.seeds import stream


@pytest.mark.parametrize("rate", [0.01, 0.05, 0.11])
def test_the_leak_is_within_the_band_that_others_measure_and_no_error_stays(rate):
    draw, found = stream(1, "test", "cascade", int(100 * rate)), []
    for _ in range(6):
        sender = draw.integers(2, size=10_000, dtype=np.uint8)
        receiver = sender ^ (draw.random(10_000) < rate).astype(np.uint8)
        work = reconcile(sender, receiver, rate, draw)
        assert (work.bits == sender).all() and work.corrected == np.sum(sender != receiver)
        found.append(work.leak_bits / (10_000 * binary_entropy(float(np.mean(sender != receiver)))))
    assert 1.08 < np.mean(found) < 1.28


def test_equal_bits_stay_and_disclose_only_the_blocks_parities():
    bits = np.ones(1000, np.uint8)
    found = reconcile(bits, bits, 0.0, np.random.default_rng(1))
    assert found.corrected == 0 and (found.bits == bits).all()
    assert found.leak_bits == 2 + 1 + 1 + 1  # blocks of 730 bits, then of all


@pytest.mark.parametrize("number", [0, 1, 2])
def test_short_strings_are_corrected_too(number):
    sender, receiver = np.zeros(number, np.uint8), np.ones(number, np.uint8)
    found = reconcile(sender, receiver, 0.5, np.random.default_rng(1))
    assert len(found.bits) == number and found.corrected in (0, number)


def test_the_receivers_own_bits_are_left_alone():
    sender, receiver = np.zeros(100, np.uint8), np.eye(1, 100, 3, dtype=np.uint8)[0]
    reconcile(sender, receiver, 0.05, np.random.default_rng(1))
    assert receiver[3] == 1
