"""One client's part of a masked round, step by step: each takes bytes of a stranger and gives bytes to sign or send.

A step is taken once. What a client holds is one `Member`, written down before its answer leaves (`packed_member`), so
that a client that is killed goes on where it was, and answers nothing twice.

What is refused, whoever asks: to unmask two sets of survivors, or a set that fewer than `threshold` holders have signed
alike, so that no client's two secrets ever come to light together; to mask a second vector with the same masks; a
threshold by which two sets of survivors could both be signed; pair seeds that their sender does not stand to, for
whoever delivers a message could else choose the seeds.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, fields, replace

import cbor2
import numpy as np
from numpy.typing import NDArray

from qfl.security import cbor
from qfl.security.claims import decode, encode
from qfl.security.masking.graph import num_holders
from qfl.security.masking.masks import CHANNEL, MASK, commitment, kem_key, mask_words, new_seed, pair_seed
from qfl.security.masking.seals import open_pair, open_shares, seal_pair, seal_shares
from qfl.security.masking.shamir import split
from qfl.security.masking.statements import (
    Advert,
    Agreement,
    Boxes,
    Shares,
    Start,
    Survivors,
    later_neighbours,
    survivors_digest,
)
from qfl.security.reasons import rejection
from qfl.security.roster import Roster
from qfl.security.session import FEWEST, from_client, packed, unpacked

STEPS = ("advertised", "shared", "masked", "agreed", "unmasked")


@dataclass(frozen=True)
class Member:
    """What a client holds of a masked round.

    Args:
        start: The server's statement.
        client: Its number.
        step: The last one that it took, of `STEPS`.
        root: Gives its pair seeds and its mask key (`qfl.security.masking.masks`).
        own: The seed of the mask that is its alone.
        channel: Gives the key to which others seal shares.
        peers: Commitments to pair seeds of neighbours that advertised; empty where this client draws the seed.
        shares: What it holds of each client's self seed and root.
        ledger: Head of the server's ledger, as the broadcast named it that the client answered.
        survivors: Those that it agreed to.
        unmasked: The last round of the run whose sum it helped to unmask; 0 for none.
    """

    start: Start
    client: int
    step: str = "advertised"
    root: bytes = field(default_factory=new_seed, repr=False)
    own: bytes = field(default_factory=new_seed, repr=False)
    channel: bytes = field(default_factory=new_seed, repr=False)
    peers: Mapping[int, bytes] = field(default_factory=dict[int, bytes], repr=False)
    shares: Mapping[int, tuple[bytes, bytes]] = field(default_factory=dict[int, tuple[bytes, bytes]], repr=False)
    ledger: bytes = bytes(32)
    survivors: bytes = b""
    unmasked: int = 0


def join(start: Start, client: int, roster: Roster, before: Member | None = None) -> Member:
    """Return what a client holds after the server's start, with secrets of the operating system's randomness.

    Args:
        start: The server's statement, verified.
        client: This client's number.
        roster: The enrolled keys.
        before: What the client holds of the run's last masked round. A server that was killed asks for a round again,
            but says that it began later; the secrets of the first time are gone then, and so is that round once its
            sum was unmasked: a second sum of other survivors would differ by a client.

    Raises:
        Rejection: ``not-a-member``, ``few-members``, ``low-threshold``, ``stale-roster``, ``begun-before`` or
            ``unmasked-before``.
    """
    if before:
        _require_new(start, before)
    if start.roster_version < roster.version:
        raise rejection("stale-roster", f"the server has version {start.roster_version}, known is {roster.version}")
    if client not in start.members:
        raise rejection("not-a-member", f"client {client}")
    if len(start.members) < FEWEST:
        raise rejection("few-members", f"{len(start.members)}, at least {FEWEST} are needed")
    count = num_holders(len(start.members), start.neighbours)
    if not count // 2 < start.threshold <= count or start.neighbours % 2:
        raise rejection("low-threshold", f"{start.threshold} of {count} holders")
    return Member(start, client, unmasked=before.unmasked if before else 0)


def advertise(member: Member) -> Advert:
    """Return the client's keys and commitments."""
    context = member.start.session
    seeds = [pair_seed(member.root, context, member.client, other) for other in _later(member)]
    channel, mask = kem_key(member.channel, CHANNEL, context), kem_key(member.root, MASK, context)
    own, pairs = commitment(member.own), b"".join(map(commitment, seeds))
    return Advert(*_session(member), member.client, channel.public, mask.public, own, pairs)


