"""The exact cut: a star whose updates turn its centre about Z is a product of small stars, 13 qubits each.

An update that `qfl.quantum.star_phase.commutes` multiplies x + iy of the centre by a number of its neighbour and edge,
and leaves z alone. So the neighbours of a star can be split into groups of any size: every group g is a star circuit of
its own, its centre starts in |+>, where x + iy = 1, and is measured along X and Y,

    C_g = <X>_g + i <Y>_g,    x + iy = (x_0 + i y_0) prod_g C_g,    z = z_0,

with (x_0, y_0, z_0) the encoded centre, which is known. A group of six needs 13 qubits whatever the whole star needs.
Unlike a wire or gate cut, nothing is summed over: k neighbours take ceil(k / 6) circuits, not a number exponential in
the cuts, and the same holds down to groups of one, three qubits each. A general U_UPD (``cartan``) couples z with x and
y, and cannot be cut so.

Shots. With S shots along X and S along Y of each group the estimates are independent and without bias, hence so is
their product P, which may lie outside of the unit circle. With a_g = 1 - r + r C_g, r the probability that a neighbour
is in the star (1 where it is not subsampled), the second moments of the estimates multiply:

    E|a_g|^2 <- |a_g|^2 + r^2 (2 - |C_g|^2) / S,    E[a_g^2] <- a_g^2 - r^2 Re(C_g^2) / S.

To first order in 1 / S the variance is at most 2 |x_0 + i y_0|^2 / S times the number of groups, and less where other
groups shrink the product; of the whole star it is (2 - |P|^2) / S.
"""

import torch
from jaxtyping import Complex, Float
from torch import Tensor

from qfl.arrays import checked
from qfl.errors import InputError

GROUP = 6
"""Neighbours of a circuit of 13 qubits, which is what the SQM-GNN paper runs."""


def num_groups(k: int, size: int = GROUP) -> int:
    """Return into how many circuits a star of k neighbours is cut, with at most ``size`` neighbours each.

    Example:
        >>> num_groups(19), num_groups(19, 1)
        (4, 19)
    """
    return -(-k // size)


@checked(some="group")
def joined(centre: Float[Tensor, "*star 2"], factors: Complex[Tensor, "group *star"]) -> Float[Tensor, "*star 3"]:
    """Return the Bloch vectors of whole stars' centres, with gradients.

    Args:
        centre: The encoded centres' angles (theta, phi) in radians, of RZ(phi) RY(theta) |0>.
        factors: C_g of every group.

    Example:
        >>> plus = torch.tensor([torch.pi / 2, 0.0])
        >>> bool(torch.isclose(joined(plus, torch.tensor([1j, 1j]))[0], torch.tensor(-1.0)))  # two quarter turns
        True
    """
    theta, phi = centre.unbind(-1)
    value = torch.polar(torch.ones_like(phi), phi) * theta.sin()
    for factor in factors:
        value = value * factor
    return torch.stack((value.real, value.imag, theta.cos()), -1)


@checked(some="group")
def shot_variance(
    centre: Float[Tensor, "*star 2"],
    factors: Complex[Tensor, "group *star"],
    shots: int,
    kept: float = 1.0,
) -> Float[Tensor, "*star 2"]:
    """Return the variances of a whole star's <X> and <Y> when every group is measured with shots.

    Args:
        centre: As of `joined`.
        factors: C_g of every group, exact.
        shots: Shots of each group along X, and as many along Y; 1 or more.
        kept: Probability that a neighbour is in the star: see `qfl.models.star_gnn`. Below 1 groups have one neighbour.

    Raises:
        InputError: If there are no shots.

    Example:
        >>> shot_variance(torch.tensor([torch.pi / 2, 0.0]), torch.tensor([1 + 0j]), 100)  # <X> = 1 has none
        tensor([0.0000, 0.0100])
    """
    if shots < 1:
        raise InputError(f"shots = {shots}: expected 1 or more")
    a, size2 = 1 - kept + kept * factors, factors.abs().square()
    power = (a.abs().square() + kept**2 * (2 - size2) / shots).prod(0)
    pseudo = (a.square() - kept**2 * factors.square().real / shots).prod(0)
    theta, phi = centre.unbind(-1)
    start = torch.polar(torch.ones_like(phi), phi) * theta.sin()
    mean, power, pseudo = start * a.prod(0), start.abs().square() * power, start.square() * pseudo
    x, y = (power + pseudo.real) / 2, (power - pseudo.real) / 2
    return torch.stack((x - mean.real.square(), y - mean.imag.square()), -1)
