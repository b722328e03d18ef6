"""The server's part: what it relays, and how it takes the masks off the sum.

Of a survivor it learns the self seed, of a client that dropped out after sharing the root, and with it the pair masks
that the others put on. Either must be what the client's signed advert commits to.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from qfl.errors import Rejection
from qfl.security.masking.masks import MASK, commitment, kem_key, mask_words, pair_seed
from qfl.security.masking.seals import open_pair
from qfl.security.masking.shamir import combine
from qfl.security.masking.statements import Advert, Boxes, Start
from qfl.security.reasons import rejection
from qfl.security.sealing import SealKey

MOST_TRIES = 64  # of other shares, where some are false


@dataclass(frozen=True)
class Collected:
    """What the server has of a masked round.

    Args:
        start: Its own statement.
        adverts: Of those that advertised, verified.
        boxes: Of those that shared, verified.
        survivors: Whose masked vectors it has.
    """

    start: Start
    adverts: Mapping[int, Advert]
    boxes: Mapping[int, Boxes]
    survivors: Sequence[int]

    @property
    def dropped(self) -> list[int]:
        """Those that others put pair masks on for, and that sent no vector."""
        return sorted(set(self.boxes) - set(self.survivors))


IsRight = Callable[[Collected, int, bytes], bool]


def boxes_for(start: Start, boxes: Mapping[int, Boxes], client: int) -> dict[int, tuple[bytes, bytes]]:
    """Return the two boxes that each neighbour which shared sent a client.

    Args:
        start: Of the session.
        boxes: Of all that shared.
        client: The receiver.
    """
    senders = [other for other in start.holders(client) if other != client and other in boxes]
    found = {other: boxes[other].by_receiver.get(client) for other in senders}
    return {other: pair for other, pair in found.items() if pair}


def recover(
    collected: Collected, total: NDArray[np.uint64], shares: Mapping[int, Mapping[int, bytes]]
) -> NDArray[np.uint64]:
    """Return the sum of the survivors' vectors.

    Args:
        collected: What the server has.
        total: The sum of their masked vectors.
        shares: Of each client that unmasks, its share of each owner's secret.

    Raises:
        Rejection: ``too-few-shares``, ``false-share``, or ``false-pair-seed`` with the client whose it is.
    """
    result = total.copy()
    for client in collected.survivors:
        seed = _secret(collected, client, shares, _is_own)
        result -= mask_words(seed, len(total))
    for client in collected.dropped:
        root = _secret(collected, client, shares, _is_root)
        result -= _pair_masks(collected, client, root, len(total))
    return result


def _is_own(collected: Collected, client: int, seed: bytes) -> bool:
    return commitment(seed) == collected.adverts[client].own


def _is_root(collected: Collected, client: int, root: bytes) -> bool:
    return kem_key(root, MASK, collected.start.session).public == collected.adverts[client].mask


def _secret(collected: Collected, client: int, shares: Mapping[int, Mapping[int, bytes]], is_right: IsRight) -> bytes:
    """Return the secret that the advert commits to; where shares are false, others are tried."""
    threshold = collected.start.threshold
    held = [holder for holder in sorted(collected.start.holders(client)) if client in shares.get(holder, {})]
    given = [(holder + 1, shares[holder][client]) for holder in held]
    if len(given) < threshold:
        raise rejection("too-few-shares", f"{len(given)} of {threshold} for client {client}")
    for first in range(min(len(given), MOST_TRIES)):
        chosen = dict((given[first:] + given[:first])[:threshold])
        try:
            if is_right(collected, client, found := combine(chosen, threshold)):
                return found
        except Rejection:
            continue
    raise rejection("false-share", f"of client {client}; among those that hold clients {held} is one that lies"[:200])


def _pair_masks(collected: Collected, client: int, root: bytes, count: int) -> NDArray[np.uint64]:
    """Return what a client that dropped out left in the sum of the survivors."""
    start, key = collected.start, kem_key(root, MASK, collected.start.session)
    left = np.zeros(count, dtype=np.uint64)
    receivers = collected.boxes[client].by_receiver
    for other in set(start.holders(client)) & set(collected.survivors) & set(receivers):
        if other < client:
            left += mask_words(_received(collected, other, client, key), count)
        else:
            left -= mask_words(pair_seed(root, start.session, client, other), count)
    return left


def _received(collected: Collected, sender: int, client: int, key: SealKey) -> bytes:
    """Return the pair seed that a survivor sent to a client which dropped out."""
    pair = collected.boxes[sender].by_receiver.get(client, (b"", b""))[1]
    committed = collected.adverts[sender].committed(collected.start, client)
    return open_pair(collected.start, sender, client, pair, key, committed)
