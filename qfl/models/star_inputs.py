"""What a model on stars reads of channel matrices: features of nodes and edges, and who is whose neighbour."""

from dataclasses import replace
from typing import NamedTuple

import torch
from jaxtyping import Float, Int
from torch import Tensor

from qfl.array_axes import agree, expectation
from qfl.arrays import checked
from qfl.errors import InputError
from qfl.models.features import Features
from qfl.models.stars import canonical, check_gain, clip_neighbours, rank_places, strongest


class Stars(NamedTuple):
    """What a model reads of channels, with stars = sample x link on the last axis.

    Args:
        node: Features of every link.
        edge: Features of every link with each of its neighbours, the strongest last.
        index: Place of each neighbour on the star axis.

    The last two have a leading layer axis where every layer has neighbours of its own.
    """

    node: Float[Tensor, "client feature star"]
    edge: Float[Tensor, "*layer client feature neighbour star"]
    index: Int[Tensor, "*layer client neighbour star"]  # pyright: ignore[reportIncompatibleMethodOverride]


FIELDS = {name: want for name, hint in Stars.__annotations__.items() if (want := expectation(hint))}
# an edge's features are other than a node's
FIELDS["edge"] = replace(FIELDS["edge"], axes=("*layer", "client", "_", "neighbour", "star"))


def require_stars(stars: Stars, num_features: tuple[int, int], num_layers: int) -> None:
    """Refuse stars whose fields are not of as many clients, stars, neighbours and layers as each other.

    Args:
        stars: Features and places of neighbours.
        num_features: Those of a node and of an edge.
        num_layers: How many layers have neighbours of their own, where they have.

    Raises:
        InputError: Also if features or layers are other than told, or a neighbour's place is none of the stars'.
    """
    for name, values, features in (("node", stars.node, num_features[0]), ("edge", stars.edge, num_features[1])):
        axis = 1 if name == "node" else -3
        if values.ndim >= 3 and values.shape[axis] != features:
            raise InputError(f"{name} has {values.shape[axis]} features, but {features} are read; give as many")
    shapes = [(name, FIELDS[name], tuple(getattr(stars, name).shape)) for name in Stars._fields]
    layers = agree(shapes, frozenset(), frozenset())["*layer"]
    if layers not in ((), (num_layers,)):
        raise InputError(f"edge and index have the leading axes {layers}; give none, or one of {num_layers} layers")
    if not stars.index.numel():
        return
    least, most = torch.aminmax(stars.index)
    if least < 0 or most >= stars.node.shape[-1]:
        raise InputError(f"index has {least} to {most}, but there are {stars.node.shape[-1]} stars; count them from 0")


@checked(free="snr", least="alpha", same="rx tx link")
def strongest_stars(
    features: Features,
    snr: Float[Tensor, "client sample rx tx"],
    k: int | None,
    alpha: Float[Tensor, "client sample link"] | None = None,
) -> Stars:
    """Return stars of the k strongest neighbours, or of as many as there are; None, and 0, take all.

    Args:
        features: What is read.
        snr: Gains over noise at full power (linear), above 0.
        k: Neighbours.
        alpha: Weights of the links' rates.

    Raises:
        DataError: If a gain is zero, negative or not finite, or there is one link only.
    """
    check_gain(snr)
    chosen = strongest(snr, clip_neighbours(k, snr.shape[-1]))
    return Stars(_nodes(features, snr, alpha), *_star_edges(features.edge_values(snr), chosen))


@checked(free="snr", least="alpha", same="rx tx link", some="layer neighbour", index={"chosen": "tx"})
def chosen_stars(
    features: Features,
    snr: Float[Tensor, "client sample rx tx"],
    chosen: Int[Tensor, "client layer sample rx neighbour"],
    alpha: Float[Tensor, "client sample link"] | None = None,
) -> Stars:
    """Return stars of given neighbours, others in every layer, in canonical order.

    Args:
        features: What is read.
        snr: Gains over noise at full power (linear), above 0.
        chosen: The neighbours of every star in every layer, as numbers of their links.
        alpha: Weights of the links' rates; 1 if None.
    """
    check_gain(snr)
    pairs = features.edge_values(snr)
    parts = [_star_edges(pairs, canonical(snr, own)) for own in chosen.unbind(1)]
    edge, index = (torch.stack(part) for part in zip(*parts, strict=True))
    return Stars(_nodes(features, snr, alpha), edge, index)


def by_rank(
    edge: Float[Tensor, "client head angle neighbour star"], index: Int[Tensor, "client neighbour star"], k: int | None
) -> tuple[Float[Tensor, "client head angle rank star"], Int[Tensor, "client head rank star"]]:
    """Return the neighbours of each head's stars, by rank, and their edges.

    Args:
        edge: Encoded edges of all listed neighbours, the strongest last.
        index: Their places on the star axis.
        k: Neighbours of a star; None takes all.
    """
    place = rank_places(edge.shape[1], k or index.shape[1], index.shape[1])
    return edge.take_along_dim(place[None, :, None, :, None], 3), index[:, place]


def _nodes(features: Features, snr: Tensor, alpha: Tensor | None) -> Float[Tensor, "client feature star"]:
    return features.node_values(snr, alpha).flatten(2).transpose(0, 1)


def _star_edges(pairs: list[Tensor], chosen: Int[Tensor, "client sample link neighbour"]) -> tuple[Tensor, Tensor]:
    """Return the edge features of every star, and its neighbours' places on the star axis."""
    samples, links = chosen.shape[1:3]
    first = torch.arange(samples, device=chosen.device)[:, None, None] * links
    # [client sample link neighbour] -> [client neighbour star]
    edge = torch.stack([values.gather(-1, chosen).flatten(1, 2).mT for values in pairs], 1)
    return edge, (chosen + first).flatten(1, 2).mT.contiguous()
