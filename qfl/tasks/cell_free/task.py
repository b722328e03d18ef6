r"""An access point's loss, from its own channel and the user that it was assigned, and the network's test.

``slnr``: what the beam lacks of the best ratio of signal to leakage and noise, in bit/s/Hz:

.. math::
    L_m = \log_2(1 + \max_v \Gamma_m(v)) - \log_2(1 + \Gamma_m(v_m)), \qquad
    \Gamma_m(v) = \frac{\rho |h_{mk}^T v|^2}{\rho \mu \sum_{j \ne k} |h_{mj}^T v|^2 + 1}

``target``: the article's squared distance to a target, Eqs. (16)-(18). Its rate, Eq. (4), has the interference of other
access points in it, whose channels and beams this one does not know; they are taken as silent. That changes no optimum:
in Eq. (15) v_m enters the signal alone, so *maximum ratio is its solution*, whatever the others do.
"""

from dataclasses import dataclass
from typing import NamedTuple

import torch
from jaxtyping import Complex, Float, Int
from torch import Tensor

from qfl.models.cloud_edge.objectives import precoding_target, squared_distance
from qfl.tasks.cell_free.blocks import Blocks
from qfl.wireless.cell_free.network import CellFree
from qfl.wireless.cell_free.precoders import slnr
from qfl.wireless.cell_free.rates import evaluate, one_hot

LOSSES = ("slnr", "target")


class Batch(NamedTuple):
    """Samples of access points' own channels, and the user each serves; weight 0 is padding."""

    channel: Complex[Tensor, "client sample user antenna"]
    user: Int[Tensor, "client sample"]
    ap: Int[Tensor, " client"]
    weight: Float[Tensor, "client sample"]


class Test(NamedTuple):
    """The network's test: what signals go through, what access points know of it, and the cloud's assignment."""

    true: Complex[Tensor, "sample ap user antenna"]
    known: Complex[Tensor, "sample ap user antenna"]
    user: Int[Tensor, "sample ap"]


@dataclass(frozen=True)
class CellFreeTask:
    """Train access points' beams.

    Args:
        blocks: Models, and who uses which.
        network: SNR and interference factor.
        loss: ``slnr`` or ``target``.
    """

    blocks: Blocks
    network: CellFree
    loss: str

    def metrics(self, angles: Float[Tensor, "*client angle"], batch: Batch) -> dict[str, Float[Tensor, "*client"]]:
        """Return ``loss``, and as ``rate`` log2(1 + SLNR), which an access point can promise by itself."""
        stacked = angles if angles.ndim == 2 else angles[None]
        beam = self.blocks.edge.beam(self.blocks.own(stacked, batch.ap), batch.channel, batch.user)
        rate = torch.log2(1 + ratio(beam, batch.channel, batch.user, self.network))
        loss = self._gap(rate, batch) if self.loss == "slnr" else self._distance(beam, batch)
        found = {"loss": _mean(loss, batch.weight), "rate": _mean(rate, batch.weight)}
        return found if angles.ndim == 2 else {name: value[0] for name, value in found.items()}

    def evaluate(self, angles: Float[Tensor, " angle"], batch: Test) -> tuple[dict[str, Tensor], list[float]]:
        """Return the mean loss of all access points, and the *least user's* mean rate in the whole network."""
        aps = torch.arange(self.network.num_aps)
        channel, user = batch.known.transpose(0, 1), batch.user.mT
        stacked = angles.expand(len(aps), -1)
        loss = self.metrics(stacked, Batch(channel, user, aps, torch.ones_like(channel[..., 0, 0].real)))["loss"].mean()
        beams = self.beams(angles, batch.known, batch.user)
        score = evaluate(self.network, batch.true, one_hot(batch.user, self.network.num_users), beams)
        return {"loss": loss, "rate": score.min_rate.mean(), "sum_rate": score.sum_rate.mean()}, []

    def beams(
        self,
        angles: Float[Tensor, " angle"],
        channel: Complex[Tensor, "sample ap user antenna"],
        user: Int[Tensor, "sample ap"],
    ) -> Complex[Tensor, "sample ap user antenna"]:
        """Return every access point's beam, in the place of the user that it serves and zero elsewhere.

        Args:
            angles: The entries of all blocks.
            channel: h, as each access point knows its own.
            user: The user that each access point serves, from 0.
        """
        entries = self.blocks.own(angles.expand(user.shape[1], -1), torch.arange(user.shape[1]))
        beam = self.blocks.edge.beam(entries, channel.transpose(0, 1), user.mT).transpose(0, 1)
        return beam[:, :, None] * one_hot(user, self.network.num_users)[..., None]

    def _gap(self, rate: Float[Tensor, "client sample"], batch: Batch) -> Float[Tensor, "client sample"]:
        best = _chosen(slnr(batch.channel, self.network), batch.user)
        return torch.log2(1 + ratio(best, batch.channel, batch.user, self.network)) - rate

    def _distance(self, beam: Complex[Tensor, "client sample antenna"], batch: Batch) -> Float[Tensor, "client sample"]:
        signal = _received(beam, batch.channel).gather(-1, batch.user[..., None])[..., 0]
        reward = -torch.log2(1 + self.network.snr * signal)
        return squared_distance(reward, precoding_target(self.network, batch.channel))


def ratio(
    beam: Complex[Tensor, "*sample antenna"],
    channel: Complex[Tensor, "*sample user antenna"],
    user: Int[Tensor, "*sample"],
    network: CellFree,
) -> Float[Tensor, "*sample"]:
    """Return signal over leakage and noise of an access point's beam.

    Args:
        beam: The beam; norm 1 is full power.
        channel: h of the access point to every user.
        user: The user that is served, from 0.
        network: SNR and interference factor.
    """
    received = network.snr * _received(beam, channel)
    signal = received.gather(-1, user[..., None])[..., 0]
    return signal / (network.interference * (received.sum(-1) - signal) + 1)


def _received(
    beam: Complex[Tensor, "*sample antenna"], channel: Complex[Tensor, "*sample user antenna"]
) -> Float[Tensor, "*sample user"]:
    amplitude = (channel @ beam[..., None])[..., 0]
    return amplitude.real.square() + amplitude.imag.square()


def _chosen(
    beams: Complex[Tensor, "client sample user antenna"], user: Int[Tensor, "client sample"]
) -> Complex[Tensor, "client sample antenna"]:
    return torch.take_along_dim(beams, user[..., None, None], -2)[..., 0, :]


def _mean(values: Float[Tensor, "client sample"], weight: Float[Tensor, "client sample"]) -> Float[Tensor, " client"]:
    return (values * weight).sum(-1) / weight.sum(-1)
