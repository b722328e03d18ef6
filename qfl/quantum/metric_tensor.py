r"""The Fubini-Study metric tensor of a circuit: how far its state moves when its angles do, without sampling.

.. math::
    g_{ij}(\theta) = \operatorname{Re} \left[ \langle \partial_i \psi | \partial_j \psi \rangle -
    \langle \partial_i \psi | \psi \rangle \langle \psi | \partial_j \psi \rangle \right]

a quarter of the quantum Fisher information. The state goes through the circuit gate by gate, with its derivative in
every angle beside it. The derivatives of a layer's angles are needed only until the layer ends for the block-diagonal
metric, and until the gate ends for the diagonal one; that is what makes these cheap.

A layer ends before the first trained gate that acts on what a trained gate of the layer has made, as in PennyLane; an
angle that several gates share has what each of them adds.

Reference:
    Stokes, Izaac, Killoran and Carleo, Quantum Natural Gradient, 2020, Quantum 4, 269, arXiv:1909.02108; the
    approximations ``block-diag`` and ``diag`` are theirs.
"""

from functools import lru_cache
from typing import Literal

import torch
from jaxtyping import Complex, Float
from torch import Tensor

from qfl.quantum.circuit import Circuit, Gate
from qfl.quantum.generators import applied, fixed_matrix, generator, single_gates, slopes, unitary, value
from qfl.quantum.samples import Array, circuit_arguments, unit_samples

Approximation = Literal["full", "block-diag", "diag"]


def metric_tensor(
    circuit: Circuit, angles: Array, inputs: Array | None = None, *, approximation: Approximation = "full"
) -> Float[Tensor, "sample angle angle"]:
    """Return the metric tensor of every sample's state: symmetric, positive semidefinite, without gradients.

    Args:
        circuit: Its observables play no part.
        angles: One vector [angle], in radians.
        inputs: Samples [sample feature]; None for a circuit without features.
        approximation: ``full``; or ``block-diag`` or ``diag``, with zeros elsewhere.

    Raises:
        InputError: As `qfl.quantum.exact.expectations`.

    Example:
        >>> from qfl.quantum.circuit import Angle
        >>> circuit = Circuit(1, (Gate("RX", (0,), (Angle(0),)), Gate("RY", (0,), (Angle(1),))), ((0,),))
        >>> metric_tensor(circuit, [0.0, 0.3]).round(decimals=6)
        tensor([[[0.2500, 0.0000],
                 [0.0000, 0.2500]]])

    Reference:
        Stokes et al., 2020, arXiv:1909.02108.
    """
    angles, inputs = circuit_arguments(circuit, angles, inputs)
    metric = angles.new_zeros(len(inputs), circuit.num_angles, circuit.num_angles)
    for own, block in metric_blocks(circuit, angles, inputs, approximation):
        place = torch.tensor(own)
        metric[:, place[:, None], place] += block
    return metric


def metric_blocks(
    circuit: Circuit,
    angles: Float[Tensor, " angle"],
    inputs: Float[Tensor, "sample feature"],
    approximation: Approximation,
) -> list[tuple[tuple[int, ...], Float[Tensor, "sample own own"]]]:
    """Return the metric as blocks that add up, each with the angles that it is of.

    Args:
        circuit: Its observables play no part.
        angles: In radians.
        inputs: The samples; amplitudes are normalised here.
        approximation: ``full`` is one block.
    """
    with torch.no_grad():
        return list(_walk(circuit, angles.detach(), inputs.detach(), approximation))


def _walk(circuit: Circuit, angles: Tensor, inputs: Tensor, approximation: Approximation):
    vectors, open_angles = _start(circuit, angles.dtype, inputs)[None], list[int]()  # the state, then derivatives
    for gate, ends in _layers(circuit, approximation):
        if ends and open_angles:
            yield tuple(open_angles), _gram(vectors)
            vectors, open_angles = vectors[:1], list[int]()
        vectors = _after(gate, vectors, angles, inputs)
        for index, slope in slopes(gate.parameters[0], angles, inputs).items() if gate.parameters else ():
            turn = torch.as_tensor(generator(gate.name, len(gate.wires))).to(vectors.dtype)
            tangent = -1j * slope[None, :, None] * applied(turn[None], vectors[:1], gate.wires)
            if index in open_angles:
                vectors[1 + open_angles.index(index)] += tangent[0]
            else:
                vectors, open_angles = torch.cat((vectors, tangent)), [*open_angles, index]
    if open_angles:
        yield tuple(open_angles), _gram(vectors)


def _after(gate: Gate, vectors: Tensor, angles: Tensor, inputs: Tensor) -> Complex[Tensor, "vector sample state"]:
    if gate.parameters:
        matrix = unitary(gate, value(gate.parameters[0], angles, inputs), vectors.dtype)
    else:
        matrix = torch.as_tensor(fixed_matrix(gate)).to(vectors.dtype)[None]
    return applied(matrix, vectors, gate.wires)


def _start(circuit: Circuit, real: torch.dtype, inputs: Tensor) -> Complex[Tensor, "sample state"]:
    state = torch.zeros(len(inputs), 2**circuit.num_qubits, dtype=real)
    if circuit.amplitudes:
        state[:, : inputs.shape[1]] = unit_samples(inputs).to(real)
    else:
        state[:, 0] = 1
    return state.to(torch.complex64 if real == torch.float32 else torch.complex128)


def _gram(vectors: Complex[Tensor, "vector sample state"]) -> Float[Tensor, "sample own own"]:
    psi, tangents = vectors[0], vectors[1:].transpose(0, 1)
    along = tangents.conj() @ psi[:, :, None]
    return (tangents.conj() @ tangents.mT - along @ along.mH).real


@lru_cache(maxsize=64)
def _layers(circuit: Circuit, approximation: Approximation) -> tuple[tuple[Gate, bool], ...]:
    """Return the gates, each with whether a layer ends before it."""
    found, touched = list[tuple[Gate, bool]](), set[int]()
    for gate in single_gates(circuit):
        trained, descends = any(True for _ in gate.used()), bool(touched & set(gate.wires))
        ends = trained and (approximation == "diag" or (approximation == "block-diag" and descends))
        if ends:
            touched = set[int]()
        if trained or descends:
            touched |= set(gate.wires)
        found.append((gate, ends))
    return tuple(found)


def layers(circuit: Circuit) -> tuple[tuple[int, ...], ...]:
    """Return the angles of each layer of the block-diagonal metric, in the order of the gates.

    Example:
        >>> from qfl.quantum.circuit import Angle
        >>> gates = [Gate("RY", (0,), (Angle(0),)), Gate("RY", (1,), (Angle(1),)), Gate("CNOT", (0, 1))]
        >>> layers(Circuit(2, (*gates, Gate("RY", (1,), (Angle(2),))), ((0,),)))
        ((0, 1), (2,))
    """
    found: list[dict[int, None]] = [{}]
    for gate, ends in _layers(circuit, "block-diag"):
        if ends:
            found.append({})
        found[-1].update(dict.fromkeys(gate.used()))
    return tuple(tuple(sorted(own)) for own in found if own)
