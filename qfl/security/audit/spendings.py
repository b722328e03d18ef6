"""Whether the privacy budgets in a ledger are those of the rows, never fall, and are what the accountant says."""

from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from math import ceil
from typing import Any, cast

from qfl.errors import MissingExtra, RunFolderError
from qfl.privacy.accountant import epsilon
from qfl.results import Row, RunFolder
from qfl.security.audit.run_rows import readable
from qfl.security.ledger import SPENDING, Link, rows_digest
from qfl.security.ledger_chain import Finding

MICRO = 1_000_000
NOT_INSTALLED = "the epsilon of the ledger was not worked out again: dp-accounting is not installed"


def spending_findings(folder: RunFolder, links: Sequence[Link]) -> Iterator[Finding]:
    """Yield what is wrong with the budgets; nothing in a run without privacy.

    Args:
        folder: The run's.
        links: Its ledger, in its order, what a resumed server ran again included.
    """
    if not _private(folder) and not any(link.entry.spendings for link in links):
        return
    rows, fault = _rows(folder)
    if fault:
        yield fault
        return
    for before, link in zip([None, *links], links, strict=False):
        if before and link.entry.spendings < before.entry.spendings:
            yield Finding(
                link.entry.round, "altered", "has less of its clients' privacy spent than the entry before it"
            )
            return
        if link.entry.spendings and _digest(rows, link) != link.entry.spent:
            yield Finding(link.entry.round, "altered", f"has other askings in {SPENDING}.jsonl than were signed")
            return
        if not _right(folder, rows, link):
            yield Finding(link.entry.round, "altered", "has another epsilon in the ledger than the accountant says")
            return
    yield from _uncounted(folder, rows)


def library_note(folder: RunFolder) -> str:
    """Return why the epsilons of a run were not looked at; empty where they were, or where there are none."""
    if not _private(folder):
        return ""
    try:
        epsilon({1.0: 1}, 1e-5)
    except MissingExtra:
        return NOT_INSTALLED
    return ""


def next_is_too_much(folder: RunFolder) -> bool:
    """Tell whether a run that ended early could not have gone on: clients' budgets do not last for one more round."""
    own, (rows, fault) = _settings(folder), _rows(folder)
    if fault or not rows or not isinstance(budget := own.get("privacy.epsilon"), float) or budget <= 0:
        return False
    spent = _by_client(rows)
    try:
        return any(_epsilon(own, more) > budget for more in map(_once_more, spent.values()))
    except MissingExtra:
        return True  # `library_note` says that it was not looked at


def _once_more(spent: Mapping[float, int]) -> dict[float, int]:
    return {multiplier: count + 1 for multiplier, count in spent.items()}


def _right(folder: RunFolder, rows: Sequence[Row], link: Link) -> bool:
    spent = _by_client(rows[: link.entry.spendings])
    try:
        most = max((_epsilon(_settings(folder), each) for each in spent.values()), default=0.0)
    except MissingExtra:
        return True  # `library_note` says so
    return abs(link.entry.micro_epsilon - ceil(most * MICRO)) <= 1 + 1e-6 * most * MICRO


def _epsilon(settings: Mapping[str, Any], spent: Mapping[float, int]) -> float:
    return epsilon(spent, float(settings["privacy.delta"]), str(settings["privacy.accountant"]))


def _by_client(rows: Sequence[Row]) -> dict[int, Counter[float]]:
    found: dict[int, Counter[float]] = defaultdict(Counter)
    for row in rows:
        for client in row["clients"]:
            found[client][row["noise_multiplier"]] += 1
    return found


def _uncounted(folder: RunFolder, rows: Sequence[Row]) -> Iterator[Finding]:
    """Yield the first round of which a client was asked that was not counted."""
    counted: dict[int, set[int]] = defaultdict(set)
    for row in rows:
        counted[row["round"]].update(row["clients"])
    for row in readable(folder, "clients")[0]:
        if row.get("client") not in counted[row["round"]]:
            yield Finding(row["round"], "altered", f"asked client {row.get('client')}, whose budget was not charged")
            return


def _digest(rows: Sequence[Row], link: Link) -> bytes:
    return rows_digest(rows[: link.entry.spendings])


def _rows(folder: RunFolder) -> tuple[list[Row], Finding | None]:
    fault = Finding(0, "altered", f"or a later one has no readable asking in {SPENDING}.jsonl")
    try:
        rows = folder.rows(SPENDING)
    except RunFolderError:
        return [], fault
    return (rows, None) if all(map(_whole, rows)) else ([], fault)


def _whole(row: Row) -> bool:
    clients, noise = row.get("clients"), row.get("noise_multiplier")
    listed = isinstance(clients, list) and all(type(client) is int for client in cast("list[Any]", clients))
    return listed and type(row.get("round")) is int and isinstance(noise, float) and noise > 0


def _settings(folder: RunFolder) -> Mapping[str, Any]:
    found: Any = folder.header.get("settings")
    return cast("Mapping[str, Any]", found) if isinstance(found, Mapping) else {}


def _private(folder: RunFolder) -> bool:
    return _settings(folder).get("privacy.mechanism", "none") != "none"
