"""Samples of each client that are held out of its training, so that choices can be made without the test set."""

import numpy as np
from jaxtyping import Int64

from qfl.data.dataset import Parts
from qfl.errors import ConfigError
from qfl.seeds import stream


def hold_out(parts: Parts, share: float, seed: int) -> tuple[Parts, Int64[np.ndarray, " sample"]]:
    """Return the clients' shares without what is held out of them, and the indices of that, ascending.

    A client of n samples gives the whole number nearest to ``share`` times n (an even one where two are as near), drawn
    from its own samples, and keeps at least one; so a client that is too small gives none.

    Args:
        parts: Indices of each client's samples.
        share: Of each client's samples, from 0 to 1.
        seed: Of the draw, which does not depend on what other clients hold.

    Raises:
        ConfigError: If something is to be held out, but no client is large enough.

    Example:
        >>> kept, held = hold_out((np.arange(10), np.arange(10, 12)), 0.2, seed=1)
        >>> [len(part) for part in kept], len(held)
        ([8, 2], 2)
    """
    if not share:
        return parts, np.empty(0, dtype=np.int64)
    drawn = [
        np.sort(stream(seed, "validation", client).permutation(part)[: _count(len(part), share)])
        for client, part in enumerate(parts)
    ]
    held = np.sort(np.concatenate(drawn))
    if not len(held):
        most = max(map(len, parts))
        raise ConfigError(
            f"data.validation = {share:g} holds nothing out, since no client has more than {most} samples; give a "
            "larger share, or lower clients.count"
        )
    return tuple(np.setdiff1d(part, own) for part, own in zip(parts, drawn, strict=True)), held


def _count(samples: int, share: float) -> int:
    return min(round(share * samples), samples - 1)
