"""The policy in worlds whose truth is known: a world without advantage is a gate.

Also covers qfl/backbone/orchestration/policy/world.py.
"""

from math import inf

import numpy as np
import pytest

from qfl.backbone.orchestration.policy.decide import InvocationPolicy
from qfl.backbone.orchestration.policy.features import Context, HardwareState, ProblemFeatures
from qfl.backbone.orchestration.policy.world import World, calibration_error, swelling
from qfl.backbone.orchestration.policy.world import planted as planted_gain
from qfl.errors import ConfigError

JOB = ProblemFeatures(40, 0.5, 0.5, 1.0)


def test_in_a_world_without_advantage_nobody_is_asked_after_the_calibration_suite(null, policy):
    asked = [played.asked for played in null.play(policy, 260)]
    assert all(asked[:60]) and not any(asked[60:])


def test_where_a_fifth_of_the_jobs_gain_they_are_found(planted, policy):
    """Regret against the oracle: a tenth of what is lost by never asking, and next to nothing at the end."""
    played = planted.play(policy, 1200)
    assert 0.1 < np.mean([p.worth > 0 for p in played]) < 0.35
    assert sum(p.regret for p in played[60:]) < 0.1 * sum(p.worth for p in played[60:])
    assert sum(p.regret for p in played[-400:]) < 0.04 * sum(p.worth for p in played[-400:])


def test_it_is_never_worse_than_classical(planted, null, policy):
    played = planted.play(policy, 300) + null.play(InvocationPolicy(["annealer"]), 300)
    assert min(p.used for p in played) == 0.0 < max(p.used for p in played)
    assert min(p.worth - p.regret for p in played) >= -policy.energy_price - 1e-12


def test_where_the_classical_answer_may_be_late_no_deadline_is_missed_that_the_annealer_meets():
    """Never asking misses half as many again, and more."""
    world, policy = World(planted_gain, 3, classical_s=swelling), InvocationPolicy(["annealer"], energy_price=0.002)
    world.play(policy, 60)
    played = world.play(policy, 600)
    assert np.mean([p.avoidable for p in played]) <= 0.01
    assert 1.5 * np.mean([p.missed for p in played]) < np.mean([p.late for p in played])
    assert sum(p.regret for p in played) < 0.02 * sum(p.worth for p in played)
    assert any(p.asked and p.used == 0.0 for p in played)


def test_a_classical_answer_that_is_always_in_time_changes_nothing(planted):
    policy = learned(planted)
    for _ in range(30):
        policy.learn(JOB, {}, {"classical": 0.01}, {})
    decision = policy.decide(JOB, Context(1.0), {"annealer": HardwareState()})
    assert decision.row["classical_late"] == 0.0
    assert policy.decide(JOB, Context(0.005), {"annealer": HardwareState()}).row["classical_late"] > 0.9


def test_after_drift_it_stops_asking(planted):
    policy = InvocationPolicy(["annealer"], energy_price=0.002, discount=0.99)
    before = np.mean([p.asked for p in planted.play(policy, 600)[300:]])
    gain, planted.gain = planted.gain, lambda problem: gain(problem) - 0.4
    after = np.mean([p.asked for p in planted.play(policy, 600)[300:]])
    assert before > 0.1 and after < 0.02


def learned(planted):
    policy = InvocationPolicy(["annealer"], energy_price=0.002)
    planted.play(policy, 600)
    return policy


def test_a_shorter_deadline_and_a_longer_queue_never_make_it_likelier(planted):
    policy = learned(planted)
    rough = ProblemFeatures(150, 0.5, 0.95, 1.0)

    def estimate(deadline=2.0, **state):
        states = {"annealer": HardwareState(**{"queue_s": 0.1, "shots": 1000, **state})}
        return policy.decide(rough, Context(deadline), states).estimates["annealer"]

    assert estimate().utility > 0
    in_time = [estimate(deadline).in_time for deadline in (0.1, 0.3, 0.6, 1.0, 3.0)]
    assert in_time == sorted(in_time) and in_time[0] < 0.1 < 0.9 < in_time[-1]
    queued = [estimate(1.0, queue_s=queue).in_time for queue in (0.0, 0.3, 1.0, 3.0)]
    assert queued == sorted(queued, reverse=True)


def test_the_probability_to_be_in_time_is_calibrated(planted):
    assert calibration_error(planted.play(learned(planted), 1500)) < 0.06


@pytest.mark.parametrize(
    ("context", "state", "words"),
    [
        (Context(1.0), HardwareState(available=False), "annealer: not available"),
        (Context(1.0, energy_j=0.5), HardwareState(energy_j=2.0), "2 J, the budget is 0.5 J"),
        (Context(1e-6, reliability=0.9), HardwareState(), "in time with probability 0.00, wanted 0.90"),
    ],
)
def test_who_cannot_be_asked_is_not_and_the_reason_says_why(planted, context, state, words):
    decision = learned(planted).decide(JOB, context, {"annealer": state})
    assert decision.asked == () and words in decision.reason


def test_a_decision_is_a_row_of_plain_values_and_comes_again(planted, null):
    import json

    policy = learned(planted)
    decision = policy.decide(JOB, Context(1.0), {"annealer": HardwareState()})
    assert json.loads(json.dumps(decision.row))["reason"] == decision.reason
    assert policy.decide(JOB, Context(1.0), {"annealer": HardwareState()}) == decision
    assert policy.decide(JOB, Context(1.0), {}).asked == ()


def test_a_calibration_makes_it_less_sure(planted):
    policy = learned(planted)
    before = policy.decide(JOB, Context(1.0), {"annealer": HardwareState()}).estimates["annealer"]
    policy.recalibrated("annealer")
    after = policy.decide(JOB, Context(1.0), {"annealer": HardwareState()}).estimates["annealer"]
    assert after.doubt > before.doubt and after.advantage == pytest.approx(before.advantage, abs=0.05)


def test_what_cannot_be_is_refused():
    with pytest.raises(ConfigError, match="none of them 'classical'"):
        InvocationPolicy(["classical"])
    for deadline in (-1.0, 0.0, inf):
        with pytest.raises(ConfigError, match="deadline_s is"):
            Context(deadline)
    with pytest.raises(ConfigError, match="reliability 2"):
        Context(1.0, reliability=2.0)
