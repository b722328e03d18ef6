"""How far one client may move the mean: the caps on an update's length and on its weight that a server knows by itself.

An angle means the same after its period, so no client needs to move one farther in a round than that. The default cap
on an update's Euclidean length is that of an update which moves every angle by its whole period, twice what would ever
be the short way round.

A weight of a classical layer, a scale or a bias has no period. The models here begin with weights of at most about
one, and a round is a few gradient steps; a client that moves all its weights by 10 in one round is not training but
diverging. The cap does not grow with the weights: else whoever reaches it in every round would have them grow without
end.

The server shares the data out, so it knows how many samples each client holds: that is the most it may claim.
"""

from collections.abc import Mapping, Sequence, Sized
from dataclasses import dataclass, field
from math import inf, isfinite, sqrt

from qfl.angles import AngleLayout
from qfl.config import RoundSettings

WEIGHT_MOVE = 10.0  # for an entry without a period


@dataclass(frozen=True)
class Caps:
    """What an update may be at most.

    Args:
        norm: Largest Euclidean distance from the broadcast; inf sets no cap.
        samples: Largest claim of training samples of every client; inf sets no cap.
        shares: Samples that each client holds, by client; who is not named is held to ``samples`` alone.
    """

    norm: float = inf
    samples: float = inf
    shares: Mapping[int, int] = field(default_factory=dict)

    def claim(self, client: int) -> float:
        """Return the most samples that a client may claim; inf where nothing caps them."""
        return min(self.samples, self.shares.get(client, inf))


def caps_of(limits: RoundSettings, layout: AngleLayout, parts: Sequence[Sized]) -> Caps:
    """Return the caps of a run.

    Args:
        limits: ``max_norm`` and ``max_examples``: None is the cap described above, inf none.
        layout: Gives the periods.
        parts: Indices of each client's samples.

    Example:
        >>> from qfl.angles import TWO_PI
        >>> caps = caps_of(RoundSettings(), AngleLayout(("a", "b"), (TWO_PI, inf)), [[1, 2], [3]])
        >>> round(caps.norm, 2), caps.claim(0), caps.claim(1)
        (11.81, 2, 1)
    """
    norm = longest_update(layout) if limits.max_norm is None else limits.max_norm
    if limits.max_examples is None:
        return Caps(norm, shares={client: len(part) for client, part in enumerate(parts)})
    return Caps(norm, limits.max_examples)


def longest_update(layout: AngleLayout) -> float:
    """Return the length of an update that moves every angle by its period and every other entry by 10."""
    return sqrt(sum((period if isfinite(period) else WEIGHT_MOVE) ** 2 for period in layout.periods))
