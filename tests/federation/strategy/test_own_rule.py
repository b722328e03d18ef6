"""A user's rule is a strategy: called with what it asks for, its state resumed bit-equal, its faults sentences.

Also covers qfl/testing/kits/rule.py.
"""

import numpy as np
import pytest
from flwr.serverapp.exception import AggregationError

from qfl.aggregation.delta import delta_mean
from qfl.angles import TWO_PI, AngleLayout
from qfl.config import Settings
from qfl.errors import ConfigError, RoundFailed
from qfl.federation.strategy.own_rule import OwnRule
from qfl.federation.strategy.player import Player
from qfl.testing.kits import run
from qfl.testing.kits.rule import checks
from qfl.testing.kits.strategy import checks as strategy_checks
from qfl.testing.kits.strategy import one_round, scatter
from strategies.registry import make

LAYOUT = AngleLayout(tuple("abcdef"), (TWO_PI,) * 6)
START = np.array([0.3, 1.2, -0.5, 3.1, -2.0, 0.7])


def momentum(angles, updates, weights, state, decay=0.5):
    velocity = decay * state.get("velocity", 0.0) + np.average(updates, axis=0, weights=weights) - angles
    return angles + velocity, {"velocity": velocity}


def mean(updates, weights):
    return np.average(updates, axis=0, weights=weights)


def fair(angles, updates, loss, learning_rate, round_number):
    return angles + learning_rate / round_number * np.average(updates - angles, axis=0, weights=loss)


@pytest.mark.parametrize("rule", [momentum, mean, fair, delta_mean], ids=lambda rule: rule.__name__)
def test_rules_pass_their_kit_and_that_of_strategies(rule):
    assert run(checks(rule, LAYOUT)) == []
    assert run(strategy_checks(lambda: OwnRule(rule, LAYOUT), START)) == []


def test_the_state_is_carried_and_the_settings_are_the_rules_own():
    strategy, angles, velocity, expected = OwnRule(momentum, LAYOUT, {"decay": 0.25}), START, 0.0, START
    weights = 10.0 + np.arange(7)
    for number in (1, 2, 3):
        moves = np.stack([scatter(number)(expected, client) - expected for client in range(7)])
        velocity = 0.25 * velocity + (weights / weights.sum()) @ moves
        expected = expected + velocity
        angles = one_round(strategy, angles, number, scatter(number))
    np.testing.assert_allclose(angles, expected, rtol=1e-12)


def noisy(angles, updates, rng):
    return angles + rng.normal(size=len(angles))


def test_a_rules_draws_are_the_runs():
    first, again, other = (
        one_round(OwnRule(noisy, LAYOUT, seed=seed), START, 1, scatter(1)).tobytes() for seed in (1, 1, 2)
    )
    assert first == again != other


REFUSED = {
    "another length": (lambda updates: np.zeros(3), r"shape \(3,\), expected 6 angles"),
    "nothing": (lambda updates: None, r"expected 6 angles"),
    "words": (lambda updates: "angles", "gave a str, expected 6 angles"),
    "no state": (lambda updates, state: updates[0], r"it must return \(angles, state\)"),
    "two things": (lambda updates: (updates[0], {}), "returns 2 things; return angles, or take a state"),
}


@pytest.mark.parametrize("name", REFUSED)
def test_a_rule_that_gives_other_things_than_as_many_angles_is_refused_before_the_first_round(name):
    rule, said = REFUSED[name]
    with pytest.raises(ConfigError, match=f"strategy.name: the rule .*({said})"):
        OwnRule(rule, LAYOUT)


class Counts:
    """A rule that remembers in itself, which a trial must not touch."""

    calls = 0

    def __call__(self, updates):
        self.calls += 1
        return updates[0]


def test_a_rule_that_is_tried_is_as_it_was():
    rule = Counts()
    OwnRule(rule, LAYOUT)
    assert rule.calls == 0


RAISES = {
    "another length": (
        lambda updates: updates[0] if len(updates) == 4 else np.zeros(3),
        r"shape \(3,\), expected 6 angles",
    ),
    "not a number": (lambda updates: np.full(6, np.nan), "gave 6 of 6 angles that are not finite"),
    "an error": (lambda updates: 1 / 0, "raised ZeroDivisionError"),
}


