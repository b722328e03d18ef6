"""One masked round in memory, every message made, signed and verified, with the seconds and bytes of both sides.

Clients are played one after another by the code of `qfl.security.masking`; what is timed is processor time.
"""

import time
from collections.abc import Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from qfl.security.claims import BroadcastClaims
from qfl.security.masking.graph import default_threshold, num_holders
from qfl.security.masking.member import Member, advertise, agree, join, mask, share, unmask
from qfl.security.masking.recovery import Collected, boxes_for, recover
from qfl.security.masking.statements import Advert, Agreement, Boxes, Shares, Start, Survivors
from qfl.security.profiles import profile
from qfl.security.roster import Roster, RosterRow
from qfl.security.session import from_client, packed, signed
from qfl.security.signing import Signer, generate
from qfl.security.updates import Expected, ReplayGuard, answer, form_of, sign_update, verify_update
from qfl.seeds import stream

ALGORITHM = "ML-DSA-65"
NEXT_CENTURY = 4_102_444_800  # Unix time in seconds
LIMIT = 2**36  # words of a vector are below, so that the sum of all is no longer than 63 bits


@dataclass
class Clock:
    """Seconds of processor time and bytes, by what they were for.

    Args:
        seconds: By part.
        sizes: By direction.
    """

    seconds: dict[str, float] = field(default_factory=dict[str, float])
    sizes: dict[str, int] = field(default_factory=dict[str, int])

    @contextmanager
    def on(self, part: str):
        """Count the time of a block."""
        start = time.process_time()
        yield
        self.seconds[part] = self.seconds.get(part, 0.0) + time.process_time() - start

    def sent(self, way: str, messages: Sequence[bytes]) -> None:
        """Count bytes."""
        self.sizes[way] = self.sizes.get(way, 0) + sum(map(len, messages))


@dataclass(frozen=True)
class Fleet:
    """The keys of a server and its clients.

    Args:
        signers: Private keys, by client; the server's is ``"server"``.
        roster: The enrolled keys.
    """

    signers: Mapping[Any, Signer]
    roster: Roster

    @classmethod
    def of(cls, count: int) -> "Fleet":
        """Return new keys."""
        signers = {who: generate(profile(ALGORITHM)) for who in ("server", *range(count))}
        rows = tuple(RosterRow(client, signers[client].key, max_examples=500) for client in range(count))
        return cls(signers, Roster(1, NEXT_CENTURY, signers["server"].key, rows))


