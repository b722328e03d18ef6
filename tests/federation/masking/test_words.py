"""Updates as words and back: the weighted mean of movements and metrics, and what cannot be one."""

from dataclasses import replace

import numpy as np
import pytest

from qfl.angles import TWO_PI, AngleLayout
from qfl.errors import Rejection, RoundFailed
from qfl.federation.grids.caps import Caps
from qfl.federation.masking.words import require_plausible, words_of
from qfl.tasks.local import ClientUpdate

LAYOUT = AngleLayout(("a", "b", "bias"), (TWO_PI, 2 * TWO_PI, float("inf")))
WORDS = words_of(LAYOUT, "accuracy")
RECEIVED = np.array([3.0, -3.0, 0.5])


def update(client, moved, samples):
    return ClientUpdate(client, RECEIVED + moved, samples, 0.5 * client, 1.0, 0.25, 0.125)


def summed(updates):
    words = [WORDS.of_update(each, RECEIVED, len(updates)) for each in updates]
    return sum(words, np.zeros(WORDS.count, dtype=np.uint64))


def test_the_mean_is_federated_averaging_of_movements_and_metrics():
    moves, samples = np.array([[0.3, -0.2, 1.0], [-0.1, 0.4, -9.0], [2.0, 0.0, 0.1]]), [3, 10, 7]
    found, metrics = WORDS.mean(summed([update(k, moves[k], samples[k]) for k in range(3)]), RECEIVED)
    assert found == pytest.approx(RECEIVED + np.average(moves, axis=0, weights=samples), abs=2**-32)
    assert metrics["num-examples"] == 20
    assert metrics["train_loss"] == pytest.approx((0.5 * 10 + 1.0 * 7) / 20, abs=1e-6)
    assert (metrics["accuracy"], metrics["noise"], metrics["clipped"]) == (0.25, 0.125, 0.0)


def test_what_is_clipped_is_counted():
    found, metrics = WORDS.mean(summed([update(0, np.array([99.0, 0.0, -99.0]), 5)]), RECEIVED)
    assert found == pytest.approx(RECEIVED + np.array([TWO_PI, 0.0, -10.0]), abs=1e-9)
    assert metrics["clipped"] == pytest.approx(2 / WORDS.count, abs=1e-6)


@pytest.mark.parametrize("name", ["train_loss", "angles"])
def test_a_diverged_client_is_refused_by_itself(name):
    bad = replace(update(0, np.zeros(3), 5), **{name: np.nan if name == "train_loss" else RECEIVED * np.inf})
    with pytest.raises(Rejection, match="not-finite"):
        WORDS.of_update(bad, RECEIVED, 3)


@pytest.mark.parametrize("samples", [0, 10**9])
def test_samples_without_room_are_refused(samples):
    with pytest.raises(Rejection, match="mask-overflow"):
        WORDS.of_update(update(0, np.zeros(3), samples), RECEIVED, 3)


def test_a_sum_that_no_clients_can_have_fails_the_round():
    with pytest.raises(RoundFailed, match="of 0 samples"):
        WORDS.mean(np.zeros(WORDS.count, dtype=np.uint64), RECEIVED)
    found, metrics = WORDS.mean(summed([update(0, np.array([3.0, 0.0, 0.0]), 5)]), RECEIVED)
    require_plausible(found, RECEIVED, metrics, Caps(3.0), 5)
    with pytest.raises(RoundFailed, match=r"moved by 3; one client may by 2\.9"):
        require_plausible(found, RECEIVED, metrics, Caps(2.9), 5)
    with pytest.raises(RoundFailed, match="of 5 samples; its clients hold at most 4"):
        require_plausible(found, RECEIVED, metrics, Caps(3.0), 4)