def share(member: Member, envelopes: Sequence[bytes], roster: Roster) -> tuple[Member, Boxes]:
    """Return the client after it has shared its secrets, and the boxes for its neighbours.

    Args:
        member: After `join`.
        envelopes: The neighbours' signed adverts, as the server relays them.
        roster: The enrolled keys.

    Raises:
        Rejection: ``out-of-turn``, ``few-neighbours``, or why an advert is refused.
    """
    _require(member, "advertised")
    start = member.start
    adverts = {advert.client: advert for advert in (from_client(Advert, each, roster, start) for each in envelopes)}
    adverts = {other: adverts[other] for other in start.holders(member.client) if other in adverts}
    adverts.pop(member.client, None)
    _require_enough(member, len(adverts))
    places = [other + 1 for other in (member.client, *adverts)]
    own, root = split(member.own, places, start.threshold), split(member.root, places, start.threshold)
    kept = {member.client: (own[member.client + 1], root[member.client + 1])}
    peers = {other: _peer(member, advert) for other, advert in adverts.items()}
    sealed = [seal_shares(start, member.client, advert, own[k + 1], root[k + 1]) for k, advert in adverts.items()]
    pairs = [_pair_box(member, advert) for advert in adverts.values()]
    boxes = Boxes(*_session(member), member.client, packed(adverts), tuple(sealed), tuple(pairs))
    return replace(member, step="shared", peers=peers, shares=kept), boxes


def mask(
    member: Member,
    words: NDArray[np.uint64],
    boxes: Mapping[int, tuple[bytes, bytes]],
    ledger: bytes = bytes(32),
) -> tuple[Member, NDArray[np.uint64]]:
    """Return the client after it has masked a vector, and the masked vector.

    Args:
        member: After `share`.
        words: The vector, modulo 2^64.
        boxes: The two boxes that each neighbour sent this client.
        ledger: Head of the server's ledger, as its broadcast names it: who was shown another unmasks nothing together.

    Raises:
        Rejection: ``out-of-turn``, ``few-neighbours``, ``bad-seal`` or ``false-pair-seed``.
    """
    _require(member, "shared")
    start, context = member.start, member.start.session
    given = {other: boxes[other] for other in member.peers if other in boxes}
    _require_enough(member, len(given))
    channel, key = kem_key(member.channel, CHANNEL, context), kem_key(member.root, MASK, context)
    shares, total = dict(member.shares), words + mask_words(member.own, len(words))
    for other, (box, pair) in given.items():
        shares[other] = open_shares(start, other, member.client, box, channel)
        if other > member.client:
            total += mask_words(pair_seed(member.root, context, member.client, other), len(words))
        else:
            seed = open_pair(start, other, member.client, pair, key, member.peers[other])
            total -= mask_words(seed, len(words))
    return replace(member, step="masked", shares=shares, ledger=ledger), total


def agree(member: Member, survivors: Survivors) -> tuple[Member, Agreement]:
    """Return the client after it has agreed to a set of survivors, and its statement; it agrees to one set alone.

    Args:
        member: After `mask`.
        survivors: The server's statement, verified and of this session.

    Raises:
        Rejection: ``out-of-turn``, ``false-survivors`` or ``few-survivors``.
    """
    _require(member, "masked")
    clients = set(unpacked(survivors.clients))
    holding = clients & set(member.start.holders(member.client))
    if member.client not in clients or not clients <= set(member.start.members) or not holding <= set(member.shares):
        raise rejection("false-survivors", f"{len(clients)} clients")
    if len(holding) < member.start.threshold or len(clients) < FEWEST:
        raise rejection("few-survivors", f"{len(holding)} holders, {member.start.threshold} are needed")
    agreement = Agreement(*_session(member), member.client, survivors_digest(survivors.clients, member.ledger))
    return replace(member, step="agreed", survivors=survivors.clients), agreement


