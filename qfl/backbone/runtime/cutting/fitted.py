"""A circuit with angles and features, cut once so that it fits a device, and run for many rows of inputs at once.

Cuts are placed once for all angles: through wires, and through gates without trained parameters. The pieces' circuits
take the parameters of their gates as inputs (`qfl.quantum.gate_inputs`), so that samples, clients and shifts are rows
of one batch; without shots the values have gradients.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cached_property, lru_cache

import numpy as np
import torch
from jaxtyping import Float
from torch import Tensor

from qfl.backbone.runtime.cutting.pieces import Pieces, cut
from qfl.backbone.runtime.cutting.placement import place_cuts
from qfl.backbone.runtime.cutting.reconstruct import Subcircuits, subcircuits
from qfl.errors import ConfigError
from qfl.quantum.circuit import Circuit
from qfl.quantum.exact import expectations
from qfl.quantum.gate_inputs import GateInputs, Rows, by_shifts, gate_inputs, in_batches
from qfl.quantum.observables import only_z_words
from qfl.quantum.sampled import sampled
from qfl.quantum.shot_count import add_shots

MOST_CIRCUITS = 3000  # that one circuit is cut into
Values = Float[Tensor, "row observable"]


@dataclass(frozen=True)
class PieceLoad:
    """What one piece of a circuit takes of a device, for one value of the whole circuit.

    Args:
        qubits: Of its widest circuit, those that are measured in mid-circuit included.
        depth: Layers of its deepest.
        circuits: Circuits that it is run as.
        shots: Of each of these.
    """

    qubits: int
    depth: int
    circuits: int
    shots: int


@dataclass(frozen=True, eq=False)
class FittedCircuit:
    """A circuit that fits devices of some width, cut where it does not by itself.

    Args:
        whole: The circuit, its gates' parameters as inputs.
        pieces: What the cuts left; None where the circuit fits.
        parts: The pieces as circuits.
        overhead: Shots for the error of the uncut circuit, in shots of that, if terms were sampled.
    """

    whole: GateInputs
    pieces: Pieces | None = None
    parts: tuple[Subcircuits, ...] = field(default=())
    overhead: float = 1.0

    @property
    def cuts(self) -> int:
        """How many cuts there are; wires that are cut together count one each."""
        return len(self.pieces.joins) if self.pieces else 0

    def load(self, shots: int) -> list[PieceLoad]:
        """Return what each piece takes if each of its circuits is run so many times.

        A circuit's data are used for all terms that need them, so that the error stays about that of the uncut circuit
        with as many shots: the overhead of sampled terms is not paid.
        """
        return [
            PieceLoad(
                max(each.num_qubits for each in circuits),
                max(1, *(layers(each) for each in circuits)),
                len(circuits),
                shots,
            )
            for circuits in self._run
        ]

    def values(self, rows: Rows) -> Values:
        """Return the exact values of the whole circuit, with gradients."""

        def run(inputs: Tensor) -> Tensor:
            none = rows.new_zeros(0)
            return self._joined([expectations(each, none, inputs[:, : each.num_features]) for each in self._every])

        return in_batches(run, rows)

    def values_of_shots(self, rows: Rows, shots: int, generator: np.random.Generator) -> Values:
        """Return values with shots, and with gradients from shifted circuits.

        Args:
            rows: Inputs.
            shots: Of every circuit that is run.
            generator: Of the draws.
        """

        def run(inputs: Tensor) -> Tensor:
            plain, circuits = shots * len(inputs), self._every
            add_shots(plain * len(circuits), plain * (len(circuits) - 1))
            return self._joined([sampled(each, inputs[:, : each.num_features], shots, generator) for each in circuits])

        return by_shifts(run, rows, self.whole.rules)

    @cached_property
    def _run(self) -> list[list[Circuit]]:
        """The circuits of each piece that measure something."""
        if self.pieces is None:
            return [[self.whole.circuit]]
        found = [[each for each in part.circuits if each.observables] for part in self.parts]
        return [circuits for circuits in found if circuits]

    @property
    def _every(self) -> list[Circuit]:
        return [each for circuits in self._run for each in circuits]

    def _joined(self, found: list[Tensor]) -> Tensor:
        """Return the whole circuit's values from those of its pieces' circuits, in their order."""
        if self.pieces is None:
            return found[0]
        own = iter(found)
        tensors = [_tensor(part, [next(own) for each in part.circuits if each.observables]) for part in self.parts]
        return _join(self.pieces, tensors, found[0])


@lru_cache(maxsize=8)
def fit(circuit: Circuit, width: int) -> FittedCircuit:
    """Return a circuit that fits devices of some width.

    Args:
        circuit: With angles and features, measuring words of Z.
        width: Qubits of the widest device.

    Raises:
        ConfigError: If no cuts make it fit, or too many circuits, or it measures other words, or its sample is its
            initial state.

    Example:
        >>> from qfl.quantum.ansatze import classifier
        >>> fitted = fit(classifier("angle", "real_ring", 4, 1, 4, 2), 3)
        >>> max(load.qubits for load in fitted.load(100)) <= 3, fitted.cuts > 0
        (True, True)
    """
    whole = gate_inputs(circuit)
    only_z_words(circuit.observables, "a device of the pool")
    if circuit.num_qubits <= width:
        return FittedCircuit(whole)
    for narrower in range(width, 0, -1):
        try:
            placed = place_cuts(whole.circuit, narrower, locc=False)
        except ConfigError:
            break
        pieces = cut(whole.circuit, placed.cuts)
        if sum(_settings(pieces)) > MOST_CIRCUITS:
            break
        found = FittedCircuit(whole, pieces, tuple(subcircuits(pieces)), placed.overhead)
        if max(load.qubits for load in found.load(1)) <= width:
            return found
    raise ConfigError(
        f"the circuit has {circuit.num_qubits} qubits, and no cuts make it fit {width} in {MOST_CIRCUITS:,} circuits "
        "or less; give a wider device, fewer layers, or gates that reach less far"
    )


def layers(circuit: Circuit) -> int:
    """Return the layers of a circuit: gates of one layer act on different wires.

    Example:
        >>> from qfl.quantum.circuit import Gate
        >>> layers(Circuit(3, (Gate("H", (0,)), Gate("H", (1,)), Gate("CNOT", (1, 2))), ((0,),)))
        2
    """
    free = [0] * circuit.num_qubits
    for gate in circuit.gates:
        end = 1 + max(free[wire] for wire in gate.wires)
        for wire in gate.wires:
            free[wire] = end
    return max(free)


def _settings(pieces: Pieces) -> Iterator[int]:
    """Yield how many circuits each piece is run as, before any is made."""
    for piece in pieces.pieces:
        count = 1
        for end in piece.ends:
            count *= len(pieces.joins[end.join].second if end.second else pieces.joins[end.join].first)
        yield count


def _tensor(part: Subcircuits, found: list[Tensor]) -> Tensor:
    """Return a piece's values, [row, words of its ends, observable], from those of its circuits."""
    rows = found[0] if found else None
    if rows is None:
        raise AssertionError("a piece that measures nothing has been joined to no other")
    blank = rows.new_zeros(len(rows), 1)
    columns, column = [blank, blank + 1], 2
    place = np.zeros(part.shape, dtype=np.int64)
    own = iter(found)
    for circuit, words in zip(part.circuits, part.words, strict=True):
        for where, k in words:
            place[where] = 1 if k < 0 else column + k
        if circuit.observables:
            columns.append(next(own))
            column += len(circuit.observables)
    return torch.cat(columns, -1)[:, torch.from_numpy(place.reshape(-1))].unflatten(-1, part.shape)


def _join(pieces: Pieces, tensors: list[Tensor], like: Tensor) -> Tensor:
    """Return the sum over all terms of all cuts, for every row and observable."""
    axis = {(k, second): 2 + 2 * k + second for k in range(len(pieces.joins)) for second in (False, True)}
    operands: list[object] = []
    for piece, tensor in zip(pieces.pieces, tensors, strict=True):
        operands += [tensor, [0, *(axis[end.join, end.second] for end in piece.ends), 1]]
    for k, ends in enumerate(pieces.joins):
        operands += [torch.from_numpy(ends.coefficients).to(like.dtype), [axis[k, False], axis[k, True]]]
    return torch.einsum(*operands, [0, 1])  # pyright: ignore[reportArgumentType]
