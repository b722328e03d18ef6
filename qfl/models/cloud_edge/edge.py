"""The edge: an access point's beam for the user that the cloud assigned to it, from its own channel alone."""

from dataclasses import dataclass
from math import inf
from typing import Protocol, runtime_checkable

import numpy as np
import torch
from jaxtyping import Complex, Float, Int
from numpy.typing import NDArray
from torch import Tensor

from qfl.angles import TWO_PI, AngleLayout
from qfl.models.cloud_edge.features import NUM_EDGE, local_features
from qfl.models.cloud_edge.plus import pair_circuit
from qfl.models.cloud_edge.printed import Order, edge_circuit
from qfl.models.cloud_edge.response import Response, respond
from qfl.models.vqc import Execute
from qfl.quantum.circuit import Circuit
from qfl.quantum.exact import expectations
from qfl.seeds import stream
from qfl.wireless.cell_free.network import CellFree

EDGES = {"edge_plus": "circuit", "edge_identity": "identity", "edge_classical": "classical"}  # beside edge_printed


@runtime_checkable
class Edge(Protocol):
    """One flat vector of trained numbers, and the beam they give."""

    @property
    def circuit(self) -> Circuit | None:
        """The circuit, where there is one."""
        ...

    @property
    def layout(self) -> AngleLayout:
        """Names and periods of the entries."""
        ...

    def initial(self, seed: int) -> NDArray[np.float64]:
        """Return the entries that the first round starts from."""
        ...

    def beam(
        self,
        entries: Float[Tensor, "*client entry"],
        channel: Complex[Tensor, "*client sample user antenna"],
        user: Int[Tensor, "*client sample"],
    ) -> Complex[Tensor, "*client sample antenna"]:
        """Return a vector of norm 1 per sample, constraint (15b).

        Args:
            entries: Of one access point, or of each client's.
            channel: The access point's own h.
            user: The user that it serves.
        """
        ...


@dataclass(frozen=True)
class PrintedEdge:
    """Eqs. (19) and (20) with real entries <Z_j>; the user that is served makes no difference to the beam.

    Each link uploads real and imaginary part of every antenna's h / |h|: normalised, or angles would wrap around.
    """

    network: CellFree
    circuit: Circuit
    execute: Execute = expectations

    @property
    def layout(self) -> AngleLayout:
        """N_user angles."""
        return self.circuit.layout()

    def initial(self, seed: int) -> NDArray[np.float64]:
        """Return uniform angles, as Appendix D has them."""
        return stream(seed, "initial").uniform(0, TWO_PI, self.circuit.num_angles)

    def beam(
        self,
        entries: Float[Tensor, "*client entry"],
        channel: Complex[Tensor, "*client sample user antenna"],
        user: Int[Tensor, "*client sample"],
    ) -> Complex[Tensor, "*client sample antenna"]:
        """Return the measured entries at norm 1.

        Args:
            entries: Angles, in radians.
            channel: h of the access point to every user, of any size.
            user: The user that is served; it makes no difference.
        """
        del user
        features = torch.view_as_real(_unit(channel)).flatten(-3).to(entries.dtype)
        return _unit(self.execute(self.circuit, entries, features).to(channel.dtype))


@dataclass(frozen=True)
class PairEdge:
    r"""Maximum ratio, less what the response says of the part along each disturbed user j.

    .. math::
        v \propto \bar u_0 - e^s \sum_j (o_j + i o'_j)\, \langle \bar u_j, \bar u_0 \rangle \bar u_j, \qquad
        \bar u_j = h_j^* / |h_j|,

    with one register, and two outputs, for each j, and a trained scale s. Every beam worth sending is of this form:
    what is orthogonal to all channels reaches nobody. For one j, :math:`o = \mu\rho|h|^2 / (1 + \mu\rho|h|^2)` is SLNR.
    """

    network: CellFree
    response: Response

    circuit: Circuit | None

    @property
    def layout(self) -> AngleLayout:
        """The response's entries, and the scale."""
        own = self.response.layout
        return AngleLayout((*own.names, "log-scale"), (*own.periods, inf))

    def initial(self, seed: int) -> NDArray[np.float64]:
        """Return the response's, and a scale of 1."""
        return np.append(self.response.initial(seed, "edge"), 0.0)

    def beam(
        self,
        entries: Float[Tensor, "*client entry"],
        channel: Complex[Tensor, "*client sample user antenna"],
        user: Int[Tensor, "*client sample"],
    ) -> Complex[Tensor, "*client sample antenna"]:
        """Return the beams.

        Args:
            entries: The response's entries, then the logarithm of the scale.
            channel: h of the access point to every user.
            user: The user that is served, from 0.
        """
        local = local_features(channel, user, self.network)
        others = local.features.shape[-2]
        outputs = self.response.outputs(entries[..., :-1], local.features.flatten(-3, -2).to(entries.dtype))
        part = torch.view_as_complex(outputs.unflatten(-2, (-1, others)).contiguous())
        part = part * entries[..., -1, None, None].exp()
        return _unit(local.served - (part.to(channel.dtype)[..., None] * local.others).sum(-2))


def make_edge(
    name: str,
    network: CellFree,
    num_qubits: int = 3,
    num_layers: int = 2,
    execute: Execute = expectations,
    order: Order = "operator",
) -> Edge:
    """Return an edge model by name.

    Args:
        name: ``edge_printed`` or a key of `EDGES`.
        network: Users, antennas, SNR and interference factor.
        num_qubits: Of a register (``edge_plus``); the printed circuit has one per user.
        num_layers: Uploads (``edge_plus``).
        execute: The exact engine, or a PennyLane device.
        order: How products of the printed circuit are read.

    Example:
        >>> edge = make_edge("edge_plus", CellFree())
        >>> len(edge.layout), edge.layout.num_angles, edge.circuit.num_qubits
        (103, 18, 3)
    """
    if name == "edge_printed":
        circuit = edge_circuit(network.num_users, network.num_antennas, 2 * network.num_antennas, order)
        return PrintedEdge(network, circuit, execute)
    circuit, kind = pair_circuit(num_qubits, num_layers, 2), EDGES[name]
    return PairEdge(network, respond(kind, circuit, NUM_EDGE, execute), circuit if kind == "circuit" else None)


def _unit(vector: Complex[Tensor, "*sample antenna"]) -> Complex[Tensor, "*sample antenna"]:
    return vector / torch.linalg.vector_norm(vector, dim=-1, keepdim=True).clamp(min=1e-12)
