"""The state that the one-qubit gates before the first entangling gate of each wire make of |0...0>: a product.

A wire is two amplitudes for each client and sample. Wires whose gates have the same names run together, which is most
of them: an encoding is one pattern on all wires. What no feature turns has one sample until the wires are multiplied.
"""

# pyright: reportUnknownMemberType=false
# (torch does not annotate broadcast_tensors and new_tensor)

from dataclasses import dataclass
from functools import lru_cache
from typing import cast

import numpy as np
import torch
from jaxtyping import Float, Shaped
from torch import Tensor

from qfl.quantum.circuit import Angle, Feature, Gate, Parameter
from qfl.quantum.matrices import constant_matrix, rotation
from qfl.quantum.program import Program
from qfl.quantum.unit_phase import unit_phase

Amplitudes = tuple[Tensor, Tensor]  # of |0> and |1>, each [client wire sample] with lengths of 1 where nothing differs


def openings(
    program: Program,
    angles: Float[Tensor, "client angle"],
    inputs: Float[Tensor, "client sample feature"],
    dtype: torch.dtype,
) -> list[Shaped[Tensor, "client _ sample"]]:
    """Return the two halves of the product state, first wires first; of one wire only one.

    Args:
        program: Whose opening gates.
        angles: Of every client, in radians.
        inputs: Samples of every client.
        dtype: Real or complex, in the precision of the angles.
    """
    wires: dict[int, Tensor] = {}
    for alike in _alike(program):
        zero, one = _run(alike, angles, inputs.mT)
        states = torch.stack(cast("tuple[Tensor, ...]", torch.broadcast_tensors(zero, one)), 2).to(dtype)
        wires |= dict(zip(alike.wires, states.unbind(1), strict=True))
    half = len(wires) // 2
    ordered = [wires[wire] for wire in sorted(wires)]
    parts = [part for part in (ordered[:half], ordered[half:]) if part]
    return [_product(part).expand(len(angles), -1, inputs.shape[1]).contiguous() for part in parts]


@dataclass(frozen=True, eq=False)
class _Alike:
    """Wires whose gates have the same names, and parameters of the same kinds.

    Args:
        wires: Which.
        gates: The gates of the first wire.
        parameters: For each gate and each parameter of it, that of every wire.
    """

    wires: tuple[int, ...]
    gates: tuple[Gate, ...]
    parameters: tuple[tuple[tuple[Parameter, ...], ...], ...]


@lru_cache(maxsize=64)
def _alike(program: Program) -> tuple[_Alike, ...]:
    groups: dict[object, list[int]] = {}
    for wire, chain in enumerate(program.start):
        key = tuple((gate.name, gate.matrix, tuple(map(type, gate.parameters))) for gate in chain)
        groups.setdefault(key, []).append(wire)
    return tuple(_group(tuple(wires), [program.start[wire] for wire in wires]) for wires in groups.values())


def _group(wires: tuple[int, ...], chains: list[tuple[Gate, ...]]) -> _Alike:
    steps = zip(*chains, strict=True)
    parameters = tuple(tuple(zip(*(gate.parameters for gate in gates), strict=True)) for gates in steps)
    return _Alike(wires, chains[0], parameters)


def _run(alike: _Alike, angles: Tensor, features: Float[Tensor, "client feature sample"]) -> Amplitudes:
    """Return what the gates of wires that are alike make of |0>."""
    state = (angles.new_ones(1, len(alike.wires), 1), angles.new_zeros(1, len(alike.wires), 1))
    for gate, parameters in zip(alike.gates, alike.parameters, strict=True):
        state = _turned(gate, state, [_values(own, angles, features) for own in parameters])
    return state


def _values(parameters: tuple[Parameter, ...], angles: Tensor, features: Tensor) -> Float[Tensor, "_ wire _"]:
    """Return a parameter of every wire, for every client, and for every sample or for all of them at once."""
    trained = [each.index for each in parameters if isinstance(each, Angle)]
    encoded = [each for each in parameters if isinstance(each, Feature)]
    numbers = [each for each in parameters if isinstance(each, float | int)]
    if len(trained) == len(parameters):
        return angles.index_select(1, torch.tensor(trained))[..., None]
    if len(encoded) == len(parameters):
        own = features.index_select(1, torch.tensor([each.index for each in encoded]))
        scales = [each.scale for each in encoded]
        return own if set(scales) == {1.0} else own * own.new_tensor(scales)[:, None]
    if len(numbers) < len(parameters):
        raise TypeError(f"expected lowered parameters, not {parameters}")  # compile_circuit writes sums as entries
    return angles.new_tensor(numbers)[None, :, None]


def _turned(gate: Gate, state: Amplitudes, values: list[Tensor]) -> Amplitudes:
    """Return the amplitudes after a gate."""
    zero, one = state
    if gate.name == "RY":
        cos, sin = torch.cos(values[0] / 2), torch.sin(values[0] / 2)
        return cos * zero - sin * one, sin * zero + cos * one
    if gate.name == "RZ":
        phase = unit_phase(values[0] / 2)
        return phase.conj() * zero, phase * one
    if values:
        spread = cast("tuple[Tensor, ...]", torch.broadcast_tensors(*values))
        (a, b), (c, d) = (row.unbind(-1) for row in rotation(gate.name, *spread).unbind(-2))
    else:
        matrix = constant_matrix(gate)
        (a, b), (c, d) = (matrix if np.imag(matrix).any() else matrix.real).tolist()
    return a * zero + b * one, c * zero + d * one


def _product(wires: list[Tensor]) -> Shaped[Tensor, "_ state _"]:
    """Return the product of the wires' states."""
    state = wires[0]
    for wire in wires[1:]:
        state = (state.unsqueeze(2) * wire.unsqueeze(1)).flatten(1, 2)
    return state
