"""The roster: which keys count, signed by an authority that may stay offline.

A roster names the server's key and one row per client. Its version only grows, it expires, and a key is revoked from a
round on, not from a time on: rounds are what server and clients agree about. A key that outlives one run is revoked
from round 0.

Reference:
    J. Samuel et al., "Survivable Key Compromise in Software Update Systems", CCS 2010 (TUF), for versions and expiry.
"""

import time
from collections.abc import Iterable
from contextlib import suppress
from dataclasses import dataclass, replace
from functools import cached_property
from itertools import pairwise
from math import inf

import cbor2

from qfl.errors import Rejection
from qfl.security import cbor
from qfl.security.envelope import ROSTER, open_envelope, sign
from qfl.security.profiles import BY_COSE_ALG, SignatureProfile
from qfl.security.reasons import rejection
from qfl.security.signing import PublicKey, Signer, decode_key
from qfl.security.weak_keys import require_sound

FORMAT = 1


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

    @cached_property
    def _ordered(self) -> list[RosterRow]:
        return sorted(self.rows, key=lambda row: (row.client, row.counts, row.not_before))

    @cached_property
    def _by_client(self) -> dict[int, RosterRow]:
        return {row.client: row for row in self._ordered}

    @cached_property
    def _by_kid(self) -> dict[bytes, RosterRow]:
        return {row.kid: row for row in self.rows}

    def row(self, client: int, round_number: int | None = None) -> RosterRow:
        """Return a client's row: of the key that counts in a round, or where none does, of its latest key.

        Raises:
            Rejection: ``unknown-key`` if the client is not enrolled.
        """
        if client not in self._by_client:
            raise rejection("unknown-key", f"client {client} is not enrolled")
        if round_number is None:
            return self._by_client[client]
        own = [row for row in self._ordered if row.client == client and row.not_before <= round_number]
        return next((row for row in own if row.last_round >= round_number), self._by_client[client])

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
        found = {}
        for client in clients:
            with suppress(Rejection):
                found[client] = self.counting(client, round_number).kid
        return found

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


def sign_roster(roster: Roster, authority: Signer) -> bytes:
    """Return the roster in an envelope of its authority."""
    rows = [
        [r.client, r.kid, r.key.profile.cose_alg, r.key.raw, r.max_examples, r.not_before, r.not_after, r.revoked_from]
        for r in roster.rows
    ]
    payload = {1: FORMAT, 2: roster.version, 3: roster.expires, 4: roster.server.encode(), 5: rows}
    return sign(cbor2.dumps(payload, canonical=True), authority, ROSTER)


def open_roster(
    envelope: bytes, authority: PublicKey, *, min_version: int = 0, now: float | None = None, library: str = ""
) -> Roster:
    """Return a roster that its authority signed, that is not older than one already known, and not out of date.

    Args:
        envelope: What `sign_roster` made.
        authority: The authority's key, got beforehand and not from the sender of the roster.
        min_version: The highest version already seen.
        now: Unix time in seconds; None reads the clock.
        library: ``"liboqs"`` to verify the clients' signatures with liboqs.

    Raises:
        Rejection: With the reason, from the envelope's to ``stale-roster``, ``roster-expired`` and ``degenerate-key``.
    """
    payload, _ = open_envelope(envelope, ROSTER, lambda kid: only_key(authority, kid))
    roster = _decode(payload, library or "cryptography")
    if roster.version < min_version:
        raise rejection("stale-roster", f"version {roster.version}, known is {min_version}")
    if roster.expires <= (time.time() if now is None else now):
        raise rejection("roster-expired", time.strftime("%Y-%m-%d", time.gmtime(roster.expires)))
    return roster


def only_key(key: PublicKey, kid: bytes) -> PublicKey:
    """Return a key if that is its thumbprint: the lookup where one key alone may have signed.

    Raises:
        Rejection: ``unknown-key``.
    """
    if kid != key.thumbprint:
        raise rejection("unknown-key", f"thumbprint {kid.hex()[:16]}..., expected {key.thumbprint.hex()[:16]}...")
    return key


