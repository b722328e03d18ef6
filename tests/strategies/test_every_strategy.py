"""What holds for every strategy of the registry, ours and Flower's, on Flower's own messages.

Also covers qfl/federation/strategy/player.py, qfl/federation/strategy/trust_strategy.py,
strategies/direction_screen.py, strategies/fltrust.py, strategies/norm_screen.py, strategies/trimmed_circular_mean.py,
strategies/blocks.py, strategies/bulyan.py, strategies/circular.py,
strategies/delta.py, strategies/fedadagrad.py, strategies/fedadam.py, strategies/fedavg.py, strategies/fedavgm.py,
strategies/fedprox.py, strategies/fedyogi.py, strategies/geometric_median.py, strategies/heterofl.py,
strategies/krum.py, strategies/meamed.py, strategies/median.py, strategies/noise_aware.py, strategies/qfedavg.py,
strategies/su2.py, strategies/trimmed_mean.py.
"""

import numpy as np
import pytest

from qfl.federation.strategy.player import Player
from qfl.federation.strategy.step import has_step, own_step, set_round
from qfl.seeds import stream
from qfl.step_size import step_factor
from qfl.testing.kits import run
from qfl.testing.kits.strategy import checks, scatter, through_a_file
from strategies.registry import STRATEGIES, make

START = np.array([0.3, 1.2, -0.5, 3.1, -2.0, 0.7])
EVERY = pytest.mark.parametrize("name", STRATEGIES)
STEPPED = [name for name, spec in STRATEGIES.items() if spec.has_step]
ROBUST = {
    "median": {},
    "trimmed-mean": {},
    "krum": {"byzantine": 1},
    "bulyan": {"byzantine": 1},
    "geometric-median": {"smoothing": 1e-11},  # what the liar moves is of this order
    "meamed": {"byzantine": 1},
    "trimmed-circular-mean": {},
}


def towards(step):
    return lambda received, client: received + step


@EVERY
def test_every_strategy_conforms(name, settings, layout):
    robust = (lambda: make(settings(name, **ROBUST[name]), layout)) if name in ROBUST else None
    assert run(checks(lambda: make(settings(name), layout), START, robust=robust)) == []


@EVERY
@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_a_run_with_a_schedule_resumed_after_the_first_round_ends_with_the_same_bits(
    name, dtype, settings, layout, run_round
):
    s = settings(name, schedule="cosine" if name in STEPPED else "constant")

    def rounds(player, angles, numbers):
        for number in numbers:
            set_round(player.strategy, s, number, player.step)
            angles = run_round(player.strategy, angles, number, scatter(number))
        return angles

    start = START.astype(dtype)
    whole, before, after = (Player.of(make(s, layout), s) for _ in range(3))
    uninterrupted = rounds(whole, start, (1, 2, 3))
    angles = rounds(before, start, (1,))
    after.begin(through_a_file(before.memory()))
    assert rounds(after, angles, (2, 3)).tobytes() == uninterrupted.tobytes()
    assert not np.array_equal(uninterrupted, angles)


@pytest.mark.parametrize("name", ["fedavgm", "fedadam", "fedyogi", "fedadagrad"])
def test_without_its_state_a_strategy_with_memory_ends_elsewhere(name, settings, layout, run_round):
    """So the test above would notice a state that is not saved."""
    strategy, s = make(settings(name), layout), settings(name)
    first = run_round(strategy, START, 1, scatter(1))
    remembered, forgotten = (run_round(each, first, 2, scatter(2)) for each in (strategy, make(s, layout)))
    assert not np.allclose(remembered, forgotten, atol=1e-6)


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


def test_the_mean_does_not_survive_a_client_that_sends_anything(settings, layout, run_round):
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
    "fednova": ({"learning_rate": 1e6},),
    "scaffold": ({"learning_rate": 1e6},),
    "heterofl": ({"learning_rate": 1e6},),
    "fedqng": ({"learning_rate": 1e6},),
    "geometric-median": ({"smoothing": 1e-12}, {"smoothing": 1.0, "learning_rate": 1e6}),
    "meamed": ({"byzantine": 3, "learning_rate": 1e6},),
    "circular": ({"learning_rate": 1e6},),
    "trimmed-circular-mean": ({"trim": 0.0}, {"trim": 0.49, "learning_rate": 1e6}),
    "norm-screen": ({"norm_factor": 1.0}, {"norm_factor": 1e6, "learning_rate": 1e6}),
    "direction-screen": ({"cosine": -1.0, "learning_rate": 1e6}, {"cosine": 1.0}),
    "fltrust": ({"learning_rate": 1e6},),
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
