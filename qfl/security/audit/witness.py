"""What a deployed client keeps of the server's ledger: every broadcast that it answered, as the server signed it.

A broadcast names the head of the ledger. Whoever signs two ledgers, to show one to some and the other to others, has
signed the broadcasts that prove it.

::

    state/client-3-<authority>.ledger.jsonl      {"run": "...", "cose": "<broadcast>", "update": "<SHA-256 of answer>"}
"""

import base64
import binascii
import hashlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from qfl.errors import Damaged, Rejection, RunFolderError
from qfl.reading import read_rows
from qfl.results import append_rows
from qfl.security.claims import BroadcastClaims, decode
from qfl.security.envelope import BROADCAST, open_envelope
from qfl.security.ledger import Link
from qfl.security.ledger_chain import Finding
from qfl.security.roster import only_key
from qfl.security.signing import PublicKey

ENDING = ".ledger.jsonl"


@dataclass(frozen=True)
class Witnessed:
    """A broadcast that a client answered.

    Args:
        claims: What the server said.
        update: SHA-256 of the client's signed answer.
    """

    claims: BroadcastClaims
    update: bytes


def keep(path: Path, run_id: bytes, broadcast: bytes, update: bytes) -> None:
    """Append a broadcast to a client's record of the ledger, before its answer leaves.

    Args:
        path: The client's file.
        run_id: The run's 16 random bytes.
        broadcast: The server's envelope.
        update: The client's.
    """
    sent = hashlib.sha256(update).hexdigest()
    append_rows(path, [{"run": run_id.hex(), "cose": base64.b64encode(broadcast).decode(), "update": sent}])


def read(path: Path, run_id: bytes, server: PublicKey) -> list[Witnessed]:
    """Return the broadcasts of a run that a client answered, in order.

    Args:
        path: The client's file.
        run_id: The run's 16 random bytes.
        server: The server's key, as the client's roster has it.

    Raises:
        RunFolderError: If a line is none, or holds a broadcast that the server did not sign.
    """
    found: list[Witnessed] = []
    try:
        for line, row in read_rows(path):
            if row.get("run") == run_id.hex():
                found.append(_witnessed(row, line, run_id, server))
    except Damaged as error:
        where = f" at line {error.line}" if error.line else ""
        raise RunFolderError(f"{path} {error}{where}; this client's record proves nothing") from None
    return found


def _witnessed(row: Mapping[str, str], line: int, run_id: bytes, server: PublicKey) -> Witnessed:
    try:
        envelope, update = base64.b64decode(row["cose"], validate=True), bytes.fromhex(row["update"])
        claims = decode(BroadcastClaims, open_envelope(envelope, BROADCAST, lambda kid: only_key(server, kid))[0])
    except (KeyError, TypeError, ValueError, binascii.Error, Rejection) as error:
        raise Damaged(f"holds a broadcast that is none ({error})", line) from None
    if claims.run_id != run_id:
        raise Damaged("holds a broadcast of another run than it says", line)
    return Witnessed(claims, update)


def contradictions(client: int, seen: Sequence[Witnessed], links: Sequence[Link]) -> Iterator[Finding]:
    """Yield the rounds in which a client was shown another ledger than this one.

    Args:
        client: Its number.
        seen: What it answered.
        links: The ledger.
    """
    places = {link.digest: place for place, link in enumerate(links)}
    for each in seen:
        claims = each.claims
        place = places.get(claims.ledger)
        if place is None or links[place].entry.round != claims.round - 1:
            yield Finding(claims.round - 1, "forked", f"ended otherwise in the ledger that client {client} was shown")
        elif links[place].entry.model != claims.model:
            yield Finding(claims.round - 1, "forked", f"had another aggregate than client {client} was sent")
        elif place + 1 < len(links):
            yield from _answered(client, each, links[place + 1])


def _answered(client: int, seen: Witnessed, after: Link) -> Iterator[Finding]:
    entry, claims = after.entry, seen.claims
    if entry.started != claims.started:
        return  # the server was ended in this round, and took the run up again
    if entry.updates.get(client, seen.update) != seen.update:
        yield Finding(entry.round, "altered", f"has another update of client {client} than it signed")
