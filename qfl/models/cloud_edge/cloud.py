"""The cloud: an assignment of access points to users, from what the access points upload."""

from collections.abc import Sequence
from dataclasses import dataclass
from math import inf, log, pi
from typing import Protocol, runtime_checkable

import numpy as np
import torch
from jaxtyping import Float, Int
from numpy.typing import NDArray
from torch import Tensor

from qfl.angles import TWO_PI, AngleLayout
from qfl.models.cloud_edge.decoding import candidates, floor_users, product_policy, score_policy, shot_policy
from qfl.models.cloud_edge.features import NUM_CLOUD, cloud_features, pool
from qfl.models.cloud_edge.plus import pair_circuit
from qfl.models.cloud_edge.printed import Order, cloud_circuit
from qfl.models.cloud_edge.response import Response, respond
from qfl.models.vqc import Execute
from qfl.quantum.circuit import Circuit
from qfl.quantum.exact import expectations
from qfl.seeds import stream
from qfl.wireless.cell_free.channel import Channels
from qfl.wireless.cell_free.network import CellFree

Seen = Float[Tensor, "sample *feature"]  # what a cloud reads of channels
CLOUDS = {"extended": "circuit", "identity": "identity", "classical": "classical"}  # beside as_published


@runtime_checkable
class Cloud(Protocol):
    """One flat vector of trained numbers, the probability of each assignment, and the one that is chosen."""

    @property
    def rows(self) -> Int[Tensor, "candidate ap"]:
        """The assignments that it chooses from."""
        ...

    @property
    def layout(self) -> AngleLayout:
        """Names and periods of the entries."""
        ...

    def initial(self, seed: int) -> NDArray[np.float64]:
        """Return the entries that training starts from."""
        ...

    def seen(self, channels: Channels) -> Seen:
        """Return what it reads of the channels, which no entry changes: worked out once, it serves many steps."""
        ...

    def policy(
        self, entries: Float[Tensor, "*client entry"], channels: Channels | Seen
    ) -> Float[Tensor, "*client sample candidate"]:
        """Return the probability of each of `rows`, for channels or for what is `seen` of them."""
        ...

    def assign(
        self, entries: Float[Tensor, "*client entry"], channels: Channels | Seen
    ) -> Int[Tensor, "*client sample ap"]:
        """Return the user that each access point serves, for one vector of entries or for each of several."""
        ...


@dataclass(frozen=True, eq=False)
class PrintedCloud:
    """Eqs. (10)-(12), decoded by the floor; trained on the expected reward of few shots.

    Each link uploads its normalised log gain times pi / 2: that of its channel, or of its mean (``csi = "gains"``).
    """

    circuit: Circuit
    rows: Int[Tensor, "candidate ap"]
    num_users: int
    num_shots: int
    csi: str = "full"
    execute: Execute = expectations

    @property
    def layout(self) -> AngleLayout:
        """N_layer N_neuron angles."""
        return self.circuit.layout()

    def initial(self, seed: int) -> NDArray[np.float64]:
        """Return uniform angles, as Appendix D has them."""
        return stream(seed, "initial", "cloud").uniform(0, TWO_PI, self.circuit.num_angles)

    def seen(self, channels: Channels) -> Float[Tensor, "sample feature"]:
        """Return what the circuit uploads, an angle for each link."""
        return cloud_features(channels.known, channels.gain, self.csi)[..., 0].flatten(1) * (pi / 2)

    def outputs(
        self, entries: Float[Tensor, "*client entry"], channels: Channels | Seen
    ) -> Float[Tensor, "*client sample ap"]:
        """Return o_m, from 0 to 1."""
        inputs = _seen(self, channels).to(entries.dtype)
        return (1 - self.execute(self.circuit, entries, inputs.expand(*entries.shape[:-1], *inputs.shape))) / 2

    def policy(
        self, entries: Float[Tensor, "*client entry"], channels: Channels | Seen
    ) -> Float[Tensor, "*client sample candidate"]:
        """Return the probability of each assignment under few shots."""
        return product_policy(shot_policy(self.outputs(entries, channels), self.num_users, self.num_shots), self.rows)

    def assign(
        self, entries: Float[Tensor, "*client entry"], channels: Channels | Seen
    ) -> Int[Tensor, "*client sample ap"]:
        """Return the floor of N_user o_m."""
        return floor_users(self.outputs(entries, channels), self.num_users)


