r"""Gates one at a time: every trained gate as exp(-i t G) with its generator G, and states with an axis per wire.

What the exact engine multiplies out in large products is here kept apart, for what has to stop between two gates
(`qfl.quantum.metric_tensor`). A ``Rot`` is three gates; composed gates are what `qfl.quantum.lowering` makes of them.
"""

from collections.abc import Iterator
from functools import lru_cache, reduce

import numpy as np
import torch
from jaxtyping import Complex, Float
from numpy.typing import NDArray
from torch import Tensor

from qfl.quantum.circuit import Angle, Circuit, Feature, Gate, Parameter
from qfl.quantum.lowering import decomposed
from qfl.quantum.matrices import CONSTANT, constant_matrix, kron
from qfl.quantum.sums import Sum

Matrix = NDArray[np.complex128]
ON = np.diag([0, 1]).astype(complex)  # the projector on a control that is set
PHASES = {"PhaseShift": -ON, "ControlledPhaseShift": -kron(ON, ON)}


def single_gates(circuit: Circuit) -> Iterator[Gate]:
    """Yield a circuit's gates, none of more than one parameter.

    Example:
        >>> [gate.name for gate in single_gates(Circuit(1, (Gate("Rot", (0,), (Angle(0), 0.5, 1.0)),), ((0,),)))]
        ['RZ', 'RY', 'RZ']
    """
    for gate in circuit.gates:
        for own in decomposed(gate):
            if own.name == "Rot":
                for name, parameter in zip(("RZ", "RY", "RZ"), own.parameters, strict=True):
                    yield Gate(name, own.wires, (parameter,))
            else:
                yield own


@lru_cache(maxsize=256)
def generator(name: str, num_wires: int) -> Matrix:
    """Return the Hermitian G of a gate exp(-i t G) on its own wires, the first the most significant.

    Args:
        name: A gate of one parameter, composed gates aside.
        num_wires: The wires that it acts on.

    Example:
        >>> generator("RZ", 1).real
        array([[ 0.5,  0. ],
               [ 0. , -0.5]])
    """
    if name in PHASES:
        return PHASES[name]
    if name.startswith("CR"):
        return kron(ON, CONSTANT[name[-1]]) / 2
    return reduce(kron, [CONSTANT[name[-1]]] * num_wires) / 2  # RX, IsingXX, MultiRZ, ...


@lru_cache(maxsize=256)
def fixed_matrix(gate: Gate) -> Matrix:
    """Return the matrix of a gate without parameters on its own wires, the first the most significant."""
    if gate.name in ("CNOT", "Toffoli", "CZ"):
        return _controlled(CONSTANT["Z" if gate.name == "CZ" else "X"], len(gate.wires) - 1)
    swap = np.eye(4, dtype=complex)[[0, 2, 1, 3]]
    if gate.name in ("SWAP", "CSWAP"):
        return _controlled(swap, len(gate.wires) - 2)
    return constant_matrix(gate)


def _controlled(matrix: Matrix, num_controls: int) -> Matrix:
    size = len(matrix) * 2**num_controls
    whole = np.eye(size, dtype=complex)
    whole[size - len(matrix) :, size - len(matrix) :] = matrix
    return whole


def value(
    parameter: Parameter, angles: Float[Tensor, " angle"], inputs: Float[Tensor, "sample feature"]
) -> Float[Tensor, " _"]:
    """Return a parameter for every sample, or once for all of them.

    Args:
        parameter: Of a gate.
        angles: In radians.
        inputs: The samples.
    """
    match parameter:
        case Angle(index):
            found = angles[index : index + 1]
        case Feature(index, scale):
            found = inputs[:, index] * scale
        case Sum():
            found = parameter.value(angles, inputs.mT)
        case _:
            found = torch.tensor([parameter], dtype=angles.dtype)
    return found.expand(len(inputs)) if isinstance(parameter, Sum) else found


def slopes(
    parameter: Parameter, angles: Float[Tensor, " angle"], inputs: Float[Tensor, "sample feature"]
) -> dict[int, Float[Tensor, " _"]]:
    """Return a parameter's derivative in each angle that it depends on, for every sample or once for all of them.

    Args:
        parameter: Of a gate.
        angles: In radians.
        inputs: The samples.
    """
    if isinstance(parameter, Angle):
        return {parameter.index: angles.new_ones(1)}
    if not isinstance(parameter, Sum) or not parameter.angles:
        return {}
    with torch.enable_grad():
        copies = angles.detach().expand(len(inputs), -1).clone().requires_grad_()
        (gradient,) = torch.autograd.grad(parameter.value(copies.mT, inputs.mT).sum(), copies)
    return {index: gradient[:, index] for index in sorted(parameter.angles)}


def unitary(gate: Gate, values: Float[Tensor, " sample"], dtype: torch.dtype) -> Complex[Tensor, "sample front front"]:
    """Return exp(-i t G) for every t.

    Args:
        gate: Of one parameter.
        values: t, in radians.
        dtype: Complex.
    """
    spectrum, vectors = np.linalg.eigh(generator(gate.name, len(gate.wires)))
    basis = torch.as_tensor(vectors).to(dtype)
    turns = torch.polar(torch.ones(1, 1, dtype=values.dtype), -values[:, None] * torch.as_tensor(spectrum).to(values))
    return (basis * turns[:, None, :]) @ basis.mH


def applied(
    matrix: Complex[Tensor, "_ front front"], vectors: Complex[Tensor, "vector sample state"], wires: tuple[int, ...]
) -> Complex[Tensor, "vector sample state"]:
    """Return vectors after a matrix on some of their wires.

    Args:
        matrix: For every sample, or one for all.
        vectors: Wire 0 is the most significant bit.
        wires: Whose order is the matrix's.
    """
    count, shared = vectors.shape[2].bit_length() - 1, len(matrix) == 1
    own, others = [2 + wire for wire in wires], [2 + wire for wire in range(count) if wire not in wires]
    order = [*own, 0, 1, *others] if shared else [1, *own, 0, *others]
    front = vectors.reshape(*vectors.shape[:2], *[2] * count).permute(order)
    if shared:  # one product for all samples
        done = matrix[0] @ front.reshape(matrix.shape[-1], -1)
    else:
        done = matrix @ front.reshape(len(matrix), matrix.shape[-1], -1)
    return done.reshape(front.shape).permute(*np.argsort(order).tolist()).reshape(vectors.shape)
