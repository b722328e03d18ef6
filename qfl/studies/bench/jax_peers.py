"""The compiled peers: one gradient step of many clients by PennyLane and TensorCircuit-NG, on JAX (extra ``peers``).

Both trace the circuit of one client and one sample, are mapped over samples and clients, differentiated and compiled by
XLA. PennyLane's state starts as |0> in single precision, as in `pennylane_peers`; TensorCircuit-NG reads Z from the
state's probabilities, which was faster than its ``expectation_ps`` (0.43 s against 0.63 s on the benchmark's problem).
XLA takes as many threads as the process may run on, whatever torch is told.
"""

# pyright: reportMissingImports=false, reportUnknownMemberType=false, reportUnknownVariableType=false
# pyright: reportUnknownArgumentType=false, reportUnknownParameterType=false, reportUnknownLambdaType=false
# (neither JAX nor TensorCircuit-NG is installed without the extra)

import importlib.util
from collections.abc import Callable
from typing import Any

import numpy as np
import torch
from jaxtyping import Float
from torch import Tensor

from qfl.quantum.circuit import Angle, Circuit, Feature, Parameter
from qfl.quantum.pennylane_program import pennylane_gate

Step = Callable[[Tensor, Tensor], Tensor]
Values = Callable[[Any, Any], Any]
"""The values of a circuit's observables, of one client's angles and one sample."""


def compiled_peers(circuit: Circuit) -> dict[str, Step]:
    """Return the steps of those peers that are installed, by name.

    Args:
        circuit: Angle-encoded, of Z words and gates that both peers have.
    """
    wanted = {"pennylane_jax": ("jax", pennylane_jax), "tensorcircuit": ("tensorcircuit", tensorcircuit)}
    return {name: make(circuit) for name, (module, make) in wanted.items() if importlib.util.find_spec(module)}


def pennylane_jax(circuit: Circuit) -> Step:
    """Return one gradient step of all clients by PennyLane's ``default.qubit`` under ``jit`` and ``vmap``.

    Args:
        circuit: What to run.

    Returns:
        A function of angles [client angle] and inputs [client sample feature] to gradients [client angle].
    """
    import jax.numpy as jnp
    import pennylane as qp

    wires = range(circuit.num_qubits)

    @qp.qnode(qp.device("default.qubit", wires=wires), interface="jax", diff_method="backprop")
    def node(angles: Any, sample: Any) -> list[Any]:
        single = angles.dtype == jnp.float32
        qp.StatePrep(
            jnp.eye(1, 2**circuit.num_qubits, dtype=jnp.complex64 if single else jnp.complex128)[0],
            wires=wires,
            validate_norm=False,
        )
        for gate in circuit.gates:
            pennylane_gate(gate, *(_value(each, angles, sample) for each in gate.parameters))
        return [qp.expval(qp.prod(*(qp.Z(w) for w in wires_of))) for wires_of in _z_words(circuit)]

    return _gradient(lambda angles, sample: jnp.stack(node(angles, sample)))


def tensorcircuit(circuit: Circuit) -> Step:
    """Return one gradient step of all clients by TensorCircuit-NG on its JAX backend.

    Args:
        circuit: What to run.

    Returns:
        The same function as `pennylane_jax`.
    """
    import jax.numpy as jnp
    import tensorcircuit as tc

    tc.set_backend("jax")
    states = range(2**circuit.num_qubits)
    signs = np.array([[_sign(state, word, circuit.num_qubits) for state in states] for word in _z_words(circuit)])

    def values(angles: Any, sample: Any) -> Any:
        tc.set_dtype("complex64" if angles.dtype == jnp.float32 else "complex128")
        run = tc.Circuit(circuit.num_qubits)
        for gate in circuit.gates:
            given = [_value(each, angles, sample) for each in gate.parameters]
            for name, wires, *turn in _plain(gate.name, gate.wires, given):
                getattr(run, name)(*wires, **({"theta": turn[0]} if turn else {}))
        return jnp.asarray(signs, angles.dtype) @ jnp.abs(run.state()) ** 2

    return _gradient(values)


def _gradient(values: Values) -> Step:
    """Return the gradient of the mean square of each client's values, compiled for all clients at once."""
    import jax
    import jax.numpy as jnp

    def loss(angles: Any, samples: Any) -> Any:
        return jnp.mean(jax.vmap(values, in_axes=(None, 0))(angles, samples) ** 2)

    compiled = jax.jit(jax.vmap(jax.grad(loss)))

    def step(
        angles: Float[Tensor, "client angle"], inputs: Float[Tensor, "client sample feature"]
    ) -> Float[Tensor, "client angle"]:
        with jax.enable_x64(angles.dtype == torch.float64):
            found = compiled(angles.detach().numpy(), inputs.numpy())
            return torch.from_numpy(np.array(found))

    return step


def _value(parameter: Parameter, angles: Any, sample: Any) -> Any:
    match parameter:
        case Angle(index):
            return angles[index]
        case Feature(index, scale):
            return scale * sample[index]
        case float() | int():
            return parameter
        case _:
            raise NotImplementedError(f"a parameter {parameter}: the compiled peers run angles, features and numbers")


def _plain(name: str, wires: tuple[int, ...], given: list[Any]) -> list[tuple[Any, ...]]:
    """Return a gate in TensorCircuit's words: name, wires and angle of each of its gates."""
    if name == "Rot":
        first, second, third = given
        return [("rz", wires, first), ("ry", wires, second), ("rz", wires, third)]
    return [(name.lower(), wires, *given)]


def _z_words(circuit: Circuit) -> list[tuple[int, ...]]:
    words = [each for each in circuit.observables if isinstance(each, tuple)]
    if len(words) < len(circuit.observables):
        raise NotImplementedError("the compiled peers measure words of Z, and no sums")
    return words


def _sign(state: int, word: tuple[int, ...], qubits: int) -> float:
    return (-1.0) ** sum(state >> (qubits - 1 - wire) & 1 for wire in word)