@dataclass(frozen=True, eq=False)
class PairCloud:
    """A register per pair of access point and user, in rounds: each sees what the last measured, its own and pooled.

    The last round's Z is the pair's score, up to a trained scale; the assignment is the best with all users served.
    """

    responses: tuple[Response, ...]
    rows: Int[Tensor, "candidate ap"]
    csi: str

    @property
    def layout(self) -> AngleLayout:
        """The rounds' entries one after another, and the scale."""
        parts = [(n, own.layout) for n, own in enumerate(self.responses)]
        names = [f"round-{n}.{name}" for n, own in parts for name in own.names]
        return AngleLayout((*names, "log-scale"), (*(p for _, own in parts for p in own.periods), inf))

    def initial(self, seed: int) -> NDArray[np.float64]:
        """Return the rounds' own, and a scale that makes choices about one bit sharp."""
        return np.concatenate([r.initial(seed, f"cloud-{n}") for n, r in enumerate(self.responses)] + [[log(4.5)]])

    def seen(self, channels: Channels) -> Float[Tensor, "sample ap user feature"]:
        """Return the features of each pair."""
        return cloud_features(channels.known, channels.gain, self.csi)

    def scores(
        self, entries: Float[Tensor, "*client entry"], channels: Channels | Seen
    ) -> Float[Tensor, "*client sample ap user"]:
        """Return the score of each pair."""
        values = _seen(self, channels).to(entries.dtype)
        values = values.expand(*entries.shape[:-1], *values.shape)
        parts = entries[..., :-1].split([len(own.layout) for own in self.responses], -1)
        if entries.ndim == 2 and not entries.requires_grad:
            return self._scores_of_variants(parts, values) * entries[..., -1, None, None, None].exp()
        for response, own in zip(self.responses, parts, strict=True):
            values = _round(response, own, values)
        return values[..., 0] * entries[..., -1, None, None, None].exp()

    def _scores_of_variants(
        self, parts: Sequence[Float[Tensor, "client _"]], values: Float[Tensor, "client sample ap user feature"]
    ) -> Float[Tensor, "client sample ap user"]:
        """Return the scores before the scale; clients that agree up to a round, as shifts of one angle do, share it."""
        group = torch.zeros(len(values), dtype=torch.long)
        for response, own in zip(self.responses, parts, strict=True):
            same = torch.unique(own, dim=0, return_inverse=True)[1]
            group = torch.unique(group * len(own) + same, return_inverse=True)[1]
            first = torch.zeros(int(group.max()) + 1, dtype=torch.long).scatter(0, group, torch.arange(len(group)))
            values = _round(response, own[first], values[first])[group]
        return values[..., 0]

    def policy(
        self, entries: Float[Tensor, "*client entry"], channels: Channels | Seen
    ) -> Float[Tensor, "*client sample candidate"]:
        """Return the probability of each assignment that serves all users."""
        return score_policy(self.scores(entries, channels), self.rows)

    def assign(
        self, entries: Float[Tensor, "*client entry"], channels: Channels | Seen
    ) -> Int[Tensor, "*client sample ap"]:
        """Return the most likely assignment."""
        return self.rows[self.policy(entries, channels).argmax(-1)]


def make_cloud(
    name: str,
    network: CellFree,
    csi: str = "full",
    num_qubits: int = 4,
    num_layers: int = 2,
    num_rounds: int = 3,
    num_outputs: int = 8,
    order: Order = "operator",
    execute: Execute = expectations,
) -> Cloud:
    """Return a cloud model by name.

    Args:
        name: ``as_published`` or a key of `CLOUDS`.
        network: How many access points and users.
        csi: What is uploaded, ``full`` or ``gains``; the printed circuit takes the log of one gain in both cases.
        num_qubits: Of a register.
        num_layers: Uploads of a register, or N_layer of the printed circuit.
        num_rounds: Rounds of registers.
        num_outputs: Z and ZZ words measured in each round but the last.
        order: How products of the printed circuit are read.
        execute: How circuits run: exactly, or on a device (`qfl.quantum.devices.on_device`).

    Raises:
        ConfigError: If there are too many assignments.

    Example:
        >>> cloud = make_cloud("extended", CellFree())
        >>> len(cloud.layout), cloud.layout.num_angles
        (1289, 72)
    """
    if name == "as_published":
        rows = candidates(network.num_aps, network.num_users, all_served=False)
        circuit = cloud_circuit(network.num_aps, network.num_users, num_layers, order=order)
        return PrintedCloud(circuit, rows, network.num_users, network.num_users - 1, csi, execute)
    rows = candidates(network.num_aps, network.num_users, all_served=True)
    outputs = [num_outputs] * (num_rounds - 1) + [1]
    inputs = [NUM_CLOUD[csi], *outputs[:-1]]
    responses = [
        respond(CLOUDS[name], pair_circuit(num_qubits, num_layers, out), 4 * into, execute)
        for into, out in zip(inputs, outputs, strict=True)
    ]
    return PairCloud(tuple(responses), rows, csi)


def _round(
    response: Response, entries: Float[Tensor, "*client entry"], values: Float[Tensor, "*client sample ap user feature"]
) -> Float[Tensor, "*client sample ap user output"]:
    pooled = pool(values)
    return response.outputs(entries, pooled.flatten(-4, -2)).unflatten(-2, pooled.shape[-4:-1])


def _seen(cloud: Cloud, channels: Channels | Seen) -> Tensor:
    return channels if isinstance(channels, Tensor) else cloud.seen(channels)
