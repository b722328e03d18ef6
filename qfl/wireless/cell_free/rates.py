r"""The users' rates, Eqs. (4) and (5), differentiable in torch.

One convention throughout: ``serves`` is gamma of Eq. (7), 1 where access point m is assigned to user k; ``precoder``
has a beam for every pair, of which only the served pairs' are sent, with a squared norm of at most 1 over the beams of
an access point, Eq. (6b). The paper's access points send one beam each. Rates are in bit/s/Hz.
"""

from typing import NamedTuple

import torch
from jaxtyping import Complex, Float, Int, Shaped
from torch import Tensor

from qfl.arrays import checked
from qfl.errors import InputError
from qfl.wireless.cell_free.network import CellFree

Beams = Complex[Tensor, "sample ap user antenna"]
Serves = Shaped[Tensor, "sample ap user"]


class Score(NamedTuple):
    """What a network's users get, for each sample: the least rate and the sum of all, bit/s/Hz."""

    min_rate: Float[Tensor, " sample"]
    sum_rate: Float[Tensor, " sample"]

    def means(self) -> dict[str, float]:
        """Return the means over the samples."""
        return {"min_rate": float(self.min_rate.mean()), "sum_rate": float(self.sum_rate.mean())}


@checked(least="serves", some="user")
def evaluate(network: CellFree, channel: Beams, serves: Serves, precoder: Beams) -> Score:
    """Return the least and the summed rate of each sample; a user that nobody serves has rate 0.

    Args:
        network: SNR and interference factor.
        channel: True gains h.
        serves: gamma of Eq. (7).
        precoder: Vectors v, of norm 1 at most.

    Example:
        >>> from qfl.wireless.cell_free.channel import draw
        >>> from qfl.wireless.cell_free.precoders import max_ratio
        >>> channel = draw(CellFree(), seed=1, num_samples=5).true
        >>> serves = one_hot(torch.tensor([[0, 1, 2, 0]]).expand(5, 4), 3)
        >>> evaluate(CellFree(), channel, serves, max_ratio(channel)).sum_rate.shape
        torch.Size([5])
    """
    return score(user_rates(network, channel, serves, precoder))


@checked(some="user")
def score(rates: Float[Tensor, "sample user"]) -> Score:
    """Return the least and the summed rate."""
    return Score(rates.amin(dim=-1), rates.sum(dim=-1))


@checked()
def one_hot(user: Int[Tensor, "sample ap"], num_users: int) -> Serves:
    """Return gamma of Eq. (7) from the user that each access point serves."""
    if user.numel() and not 0 <= user.min() <= user.max() < num_users:
        raise InputError(f"users are {int(user.min())} to {int(user.max())}; give numbers from 0 to {num_users - 1}")
    return torch.nn.functional.one_hot(user.long(), num_users).bool()


@checked(least="serves")
def user_rates(network: CellFree, channel: Beams, serves: Serves, precoder: Beams) -> Float[Tensor, "sample user"]:
    r"""Return the rate of each user, Eq. (5) or, if the network is coherent, its form with sums inside the squares.

    .. math::
        R_k = \log_2 \left( 1 + \frac{\rho \sum_{m \in A_k} |h_{mk}^T v_m|^2}
                                     {\rho \mu \sum_{n \notin A_k} |h_{nk}^T v_n|^2 + 1} \right), \qquad
        R_k^{coh} = \log_2 \left( 1 + \frac{\rho |\sum_{m \in A_k} h_{mk}^T v_{mk}|^2}
                                     {\rho \mu \sum_{j \ne k} |\sum_{m \in A_j} h_{mk}^T v_{mj}|^2 + 1} \right)

    Where an access point serves several users, its other beams disturb a user it serves, too, with the same mu. Unlike
    Eqs. (4) and (5), which are printed with the estimate, pass the true channel and precoders made from the estimate:
    the signal goes through the one and not the other.

    Args:
        network: SNR, interference factor, coherent or not.
        channel: h.
        serves: gamma; whole numbers, booleans, or weights of power for a relaxed assignment.
        precoder: v, a beam for every pair.
    """
    if network.coherent:
        amplitude = torch.einsum("smka,smja->smjk", channel, precoder)
        together = (amplitude * serves[..., None].to(amplitude.real.dtype).sqrt()).sum(dim=1)
        return rates_of_power(together.abs().square(), network.snr, network.interference)
    sent = beam_gains(channel, precoder) * serves[..., None]
    return rates_of_power(sent.sum(dim=1), network.snr, network.interference)


@checked()
def beam_gains(channel: Beams, precoder: Beams) -> Float[Tensor, "sample ap beam user"]:
    r"""Return :math:`|h_{mk}^T v_{mj}|^2`, what user k receives of access point m's beam for user j."""
    amplitude = torch.einsum("smka,smja->smjk", channel, precoder)
    return amplitude.real.square() + amplitude.imag.square()


@checked(least="received", same="beam user")
def rates_of_power(
    received: Float[Tensor, "*batch beam user"], snr: float, interference: float
) -> Float[Tensor, "*batch user"]:
    """Return the rates from the power that user k receives of the signals for user j, at transmit power 1.

    Args:
        received: Power that user k (last axis) receives of the signals for user j, at transmit power 1.
        snr: Transmit power over noise, linear.
        interference: mu, the share of a foreign signal's power that is received.
    """
    wanted = received.diagonal(dim1=-2, dim2=-1)
    foreign = received.sum(dim=-2) - wanted
    # rounding must not take a sum of squares below 0
    return torch.log2(1 + snr * wanted / (snr * interference * foreign.clamp(min=0) + 1))


@checked(least="serves")
def link_rates(network: CellFree, channel: Beams, serves: Serves, precoder: Beams) -> Float[Tensor, "sample ap user"]:
    r"""Return :math:`R_{m \to k}` of Eq. (4), the rate of each link by itself; 0 where m does not serve k.

    As printed, *all* other access points disturb, also those that serve the same user. An access point's own other
    beams disturb with the same mu.

    Args:
        network: SNR and interference factor.
        channel: True gains h.
        serves: gamma of Eq. (7).
        precoder: Vectors v, of norm 1 at most.
    """
    sent = beam_gains(channel, precoder) * serves[..., None]
    wanted = sent.diagonal(dim1=-2, dim2=-1)
    foreign = sent.sum(dim=(1, 2))[:, None] - wanted
    return torch.log2(1 + network.snr * wanted / (network.snr * network.interference * foreign.clamp(min=0) + 1))