@pytest.mark.parametrize("name", RAISES)
def test_what_a_rule_does_wrong_is_a_named_failure_of_the_round_that_leaves_no_trace(name):
    rule, said = RAISES[name]
    player = Player.of(OwnRule(rule, LAYOUT), Settings())
    with pytest.raises(AggregationError, match=said):
        one_round(player.strategy, START, 1, scatter(1))
    assert player.memory()[1]["fields"].get("memory") is None
    with pytest.raises(RoundFailed, match=f"OwnRule could not combine 0 valid replies: the rule .*({said})"):
        _combined(player)


def _combined(player):
    player.strategy.aggregate_train = lambda number, replies: player.strategy.combine(
        number, np.ones((2, 6)), np.ones(2), {}
    )
    player.combine(1, [], START)


def test_a_state_that_no_checkpoint_can_hold_is_refused_by_name():
    player = Player.of(OwnRule(lambda updates, state: (updates[0], {"it": (n for n in ())}), LAYOUT), Settings())
    with pytest.raises((ConfigError, AggregationError, TypeError), match=r"memory|generator"):
        one_round(player.strategy, START, 1, scatter(1))
        player.memory()


def test_what_a_rule_asks_for_and_there_is_not_and_what_it_remembers_elsewhere_are_refused():
    with pytest.raises(ConfigError, match=r"asks for .gradients.; give it as strategy\.my\.gradients"):
        OwnRule(lambda updates, gradients: updates[0], LAYOUT)
    with pytest.raises(ConfigError, match=r"strategy\.my\.decoy is no setting of momentum; did you mean 'decay'"):
        OwnRule(momentum, LAYOUT, {"decoy": 1.0})
    seen = 0

    def counts(updates):
        nonlocal seen
        seen += 1
        return updates[0]

    with pytest.raises(ConfigError, match="counts remembers in 'seen', a variable outside it"):
        OwnRule(counts, LAYOUT)


OWN = """
from flwr.serverapp.strategy import FedAvgM

class Mine(FedAvgM):
    def __init__(self, **options):
        super().__init__(**options)

def first(updates, learning_rate=1.0, scale: float = 1.0):
    return scale * updates[0]

def flat(updates):
    return updates[0]
"""


@pytest.fixture
def own(tmp_path, monkeypatch):
    (tmp_path / "mine.py").write_text(OWN)
    monkeypatch.syspath_prepend(tmp_path)


@pytest.mark.parametrize(
    ("name", "mine", "kind"),
    [
        ("mine.py:first", {"scale": 2}, "OwnRule"),
        ("mine.py:Mine", {}, "Mine"),
        ("flwr.serverapp.strategy:FedTrimmedAvg", {"beta": 0.1}, "FedTrimmedAvg"),
        ("flwr.serverapp.strategy:FedAdam", {"eta": 0.2}, "FedAdam"),
    ],
)
def test_a_reference_may_be_a_rule_or_a_class_of_strategies(own, name, mine, kind):
    flat = {"strategy.name": name} | {f"strategy.my.{key}": value for key, value in mine.items()}
    strategy = make(Settings.from_flat(flat), LAYOUT)
    assert type(strategy).__name__ == kind
    assert one_round(strategy, START, 1, scatter(1)) is not None, "it asks all seven"


def test_a_step_size_that_a_rule_does_not_take_is_said_to_have_no_effect(own):
    with pytest.warns(UserWarning, match=r"strategy\.learning-rate has no effect: mine\.py:flat takes no"):
        make(Settings.from_flat({"strategy.name": "mine.py:flat", "strategy.learning-rate": 0.5}), LAYOUT)


CALLS = []


def forgetful(updates):
    CALLS.append(1)
    return updates.mean(0) + len(CALLS)


FAULTY_RULES = {
    "as many finite": lambda updates: np.zeros(2),
    "asked again": forgetful,
    "the order": lambda updates: updates[0],
    "if nobody": lambda updates: updates[0] + 1,
    "no argument": lambda updates: np.negative(updates, out=updates).mean(0),
}


@pytest.mark.parametrize("name", FAULTY_RULES)
def test_the_kit_notices(name):
    assert any(found.startswith(name) for found in run(checks(FAULTY_RULES[name], LAYOUT)))
