"""When a quantum backend was asked for the radio's allocations, and what came of it, for a table of the report."""

from collections import Counter
from collections.abc import Iterator
from math import isfinite
from typing import Any

from qfl.report.formatting import duration, short
from qfl.report.record import Record

Row = dict[str, Any]


def decision_facts(record: Record) -> list[tuple[str, str]]:
    """Return names and values of what the invocation policy decided; nothing where a run had no pool.

    Args:
        record: The run's rows; what is no decision among them is passed over.
    """
    decisions = list(_decisions(record))
    if not decisions:
        return []
    asked = sum(bool(decision["asked"]) for decision, _ in decisions)
    used = Counter(str(outcome.get("backend", "")) for _, outcome in decisions)
    energy_j, waited_s = (sum(_number(outcome, key) for _, outcome in decisions) for key in ("energy_j", "waited_s"))
    return [
        ("a quantum backend was asked", f"{asked} of {len(decisions)} times"),
        ("answers used", ", ".join(f"{name} {times}" for name, times in used.most_common())),
        ("energy of computing", f"{short(energy_j)} J"),
        ("allocations were waited for", duration(waited_s)),
        ("the last decision", str(decisions[-1][0].get("reason", ""))[:300]),
    ]


def _decisions(record: Record) -> Iterator[tuple[Row, Row]]:
    for row in record.trained.rounds:
        radio = row.get("radio")
        given = radio.get("decisions") if isinstance(radio, dict) else None
        for each in given if isinstance(given, list) else []:
            decision, outcome = _part(each, "decision"), _part(each, "outcome")
            if isinstance(decision.get("asked"), list) and outcome:
                yield decision, outcome


def _part(each: Any, name: str) -> Row:
    part = each.get(name) if isinstance(each, dict) else None
    return part if isinstance(part, dict) else {}


def _number(outcome: Row, key: str) -> float:
    value = outcome.get(key)
    return float(value) if isinstance(value, int | float) and isfinite(value) else 0.0
