r"""How large the cloud's gradients are at random angles, beside the two bounds of Eq. (21).

Eq. (21) bounds the mean squared norm of the gradient of one loss, and Appendix D proves it for another:

::

    loss_norms          Eq. (22), expected over few shots, since the decoded loss has no gradient
    shift_norms         Eq. (22) of the decoded assignment, "gradients" by the parameter shift of Appendix B
    expectation_norms   f of Eq. (25): Z of all qubits together
    printed_bounds      both sides of Eq. (21); with the bracket squared, of Lemma 3
    single_neuron       what Eqs. (27)-(30) come to where the derivative of R_Y is taken right

Every draw of the angles, uniform on the circle as in Appendix D, meets a channel of its own.

Reference:
    Narottama et al., "Non-Centralized Quantum Neural Networks for Cell-Free MIMO Systems", Eqs. (21)-(30), Appendix B.
"""

from dataclasses import replace
from math import pi

import torch
from jaxtyping import Float, Int
from torch import Tensor

from qfl.models.cloud_edge.cloud import Cloud, PrintedCloud
from qfl.models.cloud_edge.decoding import floor_users
from qfl.models.cloud_edge.objectives import assignment_target, least_rates, squared_distance
from qfl.quantum.exact import expectations
from qfl.seeds import stream
from qfl.wireless.cell_free.channel import Channels
from qfl.wireless.cell_free.network import CellFree
from qfl.wireless.cell_free.precoders import max_ratio


def random_angles(seed: int, num_draws: int, num_angles: int) -> Float[Tensor, "draw angle"]:
    """Return angles uniform on the circle.

    Args:
        seed: Of the draw.
        num_draws: Vectors.
        num_angles: Entries of each, in radians.

    Example:
        >>> random_angles(1, 5, 8).shape
        torch.Size([5, 8])
    """
    return torch.from_numpy(stream(seed, "cell_free", "trainability").uniform(0, 2 * pi, (num_draws, num_angles)))


def assignment_losses(
    network: CellFree, channels: Channels, rows: Int[Tensor, "candidate ap"]
) -> Float[Tensor, "sample candidate"]:
    r"""Return :math:`\hat L_{assign}` of Eq. (22) for every assignment of every channel.

    The paper says that it lies in [0, 1]. An unserved user's -r_penalty can take it above.

    Args:
        network: SNR and interference factor.
        channels: Whose known part counts.
        rows: Assignments.
    """
    known = channels.known
    reward = -least_rates(network, known, max_ratio(known), rows)
    return squared_distance(reward, assignment_target(network, known)[:, None], normalised=True)


def loss_norms(
    cloud: Cloud, network: CellFree, channels: Channels, angles: Float[Tensor, "draw angle"]
) -> Float[Tensor, " draw"]:
    r"""Return :math:`\|\nabla_\theta E[\hat L_{assign}]\|^2`, the expectation over few shots of Eq. (22).

    Args:
        cloud: The printed circuit, in any reading, or another cloud.
        network: The network.
        channels: One for each draw.
        angles: The draws; of another cloud, all its entries.
    """
    losses, norms = assignment_losses(network, channels, cloud.rows), []
    for number, draw in enumerate(angles):
        here, entries = channels.part(number, number + 1), draw.clone().requires_grad_()
        (gradient,) = torch.autograd.grad((cloud.policy(entries, here) * losses[number]).sum(), entries)
        norms.append(gradient.square().sum())
    return torch.stack(norms)


