r"""The client's half of the federated quantum natural gradient: gradients measured in the states that angles make.

.. math::
    \tilde g = (F + \lambda 1)^{-1} \nabla L_k(\theta), \qquad F = \frac1m \sum_{s=1}^m g(\theta_t; x_s)

with g the Fubini-Study metric of the client's circuit (`qfl.quantum.metric_tensor`) at the angles that were broadcast,
averaged over samples of the client's own first batch. Entries that are no angles of the circuit, such as a scale or a
bias, keep their gradients.

Unlike the paper, in which a round is one step, a client may make several: the metric is that of the broadcast in all of
them. The paper's pseudo-inverse is a regularised inverse here, which is defined at singular metrics, too.

Reference: Qi, Zhang and Tejedor, 2023, arXiv:2303.08116; Stokes et al., 2020, arXiv:1909.02108, for the metric.
"""

from dataclasses import dataclass
from typing import Any, cast

import torch
from jaxtyping import Float, Int
from numpy.typing import NDArray
from torch import Tensor

from qfl.models.vqc import Vqc
from qfl.quantum.metric_tensor import Approximation, layers, metric_blocks
from qfl.tasks.federation import Federation


@dataclass(frozen=True)
class MetricRequest:
    """Which metric a broadcast asks for.

    Args:
        approximation: ``block-diag`` or ``diag``.
        regularisation: What is added to the metric's diagonal, above 0.
        num_samples: Samples that it is averaged over, 1 or more.
    """

    approximation: Approximation
    regularisation: float
    num_samples: int


@dataclass(frozen=True, eq=False)
class Preconditioner:
    """Inverse metrics, block by block.

    Args:
        blocks: The angles of each block, and its inverse for each client.
    """

    blocks: tuple[tuple[Int[Tensor, "_"], Float[Tensor, "client _ _"]], ...]

    def applied(self, gradient: Float[Tensor, "client angle"]) -> Float[Tensor, "client angle"]:
        """Return the natural gradient."""
        found = gradient.clone()
        for own, inverse in self.blocks:
            found[:, own] = (inverse @ gradient[:, own, None])[..., 0]
        return found


def preconditioner(
    federation: Federation, received: NDArray, batches: NDArray, request: MetricRequest
) -> Preconditioner:
    """Return the inverse metrics of clients at the angles that they received.

    Args:
        federation: Whose model is a `Vqc`.
        received: The broadcast angle vector, [angle].
        batches: Of the round, of these clients (`qfl.tasks.local.client_batches`); the first step's is taken.
        request: Which metric.
    """
    circuit = cast(Vqc, federation.model).circuit
    index = torch.from_numpy(batches[0][:, : request.num_samples])
    weight = (index >= 0).to(federation.dtype)
    taken: Any = federation.samples.take(torch.where(index >= 0, index, index[:, :1]), weight)
    angles = torch.from_numpy(received).to(federation.dtype)[: circuit.num_angles]
    whole = _blocks(circuit, request.approximation)
    metrics = [angles.new_zeros(len(index), len(own), len(own)) for own in whole]
    share = weight / weight.sum(1, keepdim=True)
    for own, block in metric_blocks(circuit, angles, taken.inputs.flatten(0, 1), request.approximation):
        place = next(k for k, each in enumerate(whole) if own[0] in each)
        inside = torch.tensor([whole[place].index(angle) for angle in own])
        mean = (share[..., None, None] * block.unflatten(0, share.shape)).sum(1)
        metrics[place][:, inside[:, None], inside] += mean
    inverses = [torch.linalg.inv(m + request.regularisation * torch.eye(m.shape[1]).to(m)) for m in metrics]
    return Preconditioner(tuple((torch.tensor(own), each) for own, each in zip(whole, inverses, strict=True)))


def _blocks(circuit: Any, approximation: Approximation) -> list[tuple[int, ...]]:
    """Return which angles have entries in common: those of a layer, and layers that share an angle."""
    if approximation == "diag":
        return [(angle,) for angle in range(circuit.num_angles)]
    joined: list[set[int]] = []
    for layer in map(set, layers(circuit)):
        shared = [each for each in joined if each & layer]
        joined = [*(each for each in joined if not each & layer), layer.union(*shared)]
    return [tuple(sorted(each)) for each in joined]
