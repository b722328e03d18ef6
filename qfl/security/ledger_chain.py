"""Read a ledger and follow its chain to the first entry that does not belong there."""

import base64
import binascii
import hashlib
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass

from qfl.errors import Damaged, Rejection
from qfl.results import RunFolder
from qfl.security.claims import decode
from qfl.security.envelope import LEDGER, open_envelope
from qfl.security.ledger import COSE, FIRST, TABLE, Entry, Link
from qfl.security.signing import PublicKey


@dataclass(frozen=True, order=True)
class Finding:
    """What is wrong with a round.

    Args:
        round: Its number.
        kind: ``altered``, ``dropped``, ``added``, ``replayed``, ``forked`` or ``unsigned``.
        what: The rest of a sentence that begins with the round.
    """

    round: int
    kind: str
    what: str


def read_ledger(folder: RunFolder) -> Iterator[bytes]:
    """Yield the envelopes of a run's ledger, in order; none where there is no ledger.

    Raises:
        RunFolderError: If a line is no entry.
    """
    for line, row in folder.numbered_rows(TABLE):
        try:
            yield base64.b64decode(row[COSE], validate=True)
        except (KeyError, TypeError, ValueError, binascii.Error):
            raise folder.damaged(f"{TABLE}.jsonl", Damaged(f"has a line without base64 under {COSE!r}", line)) from None


def follow(
    envelopes: Iterable[bytes], lookup: Callable[[bytes], PublicKey], run_id: bytes
) -> tuple[list[Link], Finding | None]:
    """Return the entries up to the first that is not what the server signed there, and what is wrong with that one.

    Args:
        envelopes: The ledger, in its order.
        lookup: Returns the server's key by its thumbprint, or raises ``unknown-key``.
        run_id: The run's 16 random bytes.
    """
    links: list[Link] = []
    for envelope in envelopes:
        due = links[-1].entry.round + 1 if links else 0
        try:
            entry = decode(Entry, open_envelope(envelope, LEDGER, lookup)[0])
        except Rejection as reason:
            return links, Finding(due, "unsigned", f"has an entry in the ledger that the server did not sign: {reason}")
        if fault := _misplaced(entry, links[-1] if links else None, run_id):
            return links, fault
        links.append(Link(entry, hashlib.sha256(envelope).digest()))
    return links, None


def _misplaced(entry: Entry, before: Link | None, run_id: bytes) -> Finding | None:
    if entry.run_id != run_id:
        return Finding(entry.round, "added", "has an entry of another run in the ledger")
    if before is None:
        return None if entry.previous == FIRST else Finding(0, "dropped", "and what follows it were cut off the ledger")
    last, due = before.entry, before.entry.round + 1
    if entry.round > due:
        return Finding(due, "dropped", "has no entry in the ledger, but later rounds have")
    if entry.round < due and entry.started <= last.started:
        return Finding(entry.round, "replayed", f"has its entry once more in the ledger, after round {last.round}")
    if entry.previous != before.digest or (entry.round == due and entry.started != last.started):
        return Finding(entry.round, "forked", "has an entry in the ledger that goes on from another one before it")
    return None


def in_force(links: Iterable[Link]) -> dict[int, Link]:
    """Return the entry that counts for each round: the later, where a resumed server ran a round again.

    Args:
        links: A ledger, in its order.
    """
    counting: dict[int, Link] = {}
    started = 0
    for link in links:
        if link.entry.started > started:
            counting = {number: each for number, each in counting.items() if number < link.entry.round}
        counting[link.entry.round], started = link, link.entry.started
    return counting
