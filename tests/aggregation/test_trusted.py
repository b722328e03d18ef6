"""FLTrust's rule against its equations, client by client."""

import numpy as np
import pytest

from qfl.aggregation.trusted import trusted_mean
from qfl.angles import TWO_PI, AngleLayout
from qfl.errors import InputError
from qfl.seeds import stream

LAYOUT = AngleLayout(("a", "b", "weight"), (TWO_PI, TWO_PI, np.inf))


def by_hand(start, updates, server):
    own, total, trust = server - start, np.zeros(3), 0.0
    for update in updates:
        moved = update - start
        cosine = moved @ own / (np.sqrt(moved @ moved) * np.sqrt(own @ own))
        if cosine > 0:
            trust += cosine
            total += cosine * np.sqrt(own @ own) / np.sqrt(moved @ moved) * moved
    return start + total / trust


@pytest.mark.parametrize("seed", range(5))
def test_it_is_the_mean_by_trust_of_updates_as_long_as_the_servers(seed):
    rng = stream(seed, "trust")
    start, server = rng.uniform(-1, 1, 3), rng.normal(0, 0.3, 3)
    updates = start + rng.normal(0, 0.5, (6, 3))
    found = trusted_mean(start, updates, np.ones(6), LAYOUT, server=start + server)
    np.testing.assert_allclose(found.angles, by_hand(start, updates, start + server), atol=1e-12)
    np.testing.assert_array_equal(found.kept, (updates - start) @ server > 0)
    turned = updates + np.array([TWO_PI, -2 * TWO_PI, 0.0])
    again = trusted_mean(start, turned, np.ones(6), LAYOUT, server=start + server)
    np.testing.assert_allclose(again.angles, found.angles, atol=1e-9)


def test_however_far_attackers_go_the_angles_move_no_further_than_the_server_does():
    updates = np.concatenate([np.full((9, 3), 1e3) * [0, 0, 1], np.full((1, 3), 0.1)])
    found = trusted_mean(np.zeros(3), updates, np.ones(10), LAYOUT, server=np.full(3, 0.1))
    assert np.linalg.norm(found.angles) <= np.linalg.norm(np.full(3, 0.1)) + 1e-12


def test_where_nobody_is_trusted_the_angles_stay_and_a_weight_of_zero_has_no_say():
    server = np.full(3, 0.1)
    found = trusted_mean(np.ones(3), np.full((2, 3), 0.9), np.ones(2), LAYOUT, server=1 + server)
    assert np.array_equal(found.angles, np.ones(3)) and found.diagnostics == {"kept": 0.0, "trust": 0.0}
    updates = np.array([[0.1, 0.2, 0.1], [0.3, 0.0, 0.0]])
    one, both = (
        trusted_mean(np.zeros(3), updates[:n], np.array([1.0, 0.0])[:n], LAYOUT, server=server) for n in (1, 2)
    )
    np.testing.assert_allclose(one.angles, both.angles, atol=1e-15)


def test_weights_that_are_none_are_refused():
    with pytest.raises(InputError, match="weights"):
        trusted_mean(np.zeros(3), np.ones((2, 3)), np.array([-1.0, 1.0]), LAYOUT, server=np.ones(3))
