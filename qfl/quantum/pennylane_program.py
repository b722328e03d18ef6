"""A circuit in PennyLane's words: preparation, gates, noise and measurements, as a QNode's function."""

# pyright: reportMissingTypeStubs=false, reportUnknownMemberType=false, reportUnknownVariableType=false
# pyright: reportUnknownArgumentType=false
# (PennyLane has no type stubs)

from typing import Any

import torch
from jaxtyping import Float
from torch import Tensor

from qfl.quantum.circuit import Angle, Circuit, Feature, Parameter
from qfl.quantum.noise import NoiseModel
from qfl.quantum.samples import unit_samples


def queue_gates(
    circuit: Circuit, noise: NoiseModel, angles: Tensor, inputs: Tensor, amplitudes: torch.dtype = torch.float64
) -> None:
    """Queue preparation, gates and noise in the QNode that is being built.

    Args:
        circuit: What to run.
        noise: After every gate and, as bit flips, before measurement.
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
            case _:
                return angles.new_tensor(parameter)

    if circuit.amplitudes:
        state: Any = _amplitudes(circuit, inputs).to(amplitudes)
        qp.StatePrep(state, wires=range(circuit.num_qubits), validate_norm=False)
    for gate in circuit.gates:
        # a Rot with one broadcast parameter needs all three broadcast
        getattr(qp, gate.name)(*torch.broadcast_tensors(*map(value, gate.parameters)), wires=gate.wires)
        for wire in gate.wires if noise.depolarising else ():
            qp.DepolarizingChannel(noise.depolarising, wires=wire)
    for wire in range(circuit.num_qubits) if noise.readout else ():
        qp.BitFlip(noise.readout, wires=wire)


def measure_words(circuit: Circuit) -> list[Any]:
    """Return the measurements of the circuit's Z words."""
    import pennylane as qp

    return [qp.expval(qp.prod(*map(qp.Z, word))) for word in circuit.observables]


def measure_density(circuit: Circuit) -> list[Any]:
    """Return the measurement of the whole state.

    ``default.mixed`` takes a square root of the probabilities on its way to an expectation value, so that its gradient
    is not a number wherever a basis state has probability zero (PennyLane issue 7102).
    """
    import pennylane as qp

    return [qp.density_matrix(wires=range(circuit.num_qubits))]


def words_of_density(circuit: Circuit, rho: Tensor) -> list[Float[Tensor, "*sample"]]:
    """Return the expectation values of the circuit's Z words in a state [state state], or one per sample."""
    populations = rho.diagonal(dim1=-2, dim2=-1).real
    states = torch.arange(2**circuit.num_qubits)
    signs = [1 - 2 * (states >> (circuit.num_qubits - 1 - wire) & 1) for wire in range(circuit.num_qubits)]
    words = [torch.stack([signs[wire] for wire in word]).prod(dim=0) for word in circuit.observables]
    return [populations @ word.to(populations.dtype) for word in words]


def _amplitudes(circuit: Circuit, inputs: Tensor) -> Float[Tensor, "sample state"]:
    """Return the samples padded with zeros and normalised, in double precision."""
    return torch.nn.functional.pad(unit_samples(inputs.double()), (0, 2**circuit.num_qubits - circuit.num_features))
