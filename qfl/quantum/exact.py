"""The exact engine: expectation values of a circuit for many clients and samples at once, with gradients.

``expectations(circuit, angles, inputs)`` compiles the circuit once (`program`), multiplies the one-qubit matrices of
each block out for all clients (`matrices`), builds the encoded states wire by wire (`openings`), and runs the program
(`evolve`).
Single precision runs in complex64 and double in complex128; a circuit of real gates (RY, H, X, Z, CNOT, CZ, SWAP,
Toffoli) runs in float32 and float64. The clear version, dense matrices one gate at a time, is in the tests.
"""

# pyright: reportUnknownMemberType=false
# (torch does not annotate broadcast_tensors)

from functools import lru_cache, reduce

import numpy as np
import torch
from jaxtyping import Float, Shaped
from numpy.typing import NDArray
from torch import Tensor

from qfl.quantum.circuit import Circuit
from qfl.quantum.evolve import evolve, evolve_and_measure, measure
from qfl.quantum.lowering import lowered
from qfl.quantum.matrices import block_matrices, plan_matrices
from qfl.quantum.observables import PauliSum
from qfl.quantum.openings import openings
from qfl.quantum.pauli_values import Groups, diagonal_signs, pauli_groups, pauli_values
from qfl.quantum.program import Diagonal, compile_circuit
from qfl.quantum.samples import Array, circuit_arguments, unit_samples
from qfl.quantum.unit_phase import unit_phase


def expectations(
    circuit: Circuit,
    angles: Array,
    inputs: Array | None = None,
) -> Float[Tensor, "*client sample observable"]:
    """Return the expectation values of the circuit's observables.

    Args:
        circuit: What to run.
        angles: One vector [angle], or one per client; whole numbers are taken as floats, as are those of ``inputs``.
        inputs: Samples [sample feature], or samples of each client; None runs one sample of a circuit without features.
            With amplitude encoding a sample is padded with zeros and normalised to length one.

    Returns:
        Values with gradients for angles (and inputs), those of words in [-1, 1].

    Raises:
        InputError: If a length does not fit the circuit, a feature is not finite, or a sample to be amplitude-encoded
            is all zeros.

    Example:
        >>> from qfl.quantum.circuit import Angle, Gate
        >>> circuit = Circuit(1, (Gate("RY", (0,), (Angle(0),)),), ((0,),))
        >>> round(float(expectations(circuit, torch.tensor([torch.pi / 3]))), 6)
        0.5
    """
    angles, inputs = circuit_arguments(circuit, angles, inputs)
    if angles.ndim == 1:
        return _values(circuit, angles[None], inputs[None])[0]
    return _values(circuit, angles, inputs)


def probabilities(
    circuit: Circuit, angles: Float[Tensor, " angle"], inputs: Float[Tensor, "sample feature"]
) -> Float[Tensor, "sample state"]:
    """Return how likely each bit string is for every sample, wire 0 the most significant bit.

    Args:
        circuit: What to run; its observables make no difference.
        angles: Of one client.
        inputs: Samples.

    Example:
        >>> from qfl.quantum.circuit import Gate
        >>> bell = Circuit(2, (Gate("H", (0,)), Gate("CNOT", (0, 1))), ((0,),))
        >>> probabilities(bell, torch.zeros(0), torch.zeros(1, 0)).round(decimals=6).tolist()
        [[0.5, 0.0, 0.0, 0.5]]
    """
    angles, inputs = circuit_arguments(circuit, angles, inputs)
    states = _states(circuit, angles[None], inputs[None])[0].expand(-1, len(inputs))
    place = torch.as_tensor(np.argsort(compile_circuit(circuit).where))
    return states.abs().square()[place].mT


def _states(
    circuit: Circuit, angles: Float[Tensor, "client angle"], inputs: Float[Tensor, "client sample feature"]
) -> Shaped[Tensor, "client state sample"]:
    """Return the final states, each basis state at the place where the program leaves it."""
    program, low = compile_circuit(circuit), lowered(circuit)
    raw, (angles, inputs) = inputs, low.arguments(angles, inputs)
    dtype = angles.dtype if program.real else torch.complex64 if angles.dtype == torch.float32 else torch.complex128
    start = _amplitudes(circuit, raw, dtype) if circuit.amplitudes else openings(program, angles, inputs, dtype)
    matrices = block_matrices(_plan(circuit), angles, program.real)
    phases = [_factor(op, angles, inputs, dtype) for op in program.operations if isinstance(op, Diagonal)]
    return evolve(program, start, matrices, phases)


