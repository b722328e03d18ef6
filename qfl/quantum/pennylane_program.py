"""A circuit in PennyLane's words: preparation, gates, noise and measurements, as a QNode's function."""

# pyright: reportMissingTypeStubs=false, reportUnknownMemberType=false, reportUnknownVariableType=false
# pyright: reportUnknownArgumentType=false
# (PennyLane has no type stubs)

from typing import Any

import numpy as np
import torch
from jaxtyping import Float
from torch import Tensor

from qfl.quantum.channels import Channel
from qfl.quantum.circuit import Angle, Circuit, Feature, Gate, Parameter
from qfl.quantum.lowering import decomposed
from qfl.quantum.noise import Noise
from qfl.quantum.observables import Observable, PauliSum, as_sum, letters, pauli_action
from qfl.quantum.samples import unit_samples
from qfl.quantum.sums import Sum


def queue_gates(
    circuit: Circuit, noise: Noise, angles: Tensor, inputs: Tensor, amplitudes: torch.dtype = torch.float64
) -> None:
    """Queue preparation, gates and noise in the QNode that is being built.

    Args:
        circuit: What to run.
        noise: What happens between gates and before measurement.
        angles: [angle], or [angle sample] where every sample has angles of its own.
        inputs: [sample feature]; parameters that depend on them are broadcast over samples.
        amplitudes: Precision of encoded states, which are made in double: a device may hold single to be no state.

    Raises:
        InputError: If a sample to be amplitude-encoded is all zeros or not finite.
    """
    import pennylane as qp

    trained, features = angles.unbind(), inputs.unbind(dim=1)  # one backward step for all, unlike indexing one by one

    def value(parameter: Parameter) -> Tensor:
        match parameter:
            case Angle(index):
                return trained[index]
            case Feature(index, scale):
                return scale * features[index]
            case Sum():
                return parameter.value(trained, features)
            case _:
                return angles.new_tensor(parameter)

    if circuit.amplitudes:
        state: Any = _amplitudes(circuit, inputs).to(amplitudes)
        qp.StatePrep(state, wires=range(circuit.num_qubits), validate_norm=False)
    for step in noise.steps(circuit):
        if isinstance(step, Channel):
            qp.QubitChannel(list(step.kraus), wires=step.wires)
            continue
        # a Rot with one broadcast parameter needs all three broadcast
        # PennyLane's broadcast matrix of IsingXY calls numpy on tensors, which warns
        for own in decomposed(step) if step.name == "IsingXY" else (step,):
            pennylane_gate(own, *torch.broadcast_tensors(*map(value, own.parameters)))


def pennylane_gate(gate: Gate, *values: Any) -> Any:
    """Return PennyLane's operator of a gate, queued where a QNode is being built.

    Args:
        gate: Name, wires, word and matrix.
        values: Its parameters.
    """
    import pennylane

    qp: Any = pennylane
    if gate.name.startswith("Adjoint("):
        return qp.adjoint(getattr(qp, gate.name[8:-1])(wires=gate.wires))
    if gate.name == "PauliRot":
        return qp.PauliRot(*values, gate.word, wires=gate.wires)
    if gate.name == "QubitUnitary":
        return qp.QubitUnitary(np.array(gate.matrix), wires=gate.wires)
    return getattr(qp, gate.name)(*values, wires=gate.wires)


def measure_words(circuit: Circuit) -> list[Any]:
    """Return the measurements of the circuit's observables."""
    import pennylane as qp

    return [qp.expval(pennylane_observable(observable)) for observable in circuit.observables]


def pennylane_observable(observable: Observable) -> Any:
    """Return PennyLane's operator of an observable."""
    import pennylane

    qp: Any = pennylane
    if not isinstance(observable, PauliSum):
        return qp.prod(*map(qp.Z, observable))
    words = [[getattr(qp, letter)(wire) for letter, wire in letters(word)] for _, word in observable.terms]
    return qp.dot(
        [coefficient for coefficient, _ in observable.terms],
        [qp.prod(*word) if word else qp.Identity(0) for word in words],
    )


def measure_density(circuit: Circuit) -> list[Any]:
    """Return the measurement of the whole state.

    ``default.mixed`` takes a square root of the probabilities on its way to an expectation value, so that its gradient
    is not a number wherever a basis state has probability zero (PennyLane issue 7102).
    """
    import pennylane as qp

    return [qp.density_matrix(wires=range(circuit.num_qubits))]


def words_of_density(circuit: Circuit, rho: Tensor) -> list[Float[Tensor, "*sample"]]:
    """Return the expectation values of the circuit's observables in a state [state state], or one per sample."""
    states = torch.arange(2**circuit.num_qubits)
    values: list[Tensor] = []
    for observable in circuit.observables:
        total: Any = 0.0
        for coefficient, word in as_sum(observable).terms:
            target, phase = pauli_action(word, circuit.num_qubits)
            entries = rho[..., states, torch.as_tensor(target)]  # tr(P rho) = sum_z phase(z) <z| rho |z xor x>
            total = total + coefficient * (entries @ torch.as_tensor(phase).to(rho.dtype)).real
        values.append(total)
    return values


def _amplitudes(circuit: Circuit, inputs: Tensor) -> Float[Tensor, "sample state"]:
    """Return the samples padded with zeros and normalised, in double precision."""
    return torch.nn.functional.pad(unit_samples(inputs.double()), (0, 2**circuit.num_qubits - circuit.num_features))
