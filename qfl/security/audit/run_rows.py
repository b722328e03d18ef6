"""What a run folder holds beside its ledger, round by round: rows, checkpoint, settings and result."""

from collections.abc import Callable, Iterator, Mapping
from typing import Any, cast

import numpy as np

from qfl.angles import angle_digest
from qfl.errors import Damaged, InputError, RunFolderError
from qfl.reading import read_rows
from qfl.results import Row, RunFolder
from qfl.security.claims import tensor_digest
from qfl.security.ledger import Entry, rows_digest
from qfl.security.ledger_chain import Finding

ANGLES = "angles"


def row_findings(
    folder: RunFolder, entries: Mapping[int, Entry], *, whole: bool, unfinished: bool
) -> Iterator[Finding]:
    """Yield what is wrong with rows.

    Args:
        folder: The run's.
        entries: Those that count, by round.
        whole: Whether the ledger holds to its end; else nothing is said of later rounds.
        unfinished: Whether the run was ended from outside: the last round's rows may then be missing.
    """
    rows, faults = readable(folder, "rounds")
    clients, damaged = readable(folder, "clients")
    yield from faults + damaged
    first, last = min(entries), max(entries)
    clients = [row for row in clients if row["round"] >= first]  # a run that is older than its ledger
    if not whole:
        rows, clients = ([row for row in table if row["round"] <= last] for table in (rows, clients))
    torn = unfinished and not any(row["round"] == last for row in rows)
    yield from _order(rows, [number for number in entries if not (torn and number == last)])
    for number, entry in entries.items():
        own = [row for row in rows if row["round"] == number]
        if own and rows_digest(own) != entry.row:
            yield Finding(number, "altered", "has another row in rounds.jsonl than was signed")
        told = [row for row in clients if row["round"] == number]
        gone = not own and not told  # which `_order` says
        if not gone and not (torn and number == last) and rows_digest(told) != entry.clients:
            yield Finding(number, "altered", "has other rows in clients.jsonl than were signed")
    if extra := sorted({row["round"] for row in clients} - set(entries)):
        yield Finding(extra[0], "added", "has rows in clients.jsonl, but no entry in the ledger")


def readable(folder: RunFolder, table: str) -> tuple[list[Row], list[Finding]]:
    """Return the rows of a table up to the first that is none, and what is wrong with that.

    Args:
        folder: The run's.
        table: ``rounds`` or ``clients``.
    """
    rows: list[Row] = []
    try:
        for _, row in read_rows(folder.path / f"{table}.jsonl"):
            if type(row.get("round")) is not int:
                raise Damaged("holds a row without a round")
            rows.append(row)
    except Damaged as error:
        after = (rows[-1]["round"] if rows else -1) + (table == "rounds")
        return rows, [Finding(max(after, 0), "altered", f"is the last that {table}.jsonl can tell: it {error}")]
    return rows, []


def _order(rows: list[Row], due: list[int]) -> Iterator[Finding]:
    """Yield the first place in which the rounds' rows are not those of the ledger, one after another."""
    there = [row["round"] for row in rows]
    begun = min(due, default=0)
    there = [number for number in there if number >= begun]  # a run that is older than its ledger
    for number, wanted in zip(there, due, strict=False):
        if number != wanted:
            what = "stands elsewhere in rounds.jsonl" if wanted in there else "has no row in rounds.jsonl"
            yield Finding(wanted, "altered" if wanted in there else "dropped", f"{what}, but an entry in the ledger")
            return
    for wanted in due[len(there) :]:
        yield Finding(wanted, "dropped", "has no row in rounds.jsonl, but an entry in the ledger")
    for number in there[len(due) :]:
        yield Finding(number, "added", "has a row in rounds.jsonl, but no entry in the ledger")


def end_findings(
    folder: RunFolder, entries: Mapping[int, Entry], ended: Callable[[RunFolder], bool] = lambda folder: False
) -> Iterator[Finding]:
    """Yield what is wrong with checkpoint, settings and result.

    Args:
        folder: The run's.
        entries: Those that count, by round.
        ended: Tells whether a run had reason to end before its last round.
    """
    header, last = folder.header, max(entries)
    settings: Any = header.get("settings")
    wanted = cast(Mapping[str, Any], settings).get("rounds") if isinstance(settings, Mapping) else None
    completed = header.get("status") == "completed"
    if completed and type(wanted) is int and last < wanted and not ended(folder):
        yield Finding(last + 1, "dropped", f"has no entry in the ledger of a run that completed {wanted} rounds")
        return
    yield from _checkpoint(folder, entries)
    taken_up = completed or header.get("started") == entries[last].started  # else it was ended before it signed these
    if taken_up and folder.settings_digest != entries[last].settings.hex():
        yield Finding(last, "altered", "was signed under other settings than run.json holds")
    if completed:
        yield from _result(header.get("final"), folder, entries[last])


def _checkpoint(folder: RunFolder, entries: Mapping[int, Entry]) -> Iterator[Finding]:
    try:
        found = folder.checkpoint_digest()
    except RunFolderError:
        yield Finding(max(entries), "altered", "or an earlier one has a checkpoint that cannot be read")
        return
    if found is None and max(entries) == 0 and folder.header.get("status") != "completed":
        return  # the process was killed before it wrote the first
    if found is None:
        yield Finding(max(entries), "dropped", "or an earlier one left a checkpoint, which is gone")
    elif (entry := entries.get(found[0])) is None:
        yield Finding(found[0], "added", "has a checkpoint, but no entry in the ledger")
    elif found[1] != entry.checkpoint:
        yield Finding(found[0], "altered", "has another checkpoint than was signed")


def _result(final: Any, folder: RunFolder, entry: Entry) -> Iterator[Finding]:
    """Yield whether the result in run.json is not that of the last round."""
    rows = readable(folder, "rounds")[0]
    row = rows[-1] if rows else {}
    final = cast(Mapping[str, Any], final) if isinstance(final, Mapping) else {}
    same = all(final[name] == row[name] for name in final.keys() & row.keys() if name not in ("seconds", "best"))
    if not (same and "loss" in final and _is_model(final, entry)):
        yield Finding(entry.round, "altered", "came to another result than run.json holds under 'final'")


def _is_model(final: Mapping[str, Any], entry: Entry) -> bool:
    try:
        given = np.array(final.get("angles"))
        of_both = [given.astype(dtype) for dtype in (np.float32, np.float64)]
        fitting = [each for each in of_both if tensor_digest({ANGLES: each}) == entry.model]
        return any(angle_digest(each) == final.get("angles_sha256") for each in fitting)
    except (ValueError, TypeError, InputError):
        return False
