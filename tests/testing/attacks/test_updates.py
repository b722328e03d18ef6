"""Attacks of clients by themselves: what each sends, against arithmetic, and what a mean makes of it."""

import numpy as np
import pytest

from qfl.aggregation.delta import delta_mean
from qfl.angles import TWO_PI, AngleLayout
from qfl.seeds import stream
from qfl.testing.attacks.updates import flip_bits, flip_sign, replace_model, ride_free, scale

LAYOUT = AngleLayout(("a", "b", "weight"), (TWO_PI, 2 * TWO_PI, np.inf))
START = np.array([3.0, -1.0, 2.0])
MOVED = np.array([[0.2, -0.1, 0.5], [-0.3, 0.4, -7.0]])


def test_reversed_and_scaled_movements_are_those_on_the_line():
    np.testing.assert_allclose(flip_sign(START, START + MOVED, LAYOUT), START - MOVED, atol=1e-12)
    np.testing.assert_allclose(flip_sign(START, START + MOVED, LAYOUT, 3.0), START - 3 * MOVED, atol=1e-12)
    np.testing.assert_allclose(scale(START, START + MOVED, LAYOUT, 10.0), START + 10 * MOVED, atol=1e-12)


@pytest.mark.parametrize("attack", [flip_sign, scale])
def test_an_angle_that_was_wrapped_is_attacked_as_the_one_it_means(attack):
    turns = np.array([[1, -2, 0], [3, 1, 0]]) * np.array([TWO_PI, 2 * TWO_PI, 0.0])
    whole, wrapped = (attack(START, START + MOVED + each, LAYOUT) for each in (0.0, turns))
    np.testing.assert_allclose(whole, wrapped, atol=1e-9)


@pytest.mark.parametrize("num", [1, 2])
def test_the_mean_of_replacements_and_of_clients_that_stay_is_the_attackers_model(num):
    updates = np.tile(START, (5, 1))
    updates[:num] = replace_model(START, np.tile(START + MOVED[0], (num, 1)), LAYOUT, share=num / 5)
    found = delta_mean(START, updates, np.ones(5), LAYOUT)
    np.testing.assert_allclose(found.angles, START + MOVED[0], atol=1e-12)


def test_a_given_boost_is_taken_in_place_of_the_share():
    np.testing.assert_allclose(
        replace_model(START, START + MOVED, LAYOUT, share=0.5, strength=3.0), START + 3 * MOVED, atol=1e-12
    )


def test_a_free_rider_sends_the_broadcast_with_noise_of_the_size_asked_for():
    angles = np.linspace(-3, 3, 4000)
    sent = ride_free(angles, np.full((2, 4000), 9.0), stream(1, "ride"), strength=0.05)
    assert np.abs((sent - angles).mean()) < 0.005 and (sent - angles).std() == pytest.approx(0.05, rel=0.05)
    assert not np.array_equal(sent[0], sent[1])


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize("bits", [0, 1, 7])
def test_as_many_bits_are_flipped_as_asked_for(dtype, bits):
    updates = stream(2, "bits").normal(size=(3, 20)).astype(dtype)
    kept = updates.copy()
    sent = flip_bits(updates, stream(3, "bits"), float(bits))
    assert sent.dtype == dtype and np.array_equal(updates, kept)
    for before, after in zip(updates, sent, strict=True):
        different = int.from_bytes(before.tobytes(), "big") ^ int.from_bytes(after.tobytes(), "big")
        assert different.bit_count() == bits


def test_more_bits_than_there_are_flips_them_all():
    one = np.ones((1, 2))
    np.testing.assert_array_equal(flip_bits(one, stream(1, "bits"), 1e6).view(np.uint64), ~one.view(np.uint64))
