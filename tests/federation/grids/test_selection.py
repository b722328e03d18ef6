import numpy as np
import pytest

from qfl.federation.grids.selection import SELECTIONS, Pool, SelectionGrid, choose, resources

POOL = Pool(seed=3, count=40, labels=[(k % 10,) for k in range(40)])


@pytest.mark.parametrize("name", SELECTIONS)
def test_a_choice_is_ascending_without_repeats_and_the_same_for_the_same_seed(name):
    chosen = choose(name, POOL, 15, 4)
    assert chosen == sorted(set(chosen)) == choose(name, POOL, 15, 4)
    assert set(chosen) <= set(range(40)) and len(chosen) == (40 if name == "full" else 15)


@pytest.mark.parametrize("name", ["uniform", "balanced", "resource"])
def test_rounds_and_seeds_choose_differently(name):
    first = choose(name, POOL, 15, 1)
    assert first != choose(name, POOL, 15, 2)
    assert first != choose(name, Pool(4, 40, POOL.labels), 15, 1)


@pytest.mark.parametrize("name", SELECTIONS)
def test_zero_asks_everybody(name):
    assert choose(name, POOL, 40, 1) == list(range(40))


def test_balanced_choice_takes_every_label_equally_often():
    for round_number in range(1, 20):
        chosen = choose("balanced", POOL, 20, round_number)
        assert np.bincount([POOL.labels[k][0] for k in chosen], minlength=10).tolist() == [2] * 10


def test_balanced_choice_evens_out_clients_of_several_labels():
    labels = [(0,)] * 18 + [(1, 2)] * 2
    chosen = choose("balanced", Pool(1, 20, labels), 4, 1)
    assert {18, 19} <= set(chosen)


def test_uniform_choice_gives_every_client_the_same_share():
    times = np.bincount(np.concatenate([choose("uniform", POOL, 10, r) for r in range(1, 801)]), minlength=40)
    assert abs(times - 200).max() < 5 * np.sqrt(800 * 0.25 * 0.75)


def test_resource_choice_prefers_the_rich_as_probability_says():
    """With one client per round the share of each is its resource over the sum of all."""
    weight = resources(3, 8)
    times = np.bincount([choose("resource", Pool(3, 8), 1, r)[0] for r in range(1, 2001)], minlength=8)
    expected = weight / weight.sum()
    assert abs(times / 2000 - expected).max() < 5 * np.sqrt(0.25 / 2000)
    assert times.argmax() == weight.argmax()


def test_a_strategy_sees_only_the_chosen_nodes(echo_grid):
    grid = SelectionGrid(echo_grid(5), {k: 1000 + k for k in range(5)}, [1, 3])
    assert list(grid.get_node_ids()) == [1001, 1003]