def unmask(member: Member, envelopes: Sequence[bytes], roster: Roster) -> tuple[Member, Shares]:
    """Return the client after it has given its shares away, and these: of each client one, and once.

    Args:
        member: After `agree`.
        envelopes: The holders' signed agreements, as the server relays them.
        roster: The enrolled keys.

    Raises:
        Rejection: ``out-of-turn``, ``disagreement``, or why an agreement is refused.
    """
    _require(member, "agreed")
    start, digest = member.start, survivors_digest(member.survivors, member.ledger)
    agreements = [from_client(Agreement, each, roster, start) for each in envelopes]
    alike = {each.client for each in agreements if each.survivors == digest} & set(start.holders(member.client))
    alike |= {member.client}
    if len(alike) < start.threshold:
        raise rejection("disagreement", f"{len(alike)} of {start.threshold}")
    living = set(unpacked(member.survivors))
    shares = {owner: own if owner in living else root for owner, (own, root) in sorted(member.shares.items())}
    found = Shares(*_session(member), member.client, packed(shares), b"".join(shares.values()))
    return replace(member, step="unmasked", root=b"", own=b"", channel=b"", shares={}, unmasked=start.round), found


def packed_member(member: Member) -> bytes:
    """Return what a client writes down."""
    values = {item.name: getattr(member, item.name) for item in fields(member)}
    values["start"] = encode(member.start)
    values["shares"] = {owner: list(pair) for owner, pair in sorted(member.shares.items())}
    return cbor2.dumps(values | {"peers": dict(sorted(member.peers.items()))}, canonical=True)


def unpacked_member(content: bytes) -> Member:
    """Return what a client wrote down; the inverse of `packed_member`.

    Raises:
        Rejection: ``bad-claims`` or ``not-canonical`` if it was altered, or is something else.
    """
    found = cbor.decode(content, "bad-claims", values=100 + len(content), levels=3)
    try:
        shares = {owner: (own, root) for owner, (own, root) in found["shares"].items()}
        return Member(**found | {"start": decode(Start, found["start"]), "shares": shares})
    except (TypeError, KeyError, ValueError, AttributeError) as error:
        raise rejection("bad-claims", f"{type(error).__name__}: {error}") from None


def _require_new(start: Start, before: Member) -> None:
    if start.run_id != before.start.run_id:
        raise rejection("wrong-run")
    if (start.started, start.round) <= (before.start.started, before.start.round):
        raise rejection("begun-before", f"round {start.round}")
    if start.round <= before.unmasked:
        raise rejection("unmasked-before", f"round {start.round}, after round {before.unmasked}")


def _session(member: Member) -> tuple[bytes, int, bytes]:
    return member.start.run_id, member.start.round, member.start.nonce


def _later(member: Member) -> list[int]:
    return later_neighbours(member.start, member.client)


def _peer(member: Member, advert: Advert) -> bytes:
    return advert.committed(member.start, member.client) if advert.client < member.client else b""


def _pair_box(member: Member, advert: Advert) -> bytes:
    if advert.client < member.client:
        return b""
    seed = pair_seed(member.root, member.start.session, member.client, advert.client)
    return seal_pair(member.start, member.client, advert, seed)


def _require(member: Member, step: str) -> None:
    if member.step != step:
        raise rejection("out-of-turn", f"the client has {member.step}, expected that it had {step}")


def _require_enough(member: Member, neighbours: int) -> None:
    if neighbours + 1 < member.start.threshold:  # with this client itself
        raise rejection("few-neighbours", f"{neighbours} and this one, {member.start.threshold} are needed")
