"""One layer of star circuits: from encoding angles to the centres' expectation values, exactly.

`exact` runs all heads and stars on `qfl.quantum.star`. `sampled` does the same for a noisy device with finitely many
shots: local noise is in the tensors, and the shots of one measured qubit are a binomial draw, so that 25 qubits with
noise cost what they cost without. `qfl.models.star_device` runs the circuits on PennyLane instead.
"""

from collections.abc import Callable
from typing import Protocol, runtime_checkable

import torch
from jaxtyping import Float, Int
from torch import Tensor

from qfl.quantum.convolution import Convolution
from qfl.quantum.noise import NoiseModel
from qfl.quantum.star_chain import bloch, chain
from qfl.quantum.star_phase import chances_and_turns, commutes, turn
from qfl.quantum.transfer import depolarising, measured, noisy_bloch
from qfl.seeds import stream


@runtime_checkable
class RunLayer(Protocol):
    """Runs one layer's circuits."""

    def __call__(
        self,
        layer: int,
        node: Float[Tensor, "client head 2 star"],
        edge: Float[Tensor, "client head 2 neighbour star"],
        index: Int[Tensor, "client *head neighbour star"],
        kept: Float[Tensor, "client head"] | None = None,
        centre: Float[Tensor, "client head 2 star"] | None = None,
    ) -> Float[Tensor, "client head 3 star"]:
        """Return <X>, <Y> and <Z> of every centre, from the angles (theta, phi) of nodes and edges.

        ``kept`` is the probability that a neighbour is in a shot's star, drawn for each anew; None is 1. ``centre`` has
        the centres' angles where they are not those that the nodes have as neighbours.
        """
        ...


Execute = Callable[[Convolution, Tensor], RunLayer]
"""A convolution and its angles [client layer head angle] in, a layer's execution out."""


def exact(convolution: Convolution, angles: Tensor) -> RunLayer:
    """Return the exact execution, whose matrices are computed once for all layers."""
    if commutes(convolution):
        return _turns(convolution, angles)
    return _run(convolution.joint(angles), bloch)


def sampled(noise: NoiseModel, shots: int | None = None, seed: int | tuple[int, ...] = 0) -> Execute:
    """Return the execution of a device with local noise and shots, without a statevector.

    Args:
        noise: Depolarising noise after every gate, and readout errors.
        shots: Shots per axis; None, and 0, are exact. Shots have no gradient.
        seed: Of the shots: a number, or a path such as (seed, client, round).
    """
    channel = depolarising(noise.depolarising)

    def execute(convolution: Convolution, angles: Tensor) -> RunLayer:
        run = _run(convolution.joint(angles, channel), lambda encoded: noisy_bloch(encoded, channel))

        def noisy_run(
            layer: int,
            node: Tensor,
            edge: Tensor,
            index: Tensor,
            kept: Tensor | None = None,
            centre: Tensor | None = None,
        ) -> Tensor:
            values = run(layer, node, edge, index, kept, centre)
            values = measured(values.flatten(0, 1), noise).unflatten(0, node.shape[:2])
            return _shots(values, shots, seed, layer) if shots else values

        return noisy_run

    return execute


def _run(joint: Float[Tensor, "client layer head 12 16"], encode: Callable[[Tensor], Tensor]) -> RunLayer:
    def run(
        layer: int,
        node: Tensor,
        edge: Tensor,
        index: Tensor,
        kept: Tensor | None = None,
        centre: Tensor | None = None,
    ) -> Tensor:
        clients, heads = node.shape[:2]
        nodes, edges = encode(node.flatten(0, 1)), encode(edge.flatten(0, 1))
        neighbour = _gathered(nodes, index, heads)
        maps = joint[:, layer] if kept is None else subsampled(joint[:, layer], kept)
        centres = nodes if centre is None else encode(centre.flatten(0, 1))
        return chain(maps.flatten(0, 1), centres, neighbour, edges).unflatten(0, (clients, heads))

    return run


def _turns(convolution: Convolution, angles: Float[Tensor, "client layer head angle"]) -> RunLayer:
    """Return the same execution for updates that commute, at a fraction of the cost."""
    chances, turns = chances_and_turns(convolution, angles)

    def run(
        layer: int,
        node: Tensor,
        edge: Tensor,
        index: Tensor,
        kept: Tensor | None = None,
        centre: Tensor | None = None,
    ) -> Tensor:
        clients, heads = node.shape[:2]
        nodes, edges = bloch(node.flatten(0, 1)), bloch(edge.flatten(0, 1))
        # of every node, the chance as a function of (1, edge): before the neighbours are gathered, and for each once
        weights = chances[:, layer] if kept is None else kept[..., None, None] * chances[:, layer]
        weights = weights.flatten(0, 1)
        rows = weights[..., :1] + weights[..., 1:] @ nodes
        own = _gathered(rows, index, heads)
        chance = own[:, 0] + (own[:, 1:] * edges).sum(1)
        centres = nodes if centre is None else bloch(centre.flatten(0, 1))
        return turn(centres, chance, turns[:, layer].flatten()).unflatten(0, (clients, heads))

    return run


def _gathered(
    values: Float[Tensor, "client_head entry star"], index: Int[Tensor, "client *head neighbour star"], heads: int
) -> Float[Tensor, "client_head entry neighbour star"]:
    """Return the neighbours' values; heads share their neighbours where the index has no axis of heads."""
    rows = index.flatten(-2)
    rows = rows.repeat_interleave(heads, 0) if index.ndim == 3 else rows.flatten(0, 1)
    around = rows.unsqueeze(1).expand(-1, values.shape[1], -1)
    return values.gather(-1, around).unflatten(-1, index.shape[-2:])


def subsampled(joint: Float[Tensor, "*head 12 16"], kept: Float[Tensor, "*head"]) -> Float[Tensor, "*head 12 16"]:
    """Return the mean over shots that have a neighbour with probability ``kept``, and leave the centre alone else."""
    alone = torch.zeros(3, 4, 16, dtype=joint.dtype)
    alone[:, 1:, 0] = torch.eye(3)
    return alone.flatten(0, 1).lerp(joint, kept[..., None, None])


def _shots(values: Tensor, shots: int, seed: int | tuple[int, ...], layer: int) -> Tensor:
    """Return the means of as many +1 and -1 as there are shots, drawn with the exact probabilities."""
    ups = ((1 + values.detach().double()) / 2).clamp(0, 1).numpy()
    first, *rest = seed if isinstance(seed, tuple) else (seed,)
    counts = stream(first, "star-shots", *rest, layer).binomial(shots, ups)
    return torch.from_numpy(2 * counts / shots - 1).to(values.dtype)
