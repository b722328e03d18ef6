r"""Algorithm 3 line by line: every access point's circuit, trained on one channel after another for its own user.

The loss is Eq. (17): the squared distance of minus the rate of Eq. (4) from the target of Eq. (18). The rate has the
interference of all other access points in it, also of those that serve the same user, with the beams that their own
circuits send at that moment. They move no optimum: v_m is in the signal alone.
"""

from collections.abc import Callable

import torch
from jaxtyping import Complex, Float, Int
from torch import Tensor

from qfl.models.cloud_edge.edge import Edge
from qfl.models.cloud_edge.objectives import precoding_target, squared_distance, vector_target
from qfl.tasks.cell_free.published_step import PublishedTraining, moved
from qfl.wireless.cell_free.channel import Channels
from qfl.wireless.cell_free.network import CellFree


def train_by_algorithm_3(
    edge: Edge,
    network: CellFree,
    channels: Channels,
    user: Int[Tensor, "sample ap"],
    seed: int,
    training: PublishedTraining,
    record: Callable[[int, float], None] = lambda episode, loss: None,
) -> Float[Tensor, "ap entry"]:
    """Return the entries of all access points, each trained on its own after N_data N_epoch steps; deterministic.

    Args:
        edge: The model of every access point.
        network: SNR and interference factor, known in training.
        channels: What is trained on, N_data of them.
        user: The user that each access point serves: Algorithm 2's assignment.
        seed: Of the start, the same for all.
        training: How.
        record: Takes the mean loss over channels and access points before the first episode (0) and after each.
    """
    known, entries = channels.known, torch.from_numpy(edge.initial(seed)).repeat(network.num_aps, 1)

    def mean_loss() -> float:
        beams = sent(edge, entries, known.transpose(0, 1), user.mT)
        return float(published_losses(network, training, beams, beams[:, None], known.transpose(0, 1), user.mT).mean())

    record(0, mean_loss())
    for episode in range(training.num_epochs):
        for number in range(training.num_data):
            channel, served = known[number][:, None], user[number][:, None]
            now = sent(edge, entries, channel, served)

            def losses(variants: Tensor, channel=channel, served=served, now=now) -> Tensor:
                count = variants.shape[1]
                many = channel[:, None].expand(-1, count, *channel.shape[1:]).flatten(0, 1)
                beams = sent(edge, variants.flatten(0, 1), many, served.repeat_interleave(count, 0))
                found = published_losses(network, training, now, beams.unflatten(0, (-1, count)), channel, served)
                return found[..., 0]

            entries = moved(training, episode, edge.layout, entries, losses, losses)
        record(episode + 1, mean_loss())
    return entries


def sent(
    edge: Edge,
    entries: Float[Tensor, "client entry"],
    channel: Complex[Tensor, "client sample user antenna"],
    user: Int[Tensor, "client sample"],
) -> Complex[Tensor, "client sample antenna"]:
    """Return the beams of access points, each with its own entries.

    Args:
        edge: The model.
        entries: Of each.
        channel: Each one's own h.
        user: The user that each serves.
    """
    return edge.beam(entries, channel, user)


def published_losses(
    network: CellFree,
    training: PublishedTraining,
    now: Complex[Tensor, "ap sample antenna"],
    beams: Complex[Tensor, "ap variant sample antenna"],
    channel: Complex[Tensor, "ap sample user antenna"],
    user: Int[Tensor, "ap sample"],
) -> Float[Tensor, "ap variant sample"]:
    """Return the losses of Eq. (17) of variants of every access point's beam, while the others send theirs.

    Args:
        network: SNR and interference factor.
        training: Reading of the target, and whether there is interference.
        now: The beams that all access points send.
        beams: The variants of each one's own.
        channel: h of every access point.
        user: The user that each serves, from 0.
    """
    own = torch.take_along_dim(channel, user[..., None, None], 2)[..., 0, :]
    signal = _power(own[:, None], beams)
    # receiving user's access point, disturbing access point, sample
    heard = torch.stack(
        [_power(torch.take_along_dim(channel, k[None, :, None, None], 2)[..., 0, :], now) for k in user]
    )
    foreign = heard.sum(1) - heard.diagonal(dim1=0, dim2=1).mT
    foreign = network.interference * foreign if training.interference else 0 * foreign
    rate = torch.log2(1 + network.snr * signal / (network.snr * foreign + 1)[:, None])
    target = precoding_target(network, channel) if training.reading == "matrix" else vector_target(network, own)
    return squared_distance(-rate, target[:, None])


def _power(channel: Tensor, beam: Tensor) -> Tensor:
    amplitude = (channel * beam).sum(-1)
    return amplitude.real.square() + amplitude.imag.square()
