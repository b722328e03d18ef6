"""What server and clients say to one another in a round that has more than one step: signed, each kind for itself.

All statements of a round name one session: run, round and the server's nonce. `qfl.security.masking.statements` and
`qfl.security.homomorphic.statements` say which kinds there are.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import ClassVar, TypeVar

import cbor2
import numpy as np

from qfl.security.claims import claim, decode, encode
from qfl.security.envelope import Purpose, open_envelope, sign
from qfl.security.reasons import rejection
from qfl.security.roster import Roster
from qfl.security.signing import Signer

NO_SEAL = "none"
FEWEST = 3  # clients in a sum: of two, each knows the other's update from it


@dataclass(frozen=True)
class Statement:
    """What all statements name: their session."""

    purpose: ClassVar[Purpose]
    run_id: bytes = claim(2, bytes, size=16)
    round: int = claim(3, int)
    nonce: bytes = claim(4, bytes, size=16)  # the server's, fresh in every such round

    @property
    def session(self) -> bytes:
        """What makes the round one of a kind; secrets and seals are bound to it."""
        return cbor2.dumps([self.run_id, self.round, self.nonce], canonical=True)


@dataclass(frozen=True)
class Said(Statement):
    """A client's statement."""

    client: int = claim(5, int)


Told = TypeVar("Told", bound=Statement)
Heard = TypeVar("Heard", bound=Said)


def signed(statement: Statement, signer: Signer) -> bytes:
    """Return the envelope of a statement."""
    return sign(encode(statement), signer, statement.purpose)


def from_server(kind: type[Told], envelope: bytes, roster: Roster) -> Told:
    """Return a statement of the enrolled server.

    Args:
        kind: One of the server's statements.
        envelope: What `signed` made.
        roster: The enrolled keys.

    Raises:
        Rejection: With one reason of `qfl.security.reasons.REASONS`.
    """
    return decode(kind, open_envelope(envelope, kind.purpose, roster.server_key)[0])


def from_client(kind: type[Heard], envelope: bytes, roster: Roster, start: Statement) -> Heard:
    """Return a statement that an enrolled client made in this session.

    Args:
        kind: One of the clients' statements.
        envelope: What `signed` made.
        roster: The enrolled keys.
        start: The server's, of the session.

    Raises:
        Rejection: With one reason of `qfl.security.reasons.REASONS`.
    """
    payload, kid = open_envelope(envelope, kind.purpose, lambda kid: roster.owner(kid).key)
    found, row = decode(kind, payload), roster.owner(kid)
    row.require_valid(start.round)
    if found.client != row.client:
        raise rejection("wrong-client", f"claimed {found.client}, the key is client {row.client}'s")
    require_session(found, start)
    return found


def require_session(statement: Statement, start: Statement) -> None:
    """Return if a statement is one of the session.

    Raises:
        Rejection: ``wrong-run``, ``wrong-round`` or ``wrong-nonce``.
    """
    for reason, claimed, wanted in (
        ("wrong-run", statement.run_id, start.run_id),
        ("wrong-round", statement.round, start.round),
        ("wrong-nonce", statement.nonce, start.nonce),
    ):
        if claimed != wanted:
            raise rejection(reason)


def packed(clients: Iterable[int]) -> bytes:
    """Return client numbers as bytes, four each.

    Example:
        >>> unpacked(packed([7, 70_000]))
        [7, 70000]
    """
    return np.array(list(clients), dtype=">u4").tobytes()


def unpacked(clients: bytes) -> list[int]:
    """Return the client numbers of `packed`.

    Raises:
        Rejection: ``bad-claims`` if these are none, or one is there twice.
    """
    whole = len(clients) % 4 == 0
    found: list[int] = np.frombuffer(clients, dtype=">u4").tolist() if whole else []
    if not whole or len(set(found)) < len(found):
        raise rejection("bad-claims", "client numbers")
    return found
