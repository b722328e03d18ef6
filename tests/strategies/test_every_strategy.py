"""What holds for every strategy of the registry, ours and Flower's, on Flower's own messages."""

import json

import numpy as np
import pytest

from qfl.federation.strategy.state import changed_since, restore_state, snapshot
from qfl.federation.strategy.step import has_step, own_step, set_round
from qfl.seeds import stream
from qfl.step_size import step_factor
from strategies.registry import STRATEGIES, make

START = np.array([0.3, 1.2, -0.5, 3.1, -2.0, 0.7])
EVERY = pytest.mark.parametrize("name", STRATEGIES)
STEPPED = [name for name, spec in STRATEGIES.items() if spec.has_step]
ROBUST = ("median", "trimmed-mean", "krum", "bulyan")


def scatter(round_number, spread=0.2):
    """Return a move in which every client goes its own way, the same in every call."""
    return lambda received, client: received + stream(1, round_number, client).normal(0, spread, len(received))


def towards(step):
    return lambda received, client: received + step


@EVERY
@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_a_run_resumed_after_the_first_round_ends_with_the_same_bits(name, dtype, settings, layout, run_round):
    s = settings(name, schedule="cosine" if name in STEPPED else "constant")

    own = own_step(make(s, layout))

    def rounds(strategy, angles, numbers):
        for number in numbers:
            set_round(strategy, s, number, own)
            angles = run_round(strategy, angles, number, scatter(number))
        return angles

    start = START.astype(dtype)
    uninterrupted = rounds(make(s, layout), start, (1, 2, 3))
    before = make(s, layout)
    made = snapshot(before)
    angles = rounds(before, start, (1,))
    arrays, plain = changed_since(made, before)
    arrays = {key: np.frombuffer(array.tobytes(), array.dtype).reshape(array.shape) for key, array in arrays.items()}
    after = make(s, layout)
    restore_state(after, snapshot(after), (arrays, json.loads(json.dumps(plain))))
    assert rounds(after, angles, (2, 3)).tobytes() == uninterrupted.tobytes()
    assert not np.array_equal(uninterrupted, angles)


@pytest.mark.parametrize("name", ["fedavgm", "fedadam", "fedyogi", "fedadagrad"])
def test_without_its_state_a_strategy_with_memory_ends_elsewhere(name, settings, layout, run_round):
    """So the test above would notice a state that is not saved."""
    strategy, s = make(settings(name), layout), settings(name)
    first = run_round(strategy, START, 1, scatter(1))
    remembered, forgotten = (run_round(each, first, 2, scatter(2)) for each in (strategy, make(s, layout)))
    assert not np.allclose(remembered, forgotten, atol=1e-6)


@EVERY
def test_if_nobody_moves_the_angles_stay(name, settings, layout, run_round):
    result = run_round(make(settings(name), layout), START, 1, towards(0.0))
    np.testing.assert_allclose(result, START, rtol=0, atol=1e-12)


@EVERY
def test_the_angles_go_the_way_all_clients_went(name, settings, layout, run_round):
    step = np.array([0.1, -0.1, 0.05, 0.1, -0.05, 0.1])
    moved = run_round(make(settings(name), layout), START, 1, towards(step)) - START
    assert np.all(moved * step > 0)


@EVERY
def test_a_fleet_with_failed_clients_is_aggregated_without_them(name, settings, layout, run_round):
    def some_fail(received, client):
        if client >= 4:
            raise RuntimeError("out of memory")
        return received + 0.1

    result = run_round(make(settings(name), layout), START, 1, some_fail)
    assert np.all(result > START)


@EVERY
def test_without_any_valid_reply_there_is_no_aggregate(name, settings, layout, run_round):
    def fail(received, client):
        raise RuntimeError("out of memory")

    assert run_round(make(settings(name), layout), START, 1, fail) is None


@EVERY
def test_in_order_the_result_does_not_depend_on_who_answered_first(name, settings, layout, run_round):
    """Flower itself asks the nodes in an order drawn from the global generator, so this is no small matter."""
    results = {run_round(make(settings(name), layout), START, 1, scatter(1)).tobytes() for _ in range(4)}
    assert len(results) == 1


@pytest.mark.parametrize("name", STEPPED)
@pytest.mark.parametrize("schedule", ["constant", "cosine", "one-cycle"])
def test_the_step_follows_the_schedule(name, schedule, settings, layout, run_round):
    small = scatter(1, spread=1e-3)
    s = settings(name, schedule=schedule, learning_rate=0.4)
    whole = run_round(make(settings(name, learning_rate=0.4), layout), START, 8, small) - START
    strategy = make(s, layout)
    set_round(strategy, s, 8, own_step(strategy))
    scheduled = run_round(strategy, START, 8, small) - START
    np.testing.assert_allclose(scheduled, step_factor(schedule, 8, 10) * whole, rtol=1e-3, atol=1e-9)


@EVERY
def test_the_table_says_which_strategies_have_a_step(name, settings, layout):
    assert has_step(make(settings(name), layout)) == STRATEGIES[name].has_step


@pytest.mark.parametrize("name", ROBUST)
def test_robust_strategies_survive_a_client_that_sends_anything(name, settings, layout, run_round):
    def one_lies(received, client):
        return received + (1e6 if client == 3 else 0.1)

    s = settings(name, byzantine=1) if name in ("krum", "bulyan") else settings(name)
    np.testing.assert_allclose(run_round(make(s, layout), START, 1, one_lies), START + 0.1, atol=1e-9)


def test_the_mean_does_not_survive_it(settings, layout, run_round):
    def one_lies(received, client):
        return received + (1e6 if client == 3 else 0.1)

    assert np.all(run_round(make(settings("fedavg"), layout), START, 1, one_lies) > 1e4)


ENDS = {
    "fedadam": ({"tau": 0.0}, {"momentum": 0.0, "beta2": 0.0, "tau": 0.0}, {"tau": 1e6}),
    "fedyogi": ({"tau": 0.0}, {"momentum": 0.9999, "beta2": 0.99999}),
    "fedadagrad": ({"tau": 0.0}, {"learning_rate": 1e6}),
    "fedavgm": ({"momentum": 0.0}, {"momentum": 0.9999, "learning_rate": 1e6}),
    "qfedavg": ({"q": 0.0}, {"q": 1000.0}),
    "fedprox": ({"proximal_mu": 0.0}, {"proximal_mu": 1e6}),
    "trimmed-mean": ({"trim": 0.0}, {"trim": 0.49}),
    "noise-aware": ({"temperature": 1e-6, "floor": 0.0}, {"temperature": 1e6, "floor": 1.0}),
    "delta": ({"learning_rate": 1e6},),
    "circular": ({"learning_rate": 1e6},),
    "su2": ({"learning_rate": 1e6},),
    "blocks": ({"learning_rate": 1e6},),
}


@pytest.mark.parametrize("name", ENDS)
@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_at_the_ends_of_their_settings_angles_stay_finite(name, dtype, settings, layout, run_round):
    """The first angle never moves, and the second by less than a square can hold."""

    def move(received, client):
        step = stream(1, client).normal(0, 0.2, len(received)) * [0, 1e-25, 1, 1, 1, 1]
        return (received + step).astype(dtype)

    for values in ENDS[name]:
        strategy, angles = make(settings(name, **values), layout), START.astype(dtype)
        for number in (1, 2, 3):
            angles = run_round(strategy, angles, number, move)
            assert np.isfinite(angles).all()
