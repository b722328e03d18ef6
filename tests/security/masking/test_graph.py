"""The graph of holders: as many as asked, mutual, connected; and its threshold."""

import numpy as np
import pytest

from qfl.security.masking.graph import default_threshold, holders, num_holders


@pytest.mark.parametrize(("count", "neighbours"), [(3, 0), (7, 2), (20, 6), (20, 18), (20, 20), (4, 50)])
def test_everybody_has_as_many_holders_and_holds_for_as_many(count, neighbours):
    ring = np.random.default_rng(count).permutation(count).tolist()
    found = {client: holders(ring, client, neighbours) for client in ring}
    for client, own in found.items():
        assert client in own and len(set(own)) == len(own) == num_holders(count, neighbours)
        assert all(client in found[other] for other in own)


def test_a_ring_of_neighbours_is_in_one_piece():
    found, reached = {client: holders(list(range(30)), client, 2) for client in range(30)}, {0}
    for _ in range(30):
        reached |= {other for client in reached for other in found[client]}
    assert reached == set(range(30))


@pytest.mark.parametrize("count", range(3, 60))
def test_two_thresholds_cannot_be_met_apart(count):
    """Two sets of holders that both reach it share more than a third of all: one that is honest, if fewer collude."""
    threshold = default_threshold(count)
    assert threshold <= count and 2 * threshold - count > count / 3 - 1
    assert 2 * threshold > count
