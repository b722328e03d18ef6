"""The exact star engine: a star circuit of k neighbours and 2k + 1 qubits in O(k) small products, with gradients.

The circuit. Centre c, neighbours n_1 ... n_k, and an edge qubit e_j for each neighbour, all in product states. The same
two-qubit unitary U_MSG meets every (e_j, n_j), then the same U_UPD meets every (n_j, c), j = 1 ... k in order. Only the
centre is measured.

Why it is easy. After U_MSG nothing touches e_j again, and after U_UPD nothing touches n_j again; a qubit that is never
touched again and never measured can be traced out at once. Before U_UPD, n_j has met only e_j, so n_j and c are
uncorrelated. So the state of interest is never larger than two qubits in a product state:

    rho_{n_j} <- tr_e[U_MSG (rho_{e_j} x rho_{n_j}) U_MSG^dag],    rho_c <- tr_n[U_UPD (rho_{n_j} x rho_c) U_UPD^dag].

In the Pauli basis P = (I, X, Y, Z) a one-qubit state is rho = 1/2 sum_a r_a P_a with r = (1, x, y, z), and "U on
(b, c), keep c" is one real tensor (`pauli_tensor`),

    T[a, b, c] = 1/4 tr[(I x P_a) U (P_b x P_c) U^dag],    r'_a = sum_bc T[a, b, c] r_b r_c.

With M for U_MSG and T for U_UPD the circuit is exactly a bilinear map and then a chain of k affine maps of the centre:

    m_j = M(e_j, n_j),    r_c <- T(m_j, r_c).

Local noise (any one-qubit channel after any gate) stays in the same form: `qfl.quantum.transfer` puts it into M and T.
So do an update on (e_j, n_j, c), and one unitary on them per neighbour, as in the first QGNN: a trilinear map
(`qfl.quantum.convolution`).

What it means. Such circuits are classically easy, with or without noise, at any k: 159 qubits take microseconds. They
are models inspired by quantum circuits, trained exactly; nothing here is evidence of a quantum advantage. What keeps
them easy is their shape. A circuit that measures more than its centre, or that uses a neighbour or an edge qubit again
after its last gate here, does not qualify; `qfl.quantum.star_circuit` tells, and such a circuit runs on the statevector
engine (`qfl.quantum.exact`), which needs all 2^(2k + 1) amplitudes.

Two properties to know. The update maps do not commute, so the value depends on the order of the neighbours. And each
update of a generic unitary contracts the centre's Bloch vector, so a long chain forgets its first neighbours: with
random U_MSG and U_UPD the first of 79 has a median of 4e-16 of the last one's influence. Angles near zero, where the
unitaries are near the identity, avoid it (about 1), so models start there and put the strongest neighbour last.

Reference:
    Giang, Tung, Chien, Hanzo and Hwang, "Scalable quantum message passing graph neural networks for next-generation
    wireless communications", Section III-C, for the circuit. The contraction is ours.
"""

import numpy as np
import torch
from jaxtyping import Complex, Float
from torch import Tensor

from qfl.arrays import checked
from qfl.quantum.matrices import CONSTANT, kron
from qfl.quantum.star_chain import chain

_KEEP = np.stack([kron(CONSTANT["I"], CONSTANT[name]) for name in "IXYZ"])
# [word, (row, column)] of the transposed two-qubit Pauli words, so that a product with it is a trace
_WORDS = np.stack([kron(CONSTANT[b], CONSTANT[c]).T.ravel() for b in "IXYZ" for c in "IXYZ"]) / 4


@checked()
def pauli_tensor(unitary: Complex[Tensor, "*block 4 4"]) -> Float[Tensor, "*block 4 4 4"]:
    """Return T[a, b, c] = 1/4 tr[(I x P_a) U (P_b x P_c) U^dag]: U on two qubits, of which the second is kept.

    Example:
        >>> swap = torch.eye(4, dtype=torch.complex128)[[0, 2, 1, 3]]
        >>> pauli_tensor(swap)[3].nonzero().tolist()  # the kept Z is the Z of the qubit that came in first
        [[3, 0]]
    """
    keep = torch.as_tensor(_KEEP).to(unitary.dtype)
    return pauli_coefficients(unitary.mH.unsqueeze(-3) @ keep @ unitary.unsqueeze(-3))


@checked()
def pauli_coefficients(observable: Complex[Tensor, "*block 4 4"]) -> Float[Tensor, "*block 4 4"]:
    """Return c[b, c] = 1/4 tr[O (P_b x P_c)], so that <O> of a product state is sum_bc c[b, c] r_b r_c.

    Example:
        >>> both_in_one = torch.diag(torch.tensor([0, 0, 0, 1j * 0 + 1]))
        >>> pauli_coefficients(both_in_one)[[0, 0, 3, 3], [0, 3, 0, 3]].tolist()
        [0.25, -0.25, -0.25, 0.25]
    """
    words = torch.as_tensor(_WORDS).to(observable.dtype)
    return torch.unflatten((observable.flatten(-2) @ words.T).real, -1, (4, 4))


@checked()
def star_bloch(
    message: Float[Tensor, "head 4 4 4"],
    update: Float[Tensor, "head 4 4 4"],
    centre: Float[Tensor, "head 3 star"],
    neighbour: Float[Tensor, "head 3 neighbour star"],
    edge: Float[Tensor, "head 3 neighbour star"],
) -> Float[Tensor, "head 3 star"]:
    """Return the Bloch vectors (<X>, <Y>, <Z>) of the centres after all messages, with gradients.

    Args:
        message: `pauli_tensor` of U_MSG on (edge, neighbour), one for every head (or client and head).
        update: `pauli_tensor` of U_UPD on (neighbour, centre).
        centre: Bloch vectors of the centres, for every star.
        neighbour: Bloch vectors of the neighbours, in the order in which they update the centre.
        edge: Bloch vectors of the edge qubits, in the same order.

    Example:
        >>> swap = pauli_tensor(torch.eye(4, dtype=torch.complex64)[[0, 2, 1, 3]])[None]
        >>> up, down = torch.tensor([0.0, 0.0, 1.0]), torch.tensor([0.0, 0.0, -1.0])
        >>> star_bloch(swap, swap, up[None, :, None], up[None, :, None, None], down[None, :, None, None]).flatten()
        tensor([ 0.,  0., -1.])
    """
    # A[a, c] of every update, from the outer product of (1, edge) and (1, neighbour)
    joint = torch.einsum("gabc,gbde->gacde", update[:, 1:], message).flatten(1, 2).flatten(2)
    return chain(joint, centre, neighbour, edge)