def revoke(roster: Roster, client: int, from_round: int) -> Roster:
    """Return the next version of the roster, with a client's key revoked from a round on; never later than before.

    Raises:
        Rejection: ``unknown-key`` if the client is not enrolled.
    """
    roster.row(client)
    rows = tuple(_revoked(row, from_round) if row.client == client else row for row in roster.rows)
    return replace(roster, version=roster.version + 1, rows=rows)


def admit(roster: Roster, row: RosterRow) -> Roster:
    """Return the next version of the roster, with one more row; a revoked key of its client stays, and counts no more.

    Raises:
        Rejection: ``duplicate-client`` if another key of the client counts in one of its rounds, ``duplicate-key``.
    """
    rows = []
    for old in roster.rows:
        over = old.client == row.client and old.revoked_from is not None
        rows.append(_revoked(old, row.not_before) if over else old)
    return replace(roster, version=roster.version + 1, rows=(*rows, row))


def rotate(roster: Roster, client: int, key: PublicKey, from_round: int) -> Roster:
    """Return the next version of the roster, with a client's new key from a round on and its old one up to then.

    From round 0 (or the round from which the old key counts) the new key takes the old one's place altogether.

    Raises:
        Rejection: ``unknown-key`` if the client is not enrolled, ``revoked`` if its key is, ``duplicate-key``.
    """
    old = roster.row(client)
    if old.revoked_from is not None:
        raise rejection("revoked", f"client {client}, from round {old.revoked_from} on")
    new = replace(old, key=key, not_before=max(from_round, old.not_before))
    kept = [replace(old, not_after=from_round - 1)] if from_round > old.not_before else []
    rows = [row for row in roster.rows if row is not old]
    return replace(roster, version=roster.version + 1, rows=(*rows, *kept, new))


def retire(roster: Roster, client: int) -> Roster:
    """Return the next version of the roster, where a client's latest key counts in every round and no other does.

    Its revoked keys stay, so that none is enrolled again.

    Raises:
        Rejection: ``unknown-key`` if the client is not enrolled.
    """
    latest = roster.row(client)
    rows = [row for row in roster.rows if row.client != client]
    own = (row for row in roster.rows if row.client == client and row is not latest)
    rows += [_revoked(row, 0) for row in own if row.revoked_from is not None]
    return replace(roster, version=roster.version + 1, rows=(*rows, replace(latest, not_before=0)))


def _revoked(row: RosterRow, from_round: int) -> RosterRow:
    return replace(row, revoked_from=from_round if row.revoked_from is None else min(from_round, row.revoked_from))


def _decode(payload: bytes, library: str) -> Roster:
    entries = cbor.decode(payload, "bad-claims", values=64 + len(payload) // 64, levels=3)
    if not isinstance(entries, dict) or entries.get(1) != FORMAT:
        raise rejection("wrong-format", "roster")
    match entries:
        case {2: version, 3: expires, 4: bytes(server), 5: list(rows), **rest} if len(rest) == 1:
            key = replace(decode_key(server), library=library)
            return Roster(_count(version), _count(expires), key, tuple(_row(row, library) for row in rows))
        case _:
            raise rejection("bad-claims", "roster: not exactly {format, version, expires, server, rows}")


def _row(entry: object, library: str) -> RosterRow:
    match entry:
        case [client, bytes(kid), int(alg), bytes(raw), most, first, last, revoked]:
            key = PublicKey(_profile(alg), raw, library)
            ends = (None if end is None else _count(end) for end in (last, revoked))
            row = RosterRow(_count(client), key, _count(most), _count(first), *ends)
        case _:
            raise rejection("bad-claims", "roster: a row that is none")
    if row.kid != kid:
        raise rejection("bad-claims", f"thumbprint of client {row.client}")
    return row


def _count(value: object) -> int:
    if type(value) is not int or not 0 <= value < 2**63:
        raise rejection("bad-claims", "roster: a number that is no count")
    return value


def _profile(alg: int) -> SignatureProfile:
    if alg not in BY_COSE_ALG:
        raise rejection("wrong-algorithm", f"COSE algorithm {alg}")
    return BY_COSE_ALG[alg]
