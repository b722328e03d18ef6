"""PennyLane's ways to a star circuit's expectation value and gradient, each in the precision it computes in.

All of them run the same `Circuit` (RY and RZ encoding, U_MSG and U_UPD as gates, <Z> of the centre) and return the
gradient of <Z> with respect to every angle and every feature of every circuit of a batch.
"""

from collections.abc import Callable
from typing import Any

import numpy as np
import torch
from torch import Tensor

from qfl.quantum.circuit import Circuit
from qfl.quantum.noise import NoiseModel
from qfl.quantum.pennylane_program import measure_words, queue_gates

Gradients = tuple[Tensor, Tensor]
Step = Callable[[Tensor, Tensor], Gradients]
"""Angles [angle] and inputs [sample feature] in, gradients of the sum of all values out."""


def peers(circuit: Circuit) -> dict[str, tuple[int, Step]]:
    """Return, for every candidate, how many circuits it takes at a time and its gradient step."""
    return {
        "default.qubit backprop": (1, _backprop(circuit)),
        "default.qubit backprop broadcast": (20, _backprop(circuit)),
        "default.qubit backprop broadcast complex64": (20, _backprop(circuit, single=True)),
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
