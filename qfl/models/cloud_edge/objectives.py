r"""Rewards, targets and losses of Eqs. (13)-(18) and (22), in bit/s/Hz.

Signs as printed: rewards are *negative* rates and so are the targets, which makes the losses squared distances to an
ideal: the nearer, the better.
"""

import torch
from jaxtyping import Complex, Float, Int
from torch import Tensor

from qfl.wireless.cell_free.network import CellFree
from qfl.wireless.cell_free.rates import Beams, beam_gains, rates_of_power

PENALTY = 10.0


def least_rates(
    network: CellFree, channel: Beams, precoder: Beams, rows: Int[Tensor, "candidate ap"], penalty: float = PENALTY
) -> Float[Tensor, "sample candidate"]:
    """Return the least rate of each assignment, -Q_assign of Eq. (14).

    Args:
        network: SNR and interference factor.
        channel: h, as the cloud knows it.
        precoder: A beam for every pair; the article takes maximum ratio.
        rows: Assignments.
        penalty: The rate of an unserved user is minus this. Table III prints r_penalty = -10, and the text the rate
            ``-r_penalty``: together plus 10, which would reward dropping a user. We take -10.
    """
    return candidate_rates(network, channel, precoder, rows, penalty).amin(-1)


def candidate_rates(
    network: CellFree, channel: Beams, precoder: Beams, rows: Int[Tensor, "candidate ap"], penalty: float = PENALTY
) -> Float[Tensor, "sample candidate user"]:
    """Return the rates of all users under each assignment, Eq. (5); -penalty for an unserved user.

    Args:
        network: SNR and interference factor.
        channel: h, as the cloud knows it.
        precoder: A beam for every pair of access point and user.
        rows: Assignments: the user of every access point.
        penalty: The rate of an unserved user is minus this, in bit/s/Hz.
    """
    serves = torch.nn.functional.one_hot(rows, network.num_users)
    power = beam_gains(channel, precoder)
    received = torch.einsum("cmj,smjk->scjk", serves.to(power.dtype), power)
    rates = rates_of_power(received, network.snr, network.interference)
    return torch.where(serves.any(1), rates, -penalty)


def assignment_target(network: CellFree, channel: Beams, reading: str = "matrix") -> Float[Tensor, " sample"]:
    r"""Return :math:`\Phi_{assign} = -\sum_m \sum_i \log_2(1 + \lambda_i^{[m]} \rho / N_{Tx})`, below Eq. (14).

    The lambda are "the array of eigenvalues of h_mk", a vector. Read as those of :math:`H_m^\dagger H_m`, with the
    users' channels as the rows of H_m, it is the sum of all access points' capacities, so -Q is far below -Phi. Read as
    printed, of :math:`h_{mk}^* h_{mk}^T`, there is one that is not 0, :math:`|h_{mk}|^2`; k is not said, since nobody
    is assigned yet, and taken to be the user whom m hears best.

    Args:
        network: SNR and interference factor.
        channel: h, as the cloud knows it.
        reading: ``matrix`` or ``vector``.
    """
    if reading == "vector":
        best = channel.abs().square().sum(-1).amax(-1)
        return -torch.log2(1 + network.snr * best / channel.shape[-1]).sum(-1)
    return -_capacity(channel, network, channel.shape[-1]).sum(-1)


def precoding_target(network: CellFree, channel: Complex[Tensor, "*sample user antenna"]) -> Float[Tensor, "*sample"]:
    """Return Phi_precode of one access point, Eq. (18), with the non-zero eigenvalues of all users' channels H_m."""
    return -_capacity(channel, network, min(channel.shape[-2:]))


def vector_target(network: CellFree, channel: Complex[Tensor, "*sample antenna"]) -> Float[Tensor, "*sample"]:
    """Return Phi_precode, Eq. (18), with the one eigenvalue of h_mk that is not 0: minus the rate of maximum ratio.

    Args:
        network: Its SNR.
        channel: h of the access point to the user that it serves.
    """
    return -torch.log2(1 + network.snr * channel.abs().square().sum(-1))


def squared_distance(
    reward: Float[Tensor, "*#sample"], target: Float[Tensor, "*#sample"], normalised: bool = False
) -> Float[Tensor, "*#sample"]:
    """Return the loss of Eqs. (13) and (17), or of Eq. (22), where it is divided by the target's square.

    Args:
        reward: Minus a rate, in bit/s/Hz.
        target: Minus the rate that is aimed at, in bit/s/Hz; not 0 if ``normalised``.
        normalised: Whether the distance is divided by the target's square, Eq. (22).

    Example:
        >>> squared_distance(torch.tensor([-3.0]), torch.tensor([-4.0]), normalised=True)
        tensor([0.0625])
    """
    distance = (reward - target).square()
    return distance / target.square() if normalised else distance


def _capacity(
    channel: Complex[Tensor, "*sample user antenna"], network: CellFree, count: int
) -> Float[Tensor, "*sample"]:
    eigenvalues = torch.linalg.svdvals(channel).square()
    return torch.log2(1 + network.snr * eigenvalues / count).sum(-1)
