"""The circuits of the article, gate by gate as printed: the cloud's Eqs. (10)-(12), the edge's Eqs. (19)-(20).

How the print was read, where it leaves a choice:

* Eqs. (10) and (19) are products of operators, so their rightmost factor acts first, and we read Eqs. (12) and (20) in
  the same way (``order="operator"``). ``order="time"`` reads them from left to right, as one reads a drawing.
* R_Z takes one real angle, but Eq. (11) gives it a complex vector. Each link has ``num_features`` real numbers, and
  each gets its own R_Z: on one qubit their angles add up, which is what the print does to an access point's users, too.
* The brace in Eq. (11) takes the product over users around R_Z alone: one Hadamard per access point
  (``hadamards="each"`` takes it around both, one for every user).
* Which qubits are measured is not printed. We take the first layer's, which see the channel; of the last layer only one
  qubit is connected to anything.
* The second R_Y of Eq. (20) has no angle. It shares theta_k, "the weight parameter for the k-th input embedding", so
  that there are N_user angles.
* Eq. (25) of Appendix D is another circuit than Definition 1: layers of weights and connections in turns, on one
  register, and Z of all qubits (`appendix_circuit`).

Reference:
    Narottama et al., "Non-Centralized Quantum Neural Networks for Cell-Free MIMO Systems".
"""

from itertools import pairwise
from typing import Literal

from qfl.quantum.circuit import Angle, Circuit, Feature, Gate

Order = Literal["operator", "time"]
Hadamards = Literal["once", "each"]
Gates = tuple[Gate, ...]


def cloud_circuit(
    num_aps: int,
    num_users: int,
    num_layers: int = 2,
    num_features: int = 1,
    order: Order = "operator",
    hadamards: Hadamards = "once",
) -> Circuit:
    r"""Return the cloud's circuit :math:`U = U_{connect}(\theta)\, U_{encode}(H)`, Eqs. (10)-(12).

    Layer l has a qubit for each access point (N_neuron = N_AP, Appendix D). The measured Z_m gives
    :math:`o_m = (1 - \langle Z_m \rangle) / 2`.

    Args:
        num_aps: Access points.
        num_users: Users.
        num_layers: N_layer; Table III does not give it.
        num_features: Real numbers of a link; feature ``(m * num_users + k) * num_features + f`` is
            number f of link (m, k).
        order: How products are read; see the module.
        hadamards: Whether the brace of Eq. (11) leaves the Hadamard out or repeats it for every user.

    Example:
        >>> circuit = cloud_circuit(4, 3)
        >>> circuit.num_qubits, circuit.num_angles, circuit.observables
        (8, 8, ((0,), (1,), (2,), (3,)))
    """
    encode = _encode_cloud(num_aps, num_users, num_features, hadamards)
    connect = _connect_cloud(num_layers, num_aps)
    gates = (*encode, *(reversed(connect) if order == "operator" else connect))
    words = tuple((m,) for m in range(num_aps))
    return Circuit(num_layers * num_aps, gates, words, num_features=num_aps * num_users * num_features)


def appendix_circuit(num_aps: int, num_users: int, num_layers: int = 2, num_features: int = 1) -> Circuit:
    r"""Return the cloud's circuit as Appendix D writes it, Eq. (25), behind the encoding of Eq. (11).

    .. math:: U = U_{connect,L+1}\, U_{weight,L} \cdots U_{weight,1}\, U_{connect,1}

    Every U_connect is the chain of controlled Z of Eq. (12), every U_weight a layer of R_Y. The appendix measures Z of
    all qubits together; here, as in `cloud_circuit`, each qubit's, since Eq. (9) needs an output for each access point.

    Args:
        num_aps: Access points, and qubits.
        num_users: Users.
        num_layers: L.
        num_features: Real numbers of a link.

    Example:
        >>> circuit = appendix_circuit(4, 3)
        >>> circuit.num_qubits, circuit.num_angles
        (4, 8)
    """
    gates = [*_encode_cloud(num_aps, num_users, num_features, "once")]
    chain = [Gate("CZ", pair) for pair in pairwise(range(num_aps))]
    for layer in range(num_layers):
        gates += [*chain, *(Gate("RY", (m,), (Angle(layer * num_aps + m),)) for m in range(num_aps))]
    words = tuple((m,) for m in range(num_aps))
    return Circuit(num_aps, (*gates, *chain), words, num_features=num_aps * num_users * num_features)