def masked_round(
    fleet: Fleet, numbers: int, neighbours: int, lost_before: int = 0, lost_after: int = 0
) -> dict[str, Any]:
    """Return seconds of the server and of a client, bytes of a client, and whether the sum is exact.

    Args:
        fleet: All of its clients take part.
        numbers: Words of each vector.
        neighbours: Of each client, an even number; 0 for all.
        lost_before: Clients that drop out after they have shared their secrets, evenly spread over the ring: where
            neighbours are few, chance alone would take too many of some client's and end the round.
        lost_after: Clients that drop out after their upload.
    """
    count = len(fleet.roster.rows)
    ring = stream(0, "bench-secagg", count).permutation(count).tolist()
    threshold = default_threshold(num_holders(count, neighbours))
    start = Start(b"r" * 16, 1, b"n" * 16, 1, 1, packed(ring), neighbours, threshold, "none", b"")
    clock, rng = Clock(), stream(0, "bench-secagg", "vectors", count)
    vectors = rng.integers(0, LIMIT, (count, numbers), dtype=np.uint64)
    members: dict[int, Member] = {}
    adverts, signed_adverts = _advertise(fleet, start, clock, members)
    boxes = _share(fleet, start, clock, members, signed_adverts)
    lost = set(ring[:: max(1, count // max(1, lost_before))][:lost_before])
    going = [client for client in range(count) if client not in lost]
    total = _upload(fleet, start, clock, members, boxes, vectors, going)
    collected = Collected(start, adverts, boxes, going)
    shares = _unmask(fleet, start, clock, members, going, lost_after)
    with clock.on("recover"):
        found = recover(collected, total, shares)
    server = {part: s for part, s in clock.seconds.items() if part != "clients"}
    return {
        "server_s": sum(server.values()),
        "recover_s": server["recover"],
        "client_ms": 1e3 * clock.seconds["clients"] / count,
        "bytes_up": clock.sizes["up"] // count,
        "bytes_down": clock.sizes["down"] // count,
        "threshold": threshold,
        "exact": bool((found == vectors[going].sum(axis=0, dtype=np.uint64)).all()),
    }


def plain_round(fleet: Fleet, numbers: int) -> dict[str, Any]:
    """Return the server's seconds and a client's bytes in a round whose signed updates are added up as they are.

    Args:
        fleet: All of its clients take part.
        numbers: Of each update.
    """
    count, clock = len(fleet.roster.rows), Clock()
    vectors = stream(0, "bench-secagg", "vectors", count).integers(0, LIMIT, (count, numbers), dtype=np.uint64)
    update, total, check = Update(fleet, numbers), np.zeros(numbers, dtype=np.uint64), ReplayGuard()
    for client in range(count):
        with clock.on("clients"):
            envelope = update.signed(client, vectors[client])
        clock.sent("up", [envelope, vectors[client].tobytes()])
        with clock.on("server"):
            update.verified(client, envelope, vectors[client], check)
            total += vectors[client]
    times = clock.seconds
    return {
        "server_s": times["server"],
        "client_ms": 1e3 * times["clients"] / count,
        "bytes_up": clock.sizes["up"] // count,
    }


def _advertise(
    fleet: Fleet, start: Start, clock: Clock, members: dict[int, Member]
) -> tuple[dict[int, Advert], dict[int, bytes]]:
    with clock.on("start"):
        told = signed(start, fleet.signers["server"])
    envelopes: dict[int, bytes] = {}
    for client in start.members:
        with clock.on("clients"):
            members[client] = join(start, client, fleet.roster)
            envelopes[client] = signed(advertise(members[client]), fleet.signers[client])
        clock.sent("down", [told])
    return _heard(fleet, start, clock, Advert, envelopes), envelopes


def _share(
    fleet: Fleet, start: Start, clock: Clock, members: dict[int, Member], known: Mapping[int, bytes]
) -> dict[int, Boxes]:
    envelopes: dict[int, bytes] = {}
    for client in start.members:
        with clock.on("relay"):
            told = [known[other] for other in start.holders(client) if other != client]
        clock.sent("down", told)
        with clock.on("clients"):
            members[client], boxes = share(members[client], told, fleet.roster)
            envelopes[client] = signed(boxes, fleet.signers[client])
    return _heard(fleet, start, clock, Boxes, envelopes)


def _upload(
    fleet: Fleet,
    start: Start,
    clock: Clock,
    members: dict[int, Member],
    boxes: Mapping[int, Boxes],
    vectors: NDArray[np.uint64],
    going: Sequence[int],
) -> NDArray[np.uint64]:
    update, burned = Update(fleet, vectors.shape[1], "masked"), ReplayGuard()
    total = np.zeros(vectors.shape[1], dtype=np.uint64)
    for client in going:
        with clock.on("relay"):
            told = boxes_for(start, boxes, client)
        clock.sent("down", [part for pair in told.values() for part in pair])
        with clock.on("clients"):
            members[client], words = mask(members[client], vectors[client], told)
            envelope = update.signed(client, words)
        clock.sent("up", [envelope, words.tobytes()])
        with clock.on("updates"):
            update.verified(client, envelope, words, burned)
            total += words
    return total


def _unmask(
    fleet: Fleet, start: Start, clock: Clock, members: dict[int, Member], going: Sequence[int], lost_after: int
) -> dict[int, dict[int, bytes]]:
    survivors = Survivors(start.run_id, start.round, start.nonce, packed(going))
    with clock.on("start"):
        told = signed(survivors, fleet.signers["server"])
    known: dict[int, bytes] = {}
    for client in going[lost_after:]:
        clock.sent("down", [told])
        with clock.on("clients"):
            members[client], agreement = agree(members[client], survivors)
            known[client] = signed(agreement, fleet.signers[client])
    _heard(fleet, start, clock, Agreement, known)
    envelopes: dict[int, bytes] = {}
    for client in known:
        alike = [known[k] for k in start.holders(client) if k in known and k != client][: start.threshold - 1]
        clock.sent("down", alike)
        with clock.on("clients"):
            members[client], shares = unmask(members[client], alike, fleet.roster)
            envelopes[client] = signed(shares, fleet.signers[client])
    return {k: each.by_owner() for k, each in _heard(fleet, start, clock, Shares, envelopes).items()}


def _heard(fleet: Fleet, start: Start, clock: Clock, kind: type, envelopes: Mapping[int, bytes]) -> dict[int, Any]:
    clock.sent("up", list(envelopes.values()))
    with clock.on("statements"):
        return {client: from_client(kind, each, fleet.roster, start) for client, each in envelopes.items()}


class Update:
    """The signed update around a vector, as `qfl.security.updates` has it."""

    def __init__(self, fleet: Fleet, numbers: int, mode: str = "plain", dtype: str = "uint64"):
        self.fleet, self.mode = fleet, mode
        self.server = fleet.roster.server.thumbprint
        self.broadcast = BroadcastClaims(b"r" * 16, 1, b"n" * 16, bytes(32), bytes(32), 1, bytes(32))
        self.form = form_of({"angles": np.zeros(numbers, dtype=dtype)})

    def signed(self, client: int, words: NDArray) -> bytes:
        """Return the envelope around a client's vector."""
        claims = answer(self.broadcast, self.server, client, 1, {"angles": words}, {}, self.mode)
        return sign_update(claims, self.fleet.signers[client])

    def verified(self, client: int, envelope: bytes, words: NDArray, burned: ReplayGuard) -> None:
        """Return if the envelope holds.

        Args:
            client: Who should have signed it.
            envelope: As it came.
            words: The vector that it is about.
            burned: Nonces that were seen before.

        Raises:
            Rejection: If it does not.
        """
        expected = Expected(self.broadcast, self.server, client, self.form, self.mode)
        verify_update(envelope, {"angles": words}, {}, expected, self.fleet.roster, burned)