def _values(
    circuit: Circuit, angles: Float[Tensor, "client angle"], inputs: Float[Tensor, "client sample feature"]
) -> Float[Tensor, "client sample observable"]:
    shape = (*inputs.shape[:2], len(circuit.observables))
    if 0 in shape:
        return angles.new_zeros(shape) + 0 * angles.sum()  # empty, with a gradient
    program, low = compile_circuit(circuit), lowered(circuit)
    samples = inputs.shape[1]
    raw, (angles, inputs) = inputs, low.arguments(angles, inputs)
    dtype = angles.dtype if program.real else torch.complex64 if angles.dtype == torch.float32 else torch.complex128
    start = _amplitudes(circuit, raw, dtype) if circuit.amplitudes else openings(program, angles, inputs, dtype)
    matrices = block_matrices(_plan(circuit), angles, program.real)
    phases = [_factor(op, angles, inputs, dtype) for op in program.operations if isinstance(op, Diagonal)]
    dimension = 2**circuit.num_qubits
    if not _diagonal(circuit):
        return pauli_values(_groups(circuit), evolve(program, start, matrices, phases)).mT
    signs = _signs(circuit).to(angles.dtype)
    if program.by_sample or samples <= dimension:
        return evolve_and_measure(program, signs, start, matrices, phases).mT
    # more samples than amplitudes: one unitary per client, then one matrix product
    identity = torch.eye(dimension, dtype=dtype).expand(len(angles), -1, -1).contiguous()
    states = start[0] if len(start) == 1 else (start[0].unsqueeze(2) * start[1].unsqueeze(1)).flatten(1, 2)
    return measure(signs, evolve(program, [identity], matrices, phases) @ states).mT


def _amplitudes(circuit: Circuit, inputs: Tensor, dtype: torch.dtype) -> list[Shaped[Tensor, "client state sample"]]:
    """Return the samples, padded with zeros and normalised, as states."""
    padded = torch.nn.functional.pad(unit_samples(inputs), (0, 2**circuit.num_qubits - inputs.shape[2]))
    return [padded.mT.contiguous().to(dtype)]


def _factor(
    diagonal: Diagonal, angles: Tensor, inputs: Tensor | None, dtype: torch.dtype
) -> Shaped[Tensor, "client state sample"]:
    """Return exp(-i/2 ...) of one diagonal operation, with length 1 along axes that it does not depend on."""
    parts = list[Tensor]()
    if diagonal.constant is not None:
        parts.append(_as(diagonal.constant, dtype)[None, :, None])
    if diagonal.trained is not None:
        exponent = angles[:, list(diagonal.angles)] @ torch.as_tensor(diagonal.trained / -2).to(angles.dtype)
        parts.append(unit_phase(exponent)[:, :, None])
    if diagonal.encoded is not None and inputs is not None:
        scale = np.array([feature.scale for feature in diagonal.features])[:, None] / -2
        spectra = torch.as_tensor((scale * diagonal.encoded).T.copy()).to(inputs.dtype)
        values = inputs.mT.index_select(1, torch.tensor([feature.index for feature in diagonal.features]))
        parts.append(unit_phase(spectra @ values))
    return reduce(torch.mul, parts).to(dtype)


@lru_cache(maxsize=64)
def _plan(circuit: Circuit):
    return plan_matrices(compile_circuit(circuit))


@lru_cache(maxsize=64)
def _signs(circuit: Circuit) -> Float[Tensor, "observable state"]:
    """Return the eigenvalue of every observable at every place of the final state."""
    return torch.as_tensor(
        diagonal_signs(circuit.observables, circuit.num_qubits)[:, compile_circuit(circuit).where].copy()
    )


@lru_cache(maxsize=16)
def _groups(circuit: Circuit) -> Groups:
    return pauli_groups(circuit.observables, circuit.num_qubits, compile_circuit(circuit).where)


def _diagonal(circuit: Circuit) -> bool:
    return all(not isinstance(each, PauliSum) or each.diagonal for each in circuit.observables)


def _as(array: NDArray[np.complex128], dtype: torch.dtype) -> Tensor:
    return torch.as_tensor(array if dtype.is_complex else array.real.copy()).to(dtype)
