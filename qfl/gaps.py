"""What is missing of a run's rows: a table that was cut short has holes that a report would draw over."""

from collections import Counter
from collections.abc import Iterable, Mapping
from typing import Any

Row = Mapping[str, Any]
MOST = 3  # spans that are named


def gaps(rounds: Iterable[Row], clients: Iterable[Row], last_round: int) -> list[str]:
    """Return what is missing, a sentence each; nothing where all is there.

    Args:
        rounds: The rows of ``rounds.jsonl``.
        clients: The rows of ``clients.jsonl``.
        last_round: The round up to which there should be rows.

    Example:
        >>> gaps([{"round": 0}, {"round": 4, "asked": 2}], [{"round": 4, "client": 1}], 4)
        ['rounds.jsonl lacks rounds 1 to 3 of 0 to 4', 'clients.jsonl lacks clients of round 4 (1 of 2 rows)']
    """
    asked: dict[int, Any] = {row["round"]: row.get("asked") for row in rounds}
    found = []
    if absent := [number for number in range(last_round + 1) if number not in asked]:
        found.append(f"rounds.jsonl lacks {_spans(absent)} of 0 to {last_round}")
    there = Counter(row["round"] for row in clients)
    short = [number for number, count in sorted(asked.items()) if type(count) is int and there[number] < count]
    if short := [number for number in short if number <= last_round]:
        held, due = sum(there[number] for number in short), sum(asked[number] for number in short)
        found.append(f"clients.jsonl lacks clients of {_spans(short)} ({held} of {due} rows)")
    return found


def _spans(numbers: list[int]) -> str:
    """Return numbers as spans in words."""
    spans: list[list[int]] = []
    for number in numbers:
        if spans and number == spans[-1][1] + 1:
            spans[-1][1] = number
        else:
            spans.append([number, number])
    words = [str(first) if first == last else f"{first} to {last}" for first, last in spans]
    more = f" and {len(words) - MOST} more spans" if len(words) > MOST else ""
    return f"round{'s' if len(numbers) > 1 else ''} {', '.join(words[:MOST])}{more}"
