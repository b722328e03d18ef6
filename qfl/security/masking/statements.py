"""What server and clients say to one another in a masked round, each signed as another kind of message.

::

    server -> client    Start        who takes part, how many neighbours and shares
    client -> server    Advert       two ML-KEM keys, commitments to the self seed and to pair seeds; relayed
    client -> server    Boxes        for each neighbour: sealed shares, and a sealed pair seed; relayed
    client -> server    (the masked update: `qfl.security.updates`, mode "masked")
    server -> client    Survivors    whose masked updates there are
    client -> server    Agreement    the survivors that it was shown; relayed
    client -> server    Shares       one share for each client whose shares it holds

All name one session: run, round and the server's nonce.
"""

import hashlib
from dataclasses import dataclass
from functools import cached_property

from qfl.security.claims import ANY, claim
from qfl.security.envelope import MASK_ADVERT, MASK_AGREEMENT, MASK_BOXES, MASK_SHARES, MASK_START, MASK_SURVIVORS
from qfl.security.masking.graph import holders
from qfl.security.masking.shamir import SHARE_BYTES
from qfl.security.reasons import rejection
from qfl.security.sealing import HYBRID, ML_KEM
from qfl.security.session import NO_SEAL, Said, Statement, unpacked

KEM_BYTES = 1184


@dataclass(frozen=True)
class Start(Statement):
    """The server's: a masked round begins."""

    purpose = MASK_START
    started: int = claim(5, int)  # Unix time in ns at which the server's process took up the run
    roster_version: int = claim(6, int)
    ring: bytes = claim(7, bytes, size=ANY)  # `packed` clients, in the order of the graph
    neighbours: int = claim(8, int)  # of each client; 0 for all
    threshold: int = claim(9, int)  # shares that unmask
    seal: str = claim(10, str, choices=(NO_SEAL, ML_KEM, HYBRID))  # to which replies are sealed, as updates are
    seal_key: bytes = claim(11, bytes, size=ANY)

    @cached_property
    def members(self) -> list[int]:
        """The clients, in the order of the ring."""
        return unpacked(self.ring)

    def holders(self, client: int) -> list[int]:
        """Return who holds shares of a client's secrets, itself among them."""
        return holders(self.members, client, self.neighbours)


@dataclass(frozen=True)
class Advert(Said):
    """A client's: the keys to which shares and pair seeds are sealed, and what it commits to."""

    purpose = MASK_ADVERT
    channel: bytes = claim(6, bytes, size=KEM_BYTES)
    mask: bytes = claim(7, bytes, size=KEM_BYTES)
    own: bytes = claim(8, bytes, size=32)  # commitment to the self seed
    pairs: bytes = claim(9, bytes, size=ANY)  # commitments to the pair seeds with later neighbours, 32 bytes each

    def committed(self, start: Start, other: int) -> bytes:
        """Return the commitment to the pair seed with a later neighbour.

        Raises:
            Rejection: ``bad-claims`` if there is none.
        """
        later = later_neighbours(start, self.client)
        if other not in later or len(self.pairs) != 32 * len(later):
            raise rejection("bad-claims", f"client {self.client} commits to no pair seed with client {other}")
        place = later.index(other)
        return self.pairs[32 * place : 32 * place + 32]


@dataclass(frozen=True)
class Boxes(Said):
    """A client's: shares of its secrets and pair seeds, sealed to its neighbours."""

    purpose = MASK_BOXES
    receivers: bytes = claim(6, bytes, size=ANY)  # `packed`
    shares: tuple[bytes, ...] = claim(7, tuple, size=ANY)  # to each receiver's channel key
    pairs: tuple[bytes, ...] = claim(8, tuple, size=ANY)  # to each later receiver's mask key; empty for earlier ones

    @cached_property
    def by_receiver(self) -> dict[int, tuple[bytes, bytes]]:
        """The two boxes for each neighbour.

        Raises:
            Rejection: ``bad-claims`` if there are not two for each.
        """
        receivers = unpacked(self.receivers)
        if not len(receivers) == len(self.shares) == len(self.pairs):
            raise rejection("bad-claims", "boxes")
        return dict(zip(receivers, zip(self.shares, self.pairs, strict=True), strict=True))


@dataclass(frozen=True)
class Survivors(Statement):
    """The server's: whose masked updates it has."""

    purpose = MASK_SURVIVORS
    clients: bytes = claim(5, bytes, size=ANY)  # `packed`, ascending


@dataclass(frozen=True)
class Agreement(Said):
    """A client's: the survivors and the ledger that it was shown, and that it will unmask no others."""

    purpose = MASK_AGREEMENT
    survivors: bytes = claim(6, bytes, size=32)  # `survivors_digest`


@dataclass(frozen=True)
class Shares(Said):
    """A client's: of survivors the share of the self seed, of others that of the root."""

    purpose = MASK_SHARES
    owners: bytes = claim(6, bytes, size=ANY)  # `packed`
    shares: bytes = claim(7, bytes, size=ANY)  # `SHARE_BYTES` each

    def by_owner(self) -> dict[int, bytes]:
        """Return the shares.

        Raises:
            Rejection: ``bad-claims`` if they are not as many as their owners.
        """
        owners = unpacked(self.owners)
        if len(self.shares) != SHARE_BYTES * len(owners):
            raise rejection("bad-claims", "shares")
        return {owner: self.shares[SHARE_BYTES * k : SHARE_BYTES * (k + 1)] for k, owner in enumerate(owners)}


def later_neighbours(start: Start, client: int) -> list[int]:
    """Return a client's neighbours of larger numbers, ascending: it draws the pair seeds with them."""
    return sorted(other for other in start.holders(client) if other > client)


def survivors_digest(survivors: bytes, ledger: bytes = bytes(32)) -> bytes:
    """Return what an agreement says of the survivors, and of the ledger that the server showed this client.

    Args:
        survivors: `Survivors.clients`.
        ledger: Head of the server's ledger (`qfl.security.ledger`), of the broadcast.
    """
    return hashlib.sha256(b"qfl/mask-survivors/v2" + ledger + survivors).digest()
