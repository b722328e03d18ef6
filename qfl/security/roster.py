"""The roster: which keys count, signed by an authority that may stay offline.

A roster names the server's key and one row per client. Its version only grows, it expires, and a key is revoked from a
round on, not from a time on: rounds are what server and clients agree about. A key that outlives one run is revoked
from round 0.

Reference:
    J. Samuel et al., "Survivable Key Compromise in Software Update Systems", CCS 2010 (TUF), for versions and expiry.
"""

from dataclasses import replace
from typing import Any

import cbor2

from qfl.security import cbor
from qfl.security.envelope import ROSTER, Purpose, open_envelope, sign
from qfl.security.profiles import BY_COSE_ALG, SignatureProfile
from qfl.security.reasons import rejection
from qfl.security.roster_rows import Roster, RosterRow
from qfl.security.signing import PublicKey, Signer, decode_key

FORMAT = 1


def sign_roster(roster: Roster, authority: Signer, purpose: Purpose = ROSTER) -> bytes:
    """Return the roster in an envelope of its authority.

    Args:
        roster: What is signed.
        authority: Its authority's private key.
        purpose: `ROSTER_ROWS` for rows that only follow a roster, so that they cannot take its place.
    """
    rows = [
        [r.client, r.kid, r.key.profile.cose_alg, r.key.raw, r.max_examples, r.not_before, r.not_after, r.revoked_from]
        for r in roster.rows
    ]
    payload = {1: FORMAT, 2: roster.version, 3: roster.expires, 4: roster.server.encode(), 5: rows}
    return sign(cbor2.dumps(payload, canonical=True), authority, purpose)


def open_roster(
    envelope: bytes,
    authority: PublicKey,
    *,
    min_version: int = 0,
    now: float | None = None,
    library: str = "",
    purpose: Purpose = ROSTER,
) -> Roster:
    """Return a roster that its authority signed, that is not older than one already known, and not out of date.

    Args:
        envelope: What `sign_roster` made.
        authority: The authority's key, got beforehand and not from the sender of the roster.
        min_version: The highest version already seen.
        now: Unix time in seconds; None reads the clock.
        library: ``"liboqs"`` to verify the clients' signatures with liboqs.
        purpose: What it was signed for.

    Raises:
        Rejection: With the reason, from the envelope's to ``stale-roster``, ``roster-expired`` and ``degenerate-key``.
    """
    payload, _ = open_envelope(envelope, purpose, lambda kid: only_key(authority, kid))
    roster = _decode(payload, library or "cryptography")
    if roster.version < min_version:
        raise rejection("stale-roster", f"version {roster.version}, known is {min_version}")
    roster.require_current(now)
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

    Args:
        roster: The present roster.
        client: Partition id.
        from_round: First round in which the key no longer counts.

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
    rows: list[RosterRow] = []
    for old in roster.rows:
        over = old.client == row.client and old.revoked_from is not None
        rows.append(_revoked(old, row.not_before) if over else old)
    return replace(roster, version=roster.version + 1, rows=(*rows, row))


def rotate(roster: Roster, client: int, key: PublicKey, from_round: int) -> Roster:
    """Return the next version of the roster, with a client's new key from a round on and its old one up to then.

    From round 0 (or the round from which the old key counts) the new key takes the old one's place altogether.

    Args:
        roster: The present roster.
        client: Partition id.
        key: The new public key.
        from_round: First round in which it counts.

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
    earlier = (row for row in roster.rows if row.client == client and row is not latest)
    rows += [_revoked(row, 0) for row in earlier if row.revoked_from is not None]
    return replace(roster, version=roster.version + 1, rows=(*rows, replace(latest, not_before=0)))


def _revoked(row: RosterRow, from_round: int) -> RosterRow:
    return replace(row, revoked_from=from_round if row.revoked_from is None else min(from_round, row.revoked_from))


def _decode(payload: bytes, library: str) -> Roster:
    match cbor.decode(payload, "bad-claims", values=64 + len(payload) // 64, levels=3):
        case {1: number, **entries} if number == FORMAT:
            pass
        case _:
            raise rejection("wrong-format", "roster")
    match entries:
        case {2: version, 3: expires, 4: bytes(server), 5: [*rows], **rest} if not rest:
            key = replace(decode_key(server), library=library)
            return Roster(_count(version), _count(expires), key, tuple(_row(row, library) for row in rows))
        case _:
            raise rejection("bad-claims", "roster: not exactly {format, version, expires, server, rows}")


def _row(entry: Any, library: str) -> RosterRow:
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
