"""What a policy knows, as it stands in the log: written with every decision, and learned again from there."""

from collections.abc import Iterable, Mapping
from dataclasses import fields
from math import isfinite
from typing import Any

from qfl.backbone.orchestration.policy.decide import CLASSICAL, Decision, InvocationPolicy
from qfl.backbone.orchestration.policy.features import HardwareState, ProblemFeatures

PROBLEM = tuple(field.name for field in fields(ProblemFeatures))


def plain_decision(decision: Decision) -> dict[str, Any]:
    """Return a decision's row in values that JSON has; what has no limit is null."""
    return {key: _plain(value) for key, value in decision.row.items()}


def learn_again(policy: InvocationPolicy, rows: Iterable[Mapping[str, Any]]) -> int:
    """Teach a policy what came of earlier decisions, in their order, and return how many these are.

    Backends that the pool had then and has no more are passed over.

    Args:
        policy: Fresh.
        rows: Each with ``decision`` and ``outcome``, as a log has them.
    """
    count = 0
    for row in rows:
        decision, outcome = row["decision"], row["outcome"]
        if not (all(name in decision for name in PROBLEM) and "hardware" in decision):
            continue
        known = {
            name: HardwareState(**state) for name, state in decision["hardware"].items() if name in policy.backends
        }
        timed = {*known, CLASSICAL}
        seconds = {name: took for name, took in outcome.get("seconds", {}).items() if name in timed}
        advantage = {name: gain for name, gain in outcome.get("advantage", {}).items() if name in known}
        policy.learn(ProblemFeatures(**{name: decision[name] for name in PROBLEM}), known, seconds, advantage)
        count += 1
    return count


def _plain(value: Any) -> Any:
    if isinstance(value, float):
        return value if isfinite(value) else None
    if isinstance(value, dict):
        return {str(key): _plain(inner) for key, inner in value.items()}
    return [_plain(inner) for inner in value] if isinstance(value, list | tuple) else value
