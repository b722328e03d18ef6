"""What a model on stars reads of channel matrices: features of nodes and edges, and who is whose neighbour."""

from typing import NamedTuple

import torch
from jaxtyping import Float, Int
from torch import Tensor

from qfl.arrays import checked
from qfl.models.features import Features
from qfl.models.stars import canonical, check_gain, clip_neighbours, strongest


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
    index: Int[Tensor, "*layer client neighbour star"]


@checked(free="snr", least="alpha", same="rx tx link")
def strongest_stars(
    features: Features,
    snr: Float[Tensor, "client sample rx tx"],
    k: int,
    alpha: Float[Tensor, "client sample link"] | None = None,
) -> Stars:
    """Return stars of the k strongest neighbours, or of as many as there are; 0 takes all.

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
    """Return stars of given neighbours, others in every layer, in canonical order; arguments as `strongest_stars`."""
    check_gain(snr)
    pairs = features.edge_values(snr)
    parts = [_star_edges(pairs, canonical(snr, own)) for own in chosen.unbind(1)]
    edge, index = (torch.stack(part) for part in zip(*parts, strict=True))
    return Stars(_nodes(features, snr, alpha), edge, index)


def _nodes(features: Features, snr: Tensor, alpha: Tensor | None) -> Float[Tensor, "client feature star"]:
    return features.node_values(snr, alpha).flatten(2).transpose(0, 1)


def _star_edges(pairs: list[Tensor], chosen: Int[Tensor, "client sample link neighbour"]) -> tuple[Tensor, Tensor]:
    """Return the edge features of every star, and its neighbours' places on the star axis."""
    samples, links = chosen.shape[1:3]
    first = torch.arange(samples, device=chosen.device)[:, None, None] * links
    # [client sample link neighbour] -> [client neighbour star]
    edge = torch.stack([values.gather(-1, chosen).flatten(1, 2).mT for values in pairs], 1)
    return edge, (chosen + first).flatten(1, 2).mT.contiguous()
