"""Star sub-graphs of a channel matrix: who a centre listens to, and in which order.

The chain of updates does not commute, so a model on stars is permutation equivariant only under a canonical order: the
neighbours of a centre are sorted by interfering gain, and equal gains by the neighbours' own direct gain. The strongest
comes last, since a long chain forgets its first neighbours.
"""

import warnings

import torch
from jaxtyping import Float, Int
from torch import Tensor

from qfl.arrays import checked
from qfl.errors import ConfigError, DataError
from qfl.seeds import stream

SAMPLING = ("strongest", "random", "all", "ranks")


@checked(free="gain")
def check_gain(gain: Float[Tensor, "*sample rx tx"]) -> None:
    """Refuse channel matrices that have no stars or no logarithm.

    Raises:
        DataError: If there are fewer than two links, or a gain is zero, negative or not finite.
    """
    if gain.shape[-1] != gain.shape[-2]:
        raise DataError(f"gain has {gain.shape[-2]} receivers and {gain.shape[-1]} transmitters; give one per link")
    if gain.shape[-1] < 2:
        raise DataError("a network of 1 link has no neighbours to pass messages; give 2 links or more")
    bad = ~(torch.isfinite(gain) & (gain > 0))
    if bad.any():
        where = tuple(bad.nonzero()[0].tolist())
        raise DataError(
            f"{int(bad.sum())} of {bad.numel()} gains are zero, negative or not finite, the first at {where}: "
            f"{float(gain[where])}; expected linear power gains above 0; drop those samples or add a floor"
        )


def clip_neighbours(k: int | None, num_links: int) -> int:
    """Return how many neighbours a star can have, with a warning where that is fewer than ``k``; None, and 0, mean all.

    Raises:
        ConfigError: If ``k`` is negative.
    """
    wanted, most = k or num_links - 1, num_links - 1
    if wanted < 0:
        raise ConfigError(f"k = {k} neighbours: expected 1 or more, or none to take all of them")
    if wanted > most:
        warnings.warn(
            f"k = {k} neighbours clipped to {most}: the network has {num_links} links",
            stacklevel=2,
        )
    return min(wanted, most)


@checked(positive="gain", same="rx tx")
def strongest(gain: Float[Tensor, "*sample rx tx"], k: int) -> Int[Tensor, "*sample rx neighbour"]:
    """Return the k neighbours of every centre with the greatest interfering gain, the strongest last.

    Example:
        >>> gain = torch.tensor([[9.0, 1.0, 3.0], [1.0, 9.0, 2.0], [1.0, 1.0, 9.0]])
        >>> strongest(gain, 2)[0].tolist()
        [1, 2]
    """
    itself = torch.eye(gain.shape[-1], dtype=torch.bool, device=gain.device)
    return _sort(interfering(gain).masked_fill(itself, -1.0), gain, None)[..., -k:]


@checked(positive="gain", same="rx tx", index={"chosen": "tx"})
def canonical(
    gain: Float[Tensor, "*sample rx tx"], chosen: Int[Tensor, "*sample rx neighbour"]
) -> Int[Tensor, "*sample rx neighbour"]:
    """Return the chosen neighbours of every centre in canonical order."""
    return _sort(interfering(gain).gather(-1, chosen), gain, chosen)


@checked(positive="gain", same="rx tx")
def interfering(gain: Float[Tensor, "*sample rx tx"]) -> Float[Tensor, "*sample rx tx"]:
    """Return the interfering gain of every pair: over the receiver's own direct gain, the greater of both directions.

    It is high for a neighbour that drowns the centre, and for one that the centre drowns.
    """
    over_signal = gain / gain.diagonal(dim1=-2, dim2=-1).unsqueeze(-1)
    return torch.maximum(over_signal, over_signal.mT)


def random_neighbours(
    seed: int, *path: str | int, shape: tuple[int, ...], num_links: int, k: int
) -> Int[Tensor, "*shape link neighbour"]:
    """Draw k distinct neighbours for every centre, uniformly.

    Args:
        seed: The run's seed.
        path: What the draw is for, such as an epoch or a client and a round.
        shape: Leading axes, such as (layer, sample).
        num_links: Links of the network.
        k: Neighbours per centre.
    """
    keys = torch.from_numpy(stream(seed, "neighbours", *path).random((*shape, num_links, num_links - 1)))
    chosen = keys.argsort(-1)[..., :k]
    return chosen + (chosen >= torch.arange(num_links)[:, None])  # skips the centre


def drawn_neighbours(
    seed: int, *path: str | int, shape: tuple[int, int, int], num_links: int, k: int, repeats: bool
) -> Int[Tensor, "client layer sample link neighbour"]:
    """Draw k distinct neighbours for every centre in every layer.

    Args:
        seed: The run's seed.
        path: What the draw is for, such as a step.
        shape: How many clients, layers and samples.
        num_links: Links of the network.
        k: Neighbours per centre.
        repeats: Whether a layer may draw what an earlier one had. Without, a centre's neighbours are shuffled once and
            taken in turn, layer after layer, from the beginning again when all were there.

    Example:
        >>> drawn = drawn_neighbours(1, "step", 3, shape=(1, 3, 1), num_links=7, k=2, repeats=False)
        >>> sorted(drawn[0, :, 0, 0].flatten().tolist())  # of the first link: all others
        [1, 2, 3, 4, 5, 6]
    """
    if repeats:
        return random_neighbours(seed, *path, shape=shape, num_links=num_links, k=k)
    clients, layers, samples = shape
    order = random_neighbours(seed, *path, shape=(clients, samples), num_links=num_links, k=num_links - 1)
    place = (torch.arange(layers)[:, None] * k + torch.arange(k)) % (num_links - 1)
    return order[..., place].movedim(-2, 1)


def rank_places(heads: int, k: int, num_listed: int) -> Int[Tensor, "head neighbour"]:
    """Return which of the listed neighbours, the strongest last, each head has by rank, the strongest last.

    Args:
        heads: Star circuits of a node.
        k: Neighbours of a star; all that are listed if they are fewer.
        num_listed: Neighbours that are listed; ranks beyond begin with the strongest again.

    Example:
        >>> rank_places(2, 2, 3).tolist()  # ranks 0, 1 and 2, 0
        [[1, 2], [0, 2]]
    """
    size = min(k, num_listed)
    ranks = torch.arange(heads * size).view(heads, size) % num_listed
    return (num_listed - 1 - ranks).sort(-1).values


def _sort(key: Tensor, gain: Tensor, chosen: Tensor | None) -> Tensor:
    """Return the neighbours by rising key; those with equal keys by rising direct gain."""
    direct = gain.diagonal(dim1=-2, dim2=-1).unsqueeze(-2).expand(gain.shape)
    direct = direct if chosen is None else direct.gather(-1, chosen)
    by_direct = direct.argsort(stable=True, dim=-1)
    order = by_direct.gather(-1, key.gather(-1, by_direct).argsort(stable=True, dim=-1))
    return order if chosen is None else chosen.gather(-1, order)
