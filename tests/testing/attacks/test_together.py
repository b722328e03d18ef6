"""Attacks of clients that know updates: hidden in the spread, and against the mean."""

import numpy as np
import pytest

from qfl.angles import TWO_PI, AngleLayout
from qfl.seeds import stream
from qfl.testing.attacks.together import a_little, against_the_mean

LAYOUT = AngleLayout(tuple("abc"), (TWO_PI, TWO_PI, np.inf))
NONE = np.zeros((0, 3))


def fleet(seed, attackers, honest):
    rng = stream(seed, "together")
    start, moved = rng.uniform(-3, 3, 3), rng.normal(0.2, 0.1, (attackers + honest, 3))
    return start, moved, start + moved[:attackers], start + moved[attackers:]


@pytest.mark.parametrize("seed", range(3))
@pytest.mark.parametrize("sees", [False, True])
def test_a_little_is_so_many_deviations_from_the_mean_of_what_is_known(seed, sees):
    start, moved, own, others = fleet(seed, 3, 6)
    known = moved if sees else moved[:3]
    sent = a_little(start, own, others if sees else NONE, LAYOUT, 1.5)
    off = [(start[j] + np.mean(known[:, j]) - sent[:, j]) / np.sqrt(np.var(known[:, j])) for j in range(3)]
    np.testing.assert_allclose(off, np.full((3, 3), 1.5), rtol=1e-9)


@pytest.mark.parametrize("strength", [0.5, 1.9, 2.1, 10.0])
def test_the_mean_turns_round_where_the_strength_is_more_than_honest_clients_over_attackers(strength):
    """Four honest clients and two attackers who all moved by mu: the mean is (4 mu - 2 e mu) / 6."""
    start, moved, *_ = fleet(1, 2, 4)
    moved[:] = moved[0]
    sent = against_the_mean(start, start + moved[:2], start + moved[2:], LAYOUT, strength)
    mean = np.concatenate([sent, start + moved[2:]]).mean(0) - start
    assert (mean @ moved[0] < 0) == (strength > 2.0)


@pytest.mark.parametrize("attack", [a_little, against_the_mean])
def test_whole_periods_change_nothing_and_all_attackers_send_the_same(attack):
    start, _, own, others = fleet(2, 3, 6)
    turns = stream(2, "turns").integers(-2, 3, (3, 3)) * np.array([TWO_PI, TWO_PI, 0.0])
    sent, turned = (attack(start, updates, others, LAYOUT, 2.0) for updates in (own, own + turns))
    np.testing.assert_allclose(sent, turned, atol=1e-9)
    assert np.all(sent == sent[0])