def shift_norms(
    cloud: PrintedCloud, network: CellFree, channels: Channels, angles: Float[Tensor, "draw angle"]
) -> Float[Tensor, " draw"]:
    r"""Return the squared norm of what Appendix B calls the gradient, of the decoded loss.

    .. math:: \nabla_j L = \tfrac12 \{L(\theta + \tfrac\pi2 e_j) - L(\theta - \tfrac\pi2 e_j)\}

    with L that of the assignment :math:`\lfloor o_m N_{user} \rfloor`. It is not the gradient of anything: the decoded
    loss is a step function, and the rule of two terms is one for expectation values, not for squares of them.

    Args:
        cloud: The printed circuit, in any reading.
        network: The network.
        channels: One for each draw.
        angles: The draws.
    """
    shifts = (pi / 2) * torch.eye(angles.shape[1], dtype=angles.dtype)
    inputs, norms = cloud.seen(channels).to(angles.dtype), []
    for number, draw in enumerate(angles):
        moved = torch.cat([draw + shifts, draw - shifts])
        seen = inputs[number].expand(len(moved), 1, -1)
        users = floor_users((1 - cloud.execute(cloud.circuit, moved, seen)[:, 0]) / 2, cloud.num_users)
        (loss,) = assignment_losses(network, channels.part(number, number + 1), users)
        up, down = loss.chunk(2)
        norms.append(((up - down) / 2).square().sum())
    return torch.stack(norms)


def expectation_norms(
    cloud: PrintedCloud, channels: Channels, angles: Float[Tensor, "draw angle"]
) -> Float[Tensor, " draw"]:
    r"""Return :math:`\|\nabla_\theta f\|^2` with :math:`f = \frac12 (1 - \langle Z \cdots Z \rangle)`, Eq. (25).

    Args:
        cloud: The printed circuit, in any reading.
        channels: One for each draw.
        angles: The draws.
    """
    circuit = replace(cloud.circuit, observables=(tuple(range(cloud.circuit.num_qubits)),))
    entries = angles.clone().requires_grad_()
    values = (1 - expectations(circuit, entries, cloud.seen(channels).to(angles.dtype)[:, None])) / 2
    (gradient,) = torch.autograd.grad(values.sum(), entries)
    return gradient.square().sum(-1)


def printed_bounds(num_layers: int, num_neurons: int, squared: bool = False) -> tuple[float, float]:
    r"""Return both sides of Eq. (21), :math:`\frac18 \{Tr[x]^2 + Tr[\sigma_z x \sigma_z]^2\}` and N_layer N_neuron.

    x is read as the pure state |x><x| of Appendix D, whose traces are 1: the lower bound is 1/4 whatever the input. It
    cannot hold; see `single_neuron`.

    Args:
        num_layers: N_layer.
        num_neurons: N_neuron.
        squared: Whether the bracket is squared, :math:`\frac18 \{Tr[x]^2 + Tr[\sigma_z x \sigma_z]\}^2`, as Lemma 3
            states it.

    Example:
        >>> printed_bounds(2, 4), printed_bounds(2, 4, squared=True)
        ((0.25, 8.0), (0.5, 8.0))
    """
    return ((1 + 1) ** 2 if squared else 1 + 1) / 8, float(num_layers * num_neurons)


def single_neuron(phase_rad: Float[Tensor, "*sample"]) -> Float[Tensor, "*sample"]:
    r"""Return what Eqs. (27)-(30) bound for one neuron: :math:`f = (1 - \langle Z \rangle)/2` behind one R_Y.

    .. math::
        E_\theta[(\partial f / \partial \theta)^2] = \tfrac18 (\langle X \rangle^2 + \langle Z \rangle^2)
        = \tfrac18 \cos^2 \varphi

    of the state that Eq. (11) prepares with the angle :math:`\varphi`: at most 1/8. Eq. (30) has the traces of x and of
    :math:`\sigma_z x \sigma_z` there, which are both 1, since it differentiates R_Y as if it were a mixture of 1 and
    :math:`\sigma_z`.

    Args:
        phase_rad: The angle that a neuron's links add up to.

    Example:
        >>> single_neuron(torch.tensor([0.0, torch.pi / 2])).round(decimals=3)
        tensor([0.1250, 0.0000])
    """
    return phase_rad.cos().square() / 8
