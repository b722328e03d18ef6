"""A layer of stars of any size, run as products of small star circuits: see `qfl.quantum.star_cut`."""

from collections.abc import Callable
from functools import cache
from math import pi

import torch
from torch import Tensor

from qfl.errors import ConfigError
from qfl.models.star_layer import Execute, RunLayer
from qfl.quantum.convolution import Convolution
from qfl.quantum.star_cut import GROUP, joined
from qfl.quantum.star_phase import COMMUTING, commutes


def multiplied(execute: Callable[[int], Execute], size: int = GROUP) -> Execute:
    """Return the execution of stars as products of circuits with at most ``size`` neighbours each.

    A subsampled star is cut into single neighbours, three qubits each, so that the mean over its draws stays exact: the
    factor of a neighbour that is there with probability r is 1 - r + r C.

    Args:
        execute: How the circuits of a group run, by the number of the group: exactly, with noise and shots, or on a
            device; each group draws shots of its own.
        size: Neighbours of a circuit, which has twice as many qubits and one more.

    Raises:
        ConfigError: When it is run, if the update does not turn the centre about Z.

    Example:
        >>> from qfl.models.sqm_gnn import SqmGnn
        >>> from qfl.models.star_layer import exact
        >>> model = SqmGnn(layers=1, heads=1, neighbour_subsampling=0)
        >>> angles = torch.from_numpy(model.initial(1))[None]
        >>> stars = model.stars(torch.rand(1, 2, 20, 20).double() + 1e-3)  # of 19 neighbours, 39 qubits
        >>> whole, cut = (model.outputs(angles, stars, run) for run in (exact, multiplied(lambda group: exact)))
        >>> bool((whole - cut).abs().max() < 1e-12)
        True
    """

    def run_stars(convolution: Convolution, angles: Tensor) -> RunLayer:
        require_turns(convolution)

        @cache
        def run_group(group: int) -> RunLayer:
            return execute(group)(convolution, angles)

        def run(
            layer: int,
            node: Tensor,
            edge: Tensor,
            index: Tensor,
            kept: Tensor | None = None,
            centre: Tensor | None = None,
        ) -> Tensor:
            each = size if kept is None else 1
            plus = torch.zeros_like(node)
            plus[:, :, 0] = pi / 2
            factors = []
            for group, (far, who) in enumerate(zip(edge.split(each, -2), index.split(each, -2), strict=True)):
                found = run_group(group)(layer, node, far, who, None, plus)
                factors.append(torch.complex(found[:, :, 0], found[:, :, 1]))
            all_factors = torch.stack(factors)
            if kept is not None:
                all_factors = 1 + kept[..., None] * (all_factors - 1)
            return joined((node if centre is None else centre).movedim(2, -1), all_factors).movedim(-1, 2)

        return run

    return run_stars


def require_turns(convolution: Convolution) -> None:
    """Refuse a convolution whose stars are no product.

    Raises:
        ConfigError: If its last block does anything else than to turn the centre about Z.
    """
    if not commutes(convolution):
        raise ConfigError(
            f"{convolution.forms[-1]!r} does more than to turn the centre about Z, so its star is no product of "
            f"smaller ones; take one of {', '.join(COMMUTING)}"
        )
