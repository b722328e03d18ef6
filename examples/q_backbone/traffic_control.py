"""The control loop: hour by hour the invocation policy decides whether QAOA is asked beside the classical method."""

from collections.abc import Mapping, Sequence
from typing import Any

from qfl.backbone.orchestration.policy.decide import InvocationPolicy
from qfl.backbone.orchestration.policy.features import Context, HardwareState, ProblemFeatures

from .traffic_settings import Day

CLASSICAL, QUANTUM = "reweighted", "qaoa"
CLOSE = 1.001  # of a bound: no answer can be noticeably better
Row = dict[str, Any]


def control(day: Day, routed: Mapping[tuple[int, str], Row], features: Mapping[int, Row]) -> list[Row]:
    """Return the decision of each hour with its reason, what was looked at, and what came of it.

    The policy learns only from hours in which it asked. `advantage` is what QAOA's verified answer is better by, as a
    share of the bound, in every hour: it was computed beside the loop, to tell what the policy missed. Joules are those
    of the classical method, which always runs, and of QAOA in the hours in which it was asked, gain or not.
    """
    policy, decisions = InvocationPolicy([QUANTUM], suite=day.suite), []
    state, context = HardwareState(shots=day.draws), Context(day.deadline_s)
    latency = day.blocks * day.job_s
    for hour in day.hours:
        classical, quantum = (routed[hour, name] for name in (CLASSICAL, QUANTUM))
        problem = ProblemFeatures(**{key: value for key, value in features[hour].items() if key != "hour"})
        decision = policy.decide(problem, context, {QUANTUM: state})
        ratio = classical["verified"] / classical["bound"]
        asked, reason = _unless_close(decision.asked, decision.reason, ratio, policy.seen < day.suite)
        advantage = (classical["verified"] - quantum["verified"]) / classical["bound"]
        came = {name: advantage for name in asked}
        policy.learn(problem, {QUANTUM: state}, dict.fromkeys(asked, latency), came)
        gained = max(0.0, advantage) if asked and latency <= day.deadline_s else 0.0
        outcome = {"advantage": advantage, "classical": ratio, "used": ratio - gained, **_joules(day, classical, asked)}
        decisions.append({"hour": hour, **decision.row, "asked": list(asked), "reason": reason, **outcome})
    return decisions


def _joules(day: Day, classical: Row, asked: Sequence[str]) -> dict[str, float]:
    """Return the joules of a decision: measured seconds times the host's watts, and busy seconds times the QPU's."""
    spent = {"classical_j": day.host_w * classical["seconds"], "quantum_j": quantum_joules(day) if asked else 0.0}
    return {**spent, "energy_j": sum(spent.values())}


def quantum_joules(day: Day) -> float:
    """Return the joules of asking QAOA for all blocks of an hour."""
    return day.qpu_w * day.busy_s * day.blocks


def _unless_close(asked: Sequence[str], reason: str, ratio: float, learning: bool) -> tuple[tuple[str, ...], str]:
    """Return the decision; after the suite nobody is asked where the classical answer is at the bound."""
    if ratio > CLOSE or learning:
        return tuple(asked), reason
    return (), f"classical alone: it is at {ratio:.4f} of the bound, nothing is left to gain"
