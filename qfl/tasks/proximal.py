"""The client's half of FedProx: a pull towards the received angles that knows their periods.

Its other half, which sends the weight ``mu``, is Flower's own ``FedProx`` (``strategies/fedprox.py``).
"""

import torch
from jaxtyping import Float
from torch import Tensor


def proximal_distance(
    angles: Float[Tensor, "*client angle"], received: Float[Tensor, "... angle"], periods: Float[Tensor, " angle"]
) -> Float[Tensor, "*client"]:
    r"""Return half the squared distance between angles, measured around the circle.

    .. math::
        D(\theta, \theta_t) = \sum_j \left(\frac{P_j}{2\pi}\right)^2 \left(1 - \cos \frac{2\pi d_j}{P_j}\right)
        = \frac12 \sum_j \left(d_j\, \mathrm{sinc} \frac{d_j}{P_j}\right)^2, \qquad d = \theta - \theta_t,

    with :math:`\mathrm{sinc}\, x = \sin(\pi x) / (\pi x)`. The client's loss is :math:`L_k(\theta) + \mu D(\theta,
    \theta_t)`. For small differences D is FedProx's :math:`\frac12 |d|^2`; for an infinite period it is that exactly,
    so infinite periods throughout give the Euclidean term. The second form, used here, keeps its digits for small d
    in single precision, where the first subtracts nearly equal numbers.

    Args:
        angles: The client's angles, in radians; one vector or one per client.
        received: The broadcast angles, or those that each client began with.
        periods: The period of each entry; infinite where it is no angle, or everywhere for the Euclidean distance.

    Example:
        >>> periods = torch.tensor([2 * torch.pi, torch.inf])
        >>> proximal_distance(torch.tensor([2 * torch.pi + 0.1, 3.0]), torch.tensor([0.0, 1.0]), periods)
        tensor(2.0050)

    Reference:
        Li et al., FedProx, 2020, arXiv:1812.06127, Eq. (2). Unlike there, a client that went once around has not
        moved.
    """
    difference = angles - received
    return 0.5 * (difference * torch.sinc(difference / periods)).square().sum(dim=-1)


def proximal_gradient(
    angles: Float[Tensor, "*client angle"], received: Float[Tensor, " angle"], periods: Float[Tensor, " angle"]
) -> Float[Tensor, "*client angle"]:
    r"""Return the gradient of `proximal_distance` in the angles, :math:`\frac{P}{2\pi} \sin \frac{2\pi d}{P}`.

    For trainers that add the pull to a gradient they have, instead of differentiating the sum.

    Args:
        angles: The client's angles, in radians; one vector or one per client.
        received: The broadcast angles.
        periods: The period of each entry; infinite where it is no angle.
    """
    difference = angles - received
    return difference * torch.sinc(2 * difference / periods)
