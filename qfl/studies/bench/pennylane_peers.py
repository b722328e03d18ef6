"""PennyLane's two ways to take one gradient step of many clients, in the best settings that we found.

Of the settings measured on 8 qubits, 4 strongly entangling layers, 200 clients with a batch of 32 (CPU seconds, one
thread), the marked ones are used here:

======================================================  =================  ==================
setting                                                 loop over clients  one broadcast call
======================================================  =================  ==================
``StronglyEntanglingLayers`` on default.qubit           13.7               3.8
... starting in complex64 by preparing |0> in float32   13.7               2.2
... explicit ``Rot`` and ``CNOT``, angles unbound once  11.2 (used)        1.8 to 2.1 (used)
... explicit ``RZ RY RZ`` for every ``Rot``             14.4               6.6
... ``torch.func.vmap`` over the QNode                                     1.9
... 100, 50, 25 or 10 clients a call                                       1.9 to 3.1
======================================================  =================  ==================

``default.qubit`` computes in complex128 whatever the angles are, unless the first operation prepares a state in single
precision: so a circuit on float32 angles starts by preparing |0>. ``lightning.qubit`` with its adjoint gradient took
seven times as long as the loop (one circuit per sample).
"""

from collections.abc import Callable
from typing import Any

import torch
from jaxtyping import Float
from torch import Tensor

from qfl.quantum.circuit import Circuit
from qfl.quantum.noise import NoiseModel
from qfl.quantum.pennylane_program import measure_words, queue_gates

Step = Callable[[Tensor, Tensor], Tensor]


def torch_layer_loop(circuit: Circuit) -> Step:
    """Return one gradient step of all clients, one `pennylane.qnn.TorchLayer` call per client.

    A call is broadcast over the client's samples. The loss of a client is the mean square of its outputs.

    Returns:
        A function of angles [client angle] and inputs [client sample feature] to gradients [client angle].
    """
    from pennylane.qnn.torch import TorchLayer

    layer: Any = TorchLayer(_qnode(circuit), {"angles": circuit.num_angles})

    def step(
        angles: Float[Tensor, "client angle"], inputs: Float[Tensor, "client sample feature"]
    ) -> Float[Tensor, "client angle"]:
        layer.to(angles.dtype)
        (weights,) = layer.parameters()
        gradients = torch.empty_like(angles)
        for client, (own, samples) in enumerate(zip(angles, inputs, strict=True)):
            with torch.no_grad():
                weights.copy_(own)
            (gradients[client],) = torch.autograd.grad(layer(samples).square().mean(), weights)
        return gradients

    return step


def broadcasting(circuit: Circuit) -> Step:
    """Return one gradient step of all clients in one QNode call, broadcast over clients and samples.

    Returns:
        The same function as `torch_layer_loop`.
    """
    node = _qnode(circuit)

    def step(
        angles: Float[Tensor, "client angle"], inputs: Float[Tensor, "client sample feature"]
    ) -> Float[Tensor, "client angle"]:
        angles = angles.detach().requires_grad_()
        clients, samples = inputs.shape[:2]
        of_each_sample = angles.mT.repeat_interleave(samples, dim=1)
        values = torch.stack(node(inputs.flatten(0, 1), of_each_sample), dim=-1).to(angles.dtype)
        loss = values.unflatten(0, (clients, samples)).square().mean((1, 2)).sum()
        return torch.autograd.grad(loss, angles)[0]

    return step


def _qnode(circuit: Circuit) -> Any:
    import pennylane as qp

    wires = range(circuit.num_qubits)
    zero = torch.eye(1, 2**circuit.num_qubits)[0]

    def program(inputs: Tensor, angles: Tensor) -> list[Any]:
        if angles.dtype == torch.float32 and not circuit.amplitudes:
            qp.StatePrep(zero, wires=wires, validate_norm=False)  # type: ignore[arg-type]
        queue_gates(circuit, NoiseModel(), angles, inputs, amplitudes=inputs.dtype)
        return measure_words(circuit)

    return qp.QNode(program, qp.device("default.qubit", wires=wires), interface="torch", diff_method="backprop")
