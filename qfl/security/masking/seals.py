"""Shares and pair seeds, sealed from one client to another through the server: HPKE with ML-KEM-768.

HPKE's base mode proves no sender. A false share is found by the commitment to the secret, when it is put together; a
false pair seed by the commitment in the sender's signed advert, before anything is masked with it.
"""

import cbor2

from qfl.security.masking.masks import commitment
from qfl.security.masking.shamir import SHARE_BYTES
from qfl.security.masking.statements import Advert, Start
from qfl.security.reasons import rejection
from qfl.security.sealing import ML_KEM, SealKey, seal, unseal


def seal_shares(start: Start, sender: int, to: Advert, own: bytes, root: bytes) -> bytes:
    """Return a client's shares of its self seed and its root, sealed to a holder.

    Args:
        start: Of the session, to which the seal is bound.
        sender: The client.
        to: The holder's advert.
        own: Share of the self seed.
        root: Share of the root.
    """
    return seal(own + root, ML_KEM, to.channel, _info("shares", start, sender, to.client))


def open_shares(start: Start, sender: int, client: int, box: bytes, key: SealKey) -> tuple[bytes, bytes]:
    """Return what `seal_shares` took.

    Args:
        start: Of the session.
        sender: Whose shares they are.
        client: To whom they were sealed.
        box: What was sealed.
        key: The channel key.

    Raises:
        Rejection: ``bad-seal`` if they are of another session or client, or altered.
    """
    plain = unseal(box, key, _info("shares", start, sender, client))
    if len(plain) != 2 * SHARE_BYTES:
        raise rejection("bad-seal", f"shares of {len(plain)} bytes")
    return plain[:SHARE_BYTES], plain[SHARE_BYTES:]


def seal_pair(start: Start, sender: int, to: Advert, seed: bytes) -> bytes:
    """Return a pair seed, sealed to the neighbour with the larger number.

    Args:
        start: Of the session, to which the seal is bound.
        sender: Who drew it.
        to: The neighbour's advert.
        seed: 32 bytes.
    """
    return seal(seed, ML_KEM, to.mask, _info("pair", start, sender, to.client))


def open_pair(start: Start, sender: int, client: int, box: bytes, key: SealKey, committed: bytes) -> bytes:
    """Return what `seal_pair` took, if its sender stands to it.

    Args:
        start: Of the session.
        sender: Who drew it.
        client: To whom it was sealed.
        box: What was sealed.
        key: The mask key.
        committed: The sender's commitment, of its signed advert.

    Raises:
        Rejection: ``bad-seal`` or ``false-pair-seed``.
    """
    seed = unseal(box, key, _info("pair", start, sender, client))
    if commitment(seed) != committed:
        raise rejection("false-pair-seed", f"client {sender}'s")
    return seed


def _info(what: str, start: Start, sender: int, to: int) -> bytes:
    return cbor2.dumps([f"qfl/masking/{what}/v1", start.session, sender, to], canonical=True)
