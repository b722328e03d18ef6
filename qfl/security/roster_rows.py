"""The rows of a roster: who may sign in which rounds. How it is signed, read and changed is `roster`'s."""

import time
from collections.abc import Iterable
from contextlib import suppress
from dataclasses import dataclass
from functools import cached_property
from itertools import pairwise
from math import inf

from qfl.errors import Rejection
from qfl.security.reasons import rejection
from qfl.security.signing import PublicKey
from qfl.security.weak_keys import require_sound


@dataclass(frozen=True)
class RosterRow:
    """One enrolled client.

    Args:
        client: Partition id, 0 or more.
        key: Public key.
        max_examples: The largest number of examples that this client may claim.
        not_before: First round in which the key counts.
        not_after: Last round in which the key counts; None for no end.
        revoked_from: Round from which the key no longer counts; None if it is not revoked.
    """

    client: int
    key: PublicKey
    max_examples: int
    not_before: int = 0
    not_after: int | None = None
    revoked_from: int | None = None

    @property
    def kid(self) -> bytes:
        """The key's thumbprint."""
        return self.key.thumbprint

    @property
    def status(self) -> str:
        """``"active"`` or ``"revoked"``."""
        return "active" if self.revoked_from is None else "revoked"

    @property
    def last_round(self) -> float:
        """Last round in which the key counts: infinity for no end, below ``not_before`` if it counts in none."""
        ends = [inf if self.not_after is None else self.not_after]
        return min(ends if self.revoked_from is None else [*ends, self.revoked_from - 1])

    @property
    def counts(self) -> bool:
        """True if there is a round in which the key counts; rounds of training begin with 1."""
        return self.last_round >= max(self.not_before, 1)

    def require_valid(self, round_number: int) -> None:
        """Return if the key counts in a round.

        Raises:
            Rejection: ``revoked``, ``not-valid-yet`` or ``no-longer-valid``.
        """
        if self.revoked_from is not None and round_number >= self.revoked_from:
            raise rejection("revoked", f"client {self.client}, from round {self.revoked_from} on")
        if round_number < self.not_before:
            raise rejection("not-valid-yet", f"client {self.client}, from round {self.not_before} on")
        if self.not_after is not None and round_number > self.not_after:
            raise rejection("no-longer-valid", f"client {self.client}, up to round {self.not_after}")


