"""The ledger of a run: one signed entry per round, each with the digest of the one before.

::

    entry n = envelope of {run, round n, SHA-256 of entry n-1, what the round came to}          ledger.jsonl, line n

Who alters, drops or inserts an entry breaks a signature or the chain from there on. Who holds the server's key and
signs another chain contradicts the heads that clients were shown in the server's signed broadcasts. No coin and no
network of miners is needed for that: the clients are the witnesses.

A resumed server signs the round of its checkpoint again, with the time at which it took the run up. Later rounds
of the process before stay in the ledger and no longer count; whoever was shown them finds them.

Reference:
    S. Haber and W. S. Stornetta, "How to Time-Stamp a Digital Document", Journal of Cryptology 3 (1991), section 5.1
    (linking). D. Commey and G. V. Crosby, "PQS-BFL", arXiv 2505.01866 (2025), has a smart contract in its place.
"""

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from qfl.security.claims import claim, encode
from qfl.security.envelope import LEDGER, sign
from qfl.security.signing import Signer

TABLE, COSE = "ledger", "cose"  # the run folder's table, and its column
SPENDING = "privacy"  # the table of who was asked, where that costs clients a budget
FIRST = bytes(32)  # stands for the entry before the first
CLIENT_BYTES = 8


@dataclass(frozen=True)
class Entry:
    """What the server says about one round; round 0 is the model that the run began with."""

    run_id: bytes = claim(2, bytes, size=16)
    round: int = claim(3, int)
    previous: bytes = claim(4, bytes, size=32)  # SHA-256 of the entry before, `FIRST` in the first
    started: int = claim(5, int)  # Unix time in ns at which the server's process took up the run
    settings: bytes = claim(6, bytes, size=32)  # of run.json
    roster_version: int = claim(7, int)
    model: bytes = claim(8, bytes, size=32)  # `qfl.security.claims.tensor_digest` of the aggregate
    checkpoint: bytes = claim(9, bytes, size=32)  # of all that a checkpoint after this round holds
    row: bytes = claim(10, bytes, size=32)  # `rows_digest` of the round's row
    clients: bytes = claim(11, bytes, size=32)  # ... and of its clients' rows
    accepted: tuple[bytes, ...] = claim(12, tuple, size=CLIENT_BYTES + 32, default=())  # `accepted_updates`
    spendings: int = claim(13, int, default=0, rare=True)  # rows of privacy.jsonl so far (`qfl.privacy`)
    spent: bytes = claim(14, bytes, size=32, default=FIRST, rare=True)  # `rows_digest` of these
    micro_epsilon: int = claim(15, int, default=0, rare=True)  # most that a client has spent, in millionths, rounded up

    @property
    def updates(self) -> dict[int, bytes]:
        """The SHA-256 of each accepted update's envelope, by client."""
        return {int.from_bytes(each[:CLIENT_BYTES], "big"): each[CLIENT_BYTES:] for each in self.accepted}


@dataclass(frozen=True)
class Link:
    """An entry in its place.

    Args:
        entry: What it says.
        digest: The SHA-256 of its envelope, which the next entry names.
    """

    entry: Entry
    digest: bytes


def accepted_updates(envelopes: Mapping[int, bytes]) -> tuple[bytes, ...]:
    """Return what an entry says of accepted updates: client number (8 bytes) and SHA-256 of each signed envelope.

    Example:
        >>> [len(each) for each in accepted_updates({3: b"an envelope", 1: b"another"})]
        [40, 40]
    """
    return tuple(
        client.to_bytes(CLIENT_BYTES, "big") + hashlib.sha256(envelopes[client]).digest()
        for client in sorted(envelopes)
    )


def rows_digest(rows: Sequence[Mapping[str, Any]]) -> bytes:
    """Return the SHA-256 of rows as they are read from a run folder: their content, not how it is laid out.

    Example:
        >>> rows_digest([{"a": 1, "b": 2.0}]) == rows_digest([{"b": 2.0, "a": 1}])
        True
    """
    content = json.dumps(list(rows), sort_keys=True, separators=(",", ":"), allow_nan=False)
    return hashlib.sha256(b"qfl/rows/v1" + content.encode()).digest()


def sign_entry(entry: Entry, signer: Signer) -> tuple[bytes, Link]:
    """Return an entry's envelope, and the entry in its place."""
    envelope = sign(encode(entry), signer, LEDGER)
    return envelope, Link(entry, hashlib.sha256(envelope).digest())
