"""PennyLane's ways to a star circuit's expectation value and gradient, each in the precision it computes in.

All of them run the same star (RY and RZ encoding, U_MSG and U_UPD, <Z> of the centre) and return the gradient of <Z>
with respect to every angle and every feature of every circuit of a batch. Most run it gate by gate, as it is written;
``whole blocks`` helps PennyLane: the encoded product state is prepared at once, and U_MSG and U_UPD are one 4 x 4
matrix each, computed by `qfl.quantum.blocks`, instead of seven gates. Batches of 60 were as fast as batches of 20 to
a tenth.
"""

from collections.abc import Callable
from typing import Any

import numpy as np
import torch
from torch import Tensor

from qfl.quantum.circuit import Circuit
from qfl.quantum.noise import NoiseModel
from qfl.quantum.pennylane_program import measure_words, queue_gates
from qfl.quantum.star_circuit import SQM

Gradients = tuple[Tensor, Tensor]
Step = Callable[[Tensor, Tensor], Gradients]
"""Angles [angle] and inputs [sample feature] in, gradients of the sum of all values out."""


def peers(circuit: Circuit) -> dict[str, tuple[int, Step]]:
    """Return, for every candidate, how many circuits it takes at a time and its gradient step."""
    return {
        "default.qubit backprop": (1, _backprop(circuit)),
        "default.qubit backprop broadcast": (20, _backprop(circuit)),
        "default.qubit backprop broadcast complex64": (20, _backprop(circuit, single=True)),
        "default.qubit backprop broadcast complex64, whole blocks": (20, _whole_blocks(circuit)),
        "default.qubit adjoint": (1, _adjoint(circuit, "default.qubit")),
        "lightning.qubit adjoint": (1, _adjoint(circuit, "lightning.qubit")),
        "lightning.qubit adjoint complex64": (1, _adjoint(circuit, "lightning.qubit", c_dtype=np.complex64)),
        "lightning.qubit adjoint complex64 batch": (20, _adjoint(circuit, "lightning.qubit", c_dtype=np.complex64)),
    }


def _backprop(circuit: Circuit, single: bool = False) -> Step:
    import pennylane as qp

    zero: Any = torch.eye(1, 2**circuit.num_qubits)[0]

    def program(angles: Tensor, inputs: Tensor) -> list[Any]:
        if single:  # else default.qubit computes in complex128
            qp.StatePrep(zero, wires=range(circuit.num_qubits), validate_norm=False)
        queue_gates(circuit, NoiseModel(), angles, inputs)
        return measure_words(circuit)

    device = qp.device("default.qubit", wires=circuit.num_qubits)
    return _step(qp.QNode(program, device, interface="torch", diff_method="backprop"))


def _whole_blocks(circuit: Circuit) -> Step:
    import pennylane as qp

    k = circuit.num_qubits // 2
    message, update = SQM.blocks

    def program(angles: Tensor, inputs: Tensor) -> list[Any]:
        own = angles.split((message.num_angles, update.num_angles))
        first, second = message.unitary(own[0]), update.unitary(own[1])
        state: Any = _product_state(inputs.unflatten(-1, (-1, 2)))
        qp.StatePrep(state, wires=range(circuit.num_qubits), validate_norm=False)
        for j in range(1, k + 1):
            qp.QubitUnitary(first, wires=(k + j, j))  # type: ignore[arg-type]
        for j in range(1, k + 1):
            qp.QubitUnitary(second, wires=(j, 0))  # type: ignore[arg-type]
        return measure_words(circuit)

    device = qp.device("default.qubit", wires=circuit.num_qubits)
    return _step(qp.QNode(program, device, interface="torch", diff_method="backprop"))


def _product_state(angles: Tensor) -> Tensor:
    """Return [sample state] of RZ(phi) RY(theta) |0> on every qubit, from [sample qubit (theta or phi)]."""
    theta, phi = (angles / 2).unbind(-1)
    turned = torch.polar(torch.ones_like(phi), phi)
    amplitudes = torch.stack((theta.cos() * turned.conj(), theta.sin() * turned), -1)
    state = amplitudes[:, 0]
    for qubit in range(1, amplitudes.shape[1]):
        state = (state.unsqueeze(2) * amplitudes[:, qubit].unsqueeze(1)).flatten(1)
    return state


def _adjoint(circuit: Circuit, name: str, **options: Any) -> Step:
    import pennylane as qp
    from pennylane.transforms import broadcast_expand

    def program(angles: Tensor, inputs: Tensor) -> list[Any]:
        queue_gates(circuit, NoiseModel(), angles, inputs)
        return measure_words(circuit)

    device = qp.device(name, wires=circuit.num_qubits, **options)
    node: Any = broadcast_expand(qp.QNode(program, device, interface="torch", diff_method="adjoint"))
    return _step(node)


def _step(node: Callable[[Tensor, Tensor], Any]) -> Step:
    def step(angles: Tensor, inputs: Tensor) -> Gradients:
        leaves = angles.detach().requires_grad_(), inputs.detach().requires_grad_()
        total = torch.stack(list(node(*leaves))).sum()
        first, second = torch.autograd.grad(total, leaves)
        return first, second

    return step
