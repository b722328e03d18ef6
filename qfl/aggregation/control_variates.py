r"""SCAFFOLD's two halves: what a client's gradients are corrected by, and what the updates say of the gradients.

.. math::
    g \leftarrow \nabla L_k(\theta) - c_k + c, \qquad
    c_k^+ = c_k - c + \frac{\theta_t - \theta_k}{\tau_k \eta_l}, \qquad
    c \leftarrow c + \frac1N \sum_{k \in S} (c_k^+ - c_k)

with :math:`c_k` the client's control variate, :math:`c` the server's, :math:`\tau_k` the local steps and :math:`\eta_l`
the local step size: option II of the paper, in which :math:`c_k^+` is the mean gradient along the client's way. All
begin at zero.

Unlike the paper, clients do not send :math:`c_k^+ - c_k`: it follows from what the server has anyway, so a client sends
no more than under FedAvg. What a client keeps, :math:`c_k`, never travels.

Reference: Karimireddy et al., SCAFFOLD, 2020, arXiv:1910.06378, Algorithm 1, option II.
"""

import numpy as np
from jaxtyping import Float

from qfl.arrays import checked
from qfl.errors import InputError


@checked()
def new_control(
    control: Float[np.ndarray, " angle"],
    server: Float[np.ndarray, " angle"],
    received: Float[np.ndarray, " angle"],
    update: Float[np.ndarray, " angle"],
    *,
    way: float,
) -> Float[np.ndarray, " angle"]:
    r"""Return a client's control variate after a round, :math:`c_k^+`.

    Args:
        control: :math:`c_k`, by which the client trained.
        server: :math:`c`, as it was broadcast.
        received: :math:`\theta_t`, in radians.
        update: :math:`\theta_k`, as the client sends it.
        way: :math:`\tau_k \eta_l`, steps times step size, above 0.

    Example:
        >>> zero = np.zeros(1)                                           # two steps of 0.1 down a gradient of 3
        >>> new_control(zero, zero, zero, np.array([-0.6]), way=0.2)
        array([3.])

    Reference:
        Karimireddy et al., SCAFFOLD, 2020, arXiv:1910.06378, Algorithm 1, option II.
    """
    return control - server + (received - update) / way


@checked(positive="way", some="client")
def control_change(
    server: Float[np.ndarray, " angle"],
    received: Float[np.ndarray, " angle"],
    updates: Float[np.ndarray, "client angle"],
    way: Float[np.ndarray, " client"],
    *,
    num_clients: int,
) -> Float[np.ndarray, " angle"]:
    r"""Return what the server's control variate changes by in a round, :math:`\frac1N \sum_{k \in S} (c_k^+ - c_k)`.

    Args:
        server: :math:`c`, as it was broadcast.
        received: The broadcast angles, in radians.
        updates: The angles of the clients S that answered.
        way: :math:`\tau_k \eta_l > 0` of each of them.
        num_clients: :math:`N`, of the whole federation: at least as many as answered.

    Raises:
        ValueError: If more clients answered than there are.

    Example:
        >>> zero = np.zeros(1)                                           # one of three clients was asked
        >>> control_change(zero, zero, np.array([[-0.6]]), np.array([0.2]), num_clients=3)
        array([1.])

    Reference:
        Karimireddy et al., SCAFFOLD, 2020, arXiv:1910.06378, Algorithm 1, option II. All clients count alike.
    """
    if len(updates) > num_clients:
        raise InputError(f"{len(updates)} clients answered, but there are {num_clients}; give the number of all")
    return ((received - updates) / way[:, None] - server).sum(axis=0) / num_clients
