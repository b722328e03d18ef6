"""Why updates were not used: one row per reason, most frequent first."""

from collections import defaultdict
from dataclasses import dataclass

from qfl.report.formatting import UNKNOWN, some
from qfl.report.record import Record
from qfl.results import Row

MOST_REASONS = 20  # a client words its own faults, so there may be any number
MOST_LETTERS = 300


@dataclass(frozen=True)
class Refusal:
    """One reason.

    Args:
        status: ``rejected``, ``missing`` or ``failed``.
        reason: The machine-readable word.
        example: What was said of the first of them.
        num: How many updates.
        clients: Which clients, as text.
        rounds: In which rounds, as text.
    """

    status: str
    reason: str
    example: str
    num: int
    clients: str
    rounds: str


def refusals(record: Record) -> list[Refusal]:
    """Return the reasons of `clients.jsonl`, most frequent first."""
    groups: defaultdict[tuple[str, str], list[Row]] = defaultdict(list)
    for row in record.clients:
        if row.get("status") != "accepted":
            groups[_text(row.get("status")), _text(row.get("reason"))].append(row)
    ordered = sorted(groups.items(), key=lambda group: -len(group[1]))
    return [_refusal(status, reason, rows) for (status, reason), rows in ordered[:MOST_REASONS]]


def failed_rounds(record: Record) -> list[tuple[int, str]]:
    """Return number and reason of the rounds that left the angles as they were."""
    return [(row["round"], _text(row["failure"])) for row in record.rounds if row.get("failure")]


def _refusal(status: str, reason: str, rows: list[Row]) -> Refusal:
    example = next((row["detail"] for row in rows if row.get("detail")), None)
    clients = sorted({_text(row.get("client")) for row in rows}, key=lambda name: (len(name), name))
    first, last = rows[0]["round"], rows[-1]["round"]
    rounds = str(first) if first == last else f"{first} to {last}"
    return Refusal(status, reason, _text(example), len(rows), some(clients), rounds)


def _text(value: object) -> str:
    return str(value)[:MOST_LETTERS] if value is not None else UNKNOWN