def edge_circuit(num_users: int, num_antennas: int, num_features: int = 1, order: Order = "operator") -> Circuit:
    r"""Return an access point's circuit :math:`U^{[m]} = U_{connect}(\theta)\, U_{encode}(\hat H)`, Eqs. (19)-(20).

    The measured Z of the first N_Tx qubits are the entries of the precoder, before its norm is set to 1. The assignment
    is in neither equation.

    Args:
        num_users: Users, and qubits.
        num_antennas: N_Tx, the outputs.
        num_features: Real numbers of a link; feature ``k * num_features + f`` is number f of user k's.
        order: How products are read; see the module.

    Raises:
        ValueError: If there are more antennas than qubits.

    Example:
        >>> circuit = edge_circuit(3, 2)
        >>> circuit.num_qubits, circuit.num_angles, circuit.observables
        (3, 3, ((0,), (1,)))
    """
    if num_antennas > num_users:
        raise ValueError(
            f"Eq. (20) has a qubit per user: {num_users} cannot give {num_antennas} antennas' entries; add users"
        )
    encode = tuple(
        gate for k in range(num_users) for gate in _encode(k, range(k * num_features, (k + 1) * num_features))
    )
    connect = _connect_edge(num_users)
    gates = (*encode, *(reversed(connect) if order == "operator" else connect))
    return Circuit(num_users, gates, tuple((j,) for j in range(num_antennas)), num_features=num_users * num_features)


def lemma_1(num_layers: int, num_neurons: int) -> int:
    """Return the qubits that Lemma 1 counts for the cloud.

    It counts 2 (N_layer - 1) more than the |0> states of Definition 1: it gives the connecting gates qubits of their
    own, although they act on those that are there. (Where the lemma says N_layer - 1, its proof says
    N_neuron - 1.)

    Example:
        >>> lemma_1(2, 4), cloud_circuit(4, 3, num_layers=2).num_qubits
        (10, 8)
    """
    return 2 * (num_layers - 1) + num_layers * num_neurons


def _encode_cloud(num_aps: int, num_users: int, num_features: int, hadamards: Hadamards) -> Gates:
    """Return Eq. (11): an access point's links turn one qubit, behind a Hadamard, or each behind one of its own."""
    parts = num_users if hadamards == "each" else 1
    size = num_users * num_features // parts
    places = [(m, (m * parts + part) * size) for m in range(num_aps) for part in range(parts)]
    return tuple(gate for m, first in places for gate in _encode(m, range(first, first + size)))


def _encode(wire: int, features: range) -> Gates:
    return (Gate("H", (wire,)), *(Gate("RZ", (wire,), (Feature(index),)) for index in features))


def _connect_cloud(num_layers: int, num_neurons: int) -> Gates:
    """Return Eq. (12) from left to right; the neurons of the last layer are not connected."""
    layers = [range(layer * num_neurons, (layer + 1) * num_neurons) for layer in range(num_layers)]
    neurons = tuple(Gate("CZ", pair) for layer in layers[:-1] for pair in pairwise(layer))
    between = tuple(Gate("CNOT", (this[-1], following[0])) for this, following in pairwise(layers))
    return (*neurons, *between, *(Gate("RY", (wire,), (Angle(wire),)) for layer in layers for wire in layer))


def _connect_edge(num_users: int) -> Gates:
    """Return Eq. (20) from left to right."""
    chain = tuple(Gate("CZ", pair) for pair in pairwise(range(num_users)))
    turns = tuple(Gate("RY", (k,), (Angle(k),)) for k in range(num_users))
    close = () if num_users == 1 else (Gate("CZ", (num_users - 1, 0)),)
    blocks = tuple(gate for link, turn in zip(chain, turns[1:], strict=True) for gate in (link, turn, link))
    return (turns[0], *chain, *turns, *close, *chain, *blocks)