@dataclass(frozen=True)
class Roster:
    """The server's key and the clients' rows.

    Args:
        version: Grows by one with every change.
        expires: Unix time in seconds after which it is refused.
        server: Key that signs broadcasts.
        rows: One per client and key; the rounds in which two keys of one client count do not overlap. Revoked keys
            stay, so that none is enrolled again.

    Raises:
        Rejection: ``duplicate-client``, ``duplicate-key`` or ``degenerate-key``.
    """

    version: int
    expires: int
    server: PublicKey
    rows: tuple[RosterRow, ...] = ()

    def __post_init__(self):
        ordered = [row for row in self._ordered if row.counts]
        for earlier, later in pairwise(ordered):
            if earlier.client == later.client and earlier.last_round >= later.not_before:
                raise rejection("duplicate-client")
        if len({row.key.raw for row in self.rows} | {self.server.raw}) != len(self.rows) + 1:
            raise rejection("duplicate-key")
        for key in (self.server, *(row.key for row in self.rows)):
            require_sound(key)

    def followed_by(self, block: "Roster") -> "Roster":
        """Return the roster with the rows of its next version: these are compared with the others, not all with all.

        Args:
            block: The rows that are new, under the next version and of the same server.

        Raises:
            Rejection: ``stale-roster``, ``unknown-key`` for another server, ``duplicate-client`` or ``duplicate-key``.
        """
        if block.version != self.version + 1:
            raise rejection("stale-roster", f"rows of version {block.version} after version {self.version}")
        if block.server != self.server:
            raise rejection("unknown-key", "rows of another server")
        if self._by_client.keys() & block._by_client.keys():
            raise rejection("duplicate-client")
        if self._by_kid.keys() & block._by_kid.keys():
            raise rejection("duplicate-key")
        grown = object.__new__(Roster)  # both halves are checked already
        grown.__dict__.update(
            version=block.version,
            expires=min(self.expires, block.expires),
            server=self.server,
            rows=self.rows + block.rows,
            _by_client=self._by_client | block._by_client,
            _by_kid=self._by_kid | block._by_kid,
        )
        return grown

    def require_current(self, now: float | None = None) -> None:
        """Return if the roster is not out of date: asked whenever one that was opened before is used.

        Args:
            now: Unix time in seconds; None reads the clock.

        Raises:
            Rejection: ``roster-expired``.
        """
        if self.expired(now):
            raise rejection("roster-expired", _date(self.expires))

    def expired(self, now: float | None = None) -> bool:
        """Tell whether the roster is out of date."""
        return self.expires <= (time.time() if now is None else now)

    @cached_property
    def _ordered(self) -> list[RosterRow]:
        return sorted(self.rows, key=lambda row: (row.client, row.counts, row.not_before))

    @cached_property
    def _by_client(self) -> dict[int, list[RosterRow]]:
        rows: dict[int, list[RosterRow]] = {}
        for row in self._ordered:
            rows.setdefault(row.client, []).append(row)
        return rows

    @cached_property
    def _by_kid(self) -> dict[bytes, RosterRow]:
        return {row.kid: row for row in self.rows}

    @cached_property
    def beginnings(self) -> tuple[int, ...]:
        """The rounds, above 0, in which some key begins to count, ascending."""
        return tuple(sorted({row.not_before for row in self.rows if row.not_before}))

    def enrols(self, client: int) -> bool:
        """Tell whether a client has a row, whether its key counts or not."""
        return client in self._by_client

    def row(self, client: int, round_number: int | None = None) -> RosterRow:
        """Return a client's row: of the key that counts in a round, or where none does, of its latest key.

        Raises:
            Rejection: ``unknown-key`` if the client is not enrolled.
        """
        if client not in self._by_client:
            raise rejection("unknown-key", f"client {client} is not enrolled")
        rows = self._by_client[client]
        if round_number is None:
            return rows[-1]
        return next((row for row in rows if row.not_before <= round_number <= row.last_round), rows[-1])

    def counting(self, client: int, round_number: int) -> RosterRow:
        """Return the row of the key that counts for a client in a round.

        Raises:
            Rejection: ``unknown-key``, ``revoked``, ``not-valid-yet`` or ``no-longer-valid``.
        """
        row = self.row(client, round_number)
        row.require_valid(round_number)
        return row

    def kids_in(self, round_number: int, clients: Iterable[int]) -> dict[int, bytes]:
        """Return the thumbprint of the key that counts in a round, for each of the clients that has one."""
        kids: dict[int, bytes] = {}
        for client in clients:
            with suppress(Rejection):
                kids[client] = self.counting(client, round_number).kid
        return kids

    def owner(self, kid: bytes) -> RosterRow:
        """Return the row of a thumbprint.

        Raises:
            Rejection: ``unknown-key``.
        """
        if kid not in self._by_kid:
            raise rejection("unknown-key", f"thumbprint {kid.hex()[:16]}...")
        return self._by_kid[kid]

    def server_key(self, kid: bytes) -> PublicKey:
        """Return the server's key if that is its thumbprint.

        Raises:
            Rejection: ``unknown-key``.
        """
        if kid != self.server.thumbprint:
            raise rejection("unknown-key", f"thumbprint {kid.hex()[:16]}... is not the server's")
        return self.server


def _date(unix_s: int) -> str:
    try:
        return time.strftime("%Y-%m-%d", time.gmtime(unix_s))
    except (OverflowError, OSError, ValueError):
        return f"Unix time {unix_s}"
