"""From the values of pieces to those of the whole circuit.

Every piece is run once for each combination of its ends' settings; its values are a tensor with an axis for each end,
and the cuts' coefficients join the tensors. So data are used for all terms that need them.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import product
from math import prod

import numpy as np
from jaxtyping import Float64
from numpy import ndarray

from qfl.backbone.runtime.cutting.pieces import End, Piece, Pieces
from qfl.backbone.runtime.cutting.slots import Setting
from qfl.errors import ConfigError
from qfl.quantum.circuit import Circuit, Gate

Run = Callable[[Circuit], Float64[ndarray, " observable"]]
"""Returns the expectation values of a circuit's Z words."""
MOST_BITS = 14  # of a distribution that is put together


@dataclass(frozen=True)
class Subcircuits:
    """A piece as circuits.

    Args:
        circuits: One for each combination of the settings of its ends; none for a piece that measures nothing.
        words: Of each circuit, which of its observables is at which place of the piece's tensor; -1 is the constant 1.
        shape: Of the tensor: the words of each end, then the observables of the whole circuit.
    """

    circuits: tuple[Circuit, ...]
    words: tuple[tuple[tuple[tuple[int, ...], int], ...], ...]
    shape: tuple[int, ...]


def subcircuits(pieces: Pieces) -> list[Subcircuits]:
    """Return what is to be run of each piece."""
    return [_of_piece(pieces, piece) for piece in pieces.pieces]


def expectations(pieces: Pieces, run: Run) -> Float64[ndarray, " observable"]:
    """Return the expectation values of the circuit that was cut.

    Args:
        pieces: The circuit, cut.
        run: Runs one circuit, exactly or with shots.

    Example:
        >>> from qfl.backbone.runtime.cutting.cuts import GateCut
        >>> from qfl.backbone.runtime.cutting.pieces import cut
        >>> from qfl.quantum.circuit import Circuit, Gate
        >>> bell = Circuit(2, (Gate("H", (0,)), Gate("CNOT", (0, 1))), ((0, 1), (0,)))
        >>> expectations(cut(bell, [GateCut(1)]), exactly).round(6) + 0.0
        array([1., 0.])
    """
    tensors = [tensor_of(own, [run(circuit) for circuit in own.circuits]) for own in subcircuits(pieces)]
    return join(pieces, tensors)


def exactly(circuit: Circuit) -> Float64[ndarray, " observable"]:
    """Return the exact expectation values of a circuit without angles, in double precision."""
    import torch

    from qfl.quantum.exact import expectations as exact

    return exact(circuit, torch.zeros(0, dtype=torch.float64))[0].numpy()


def join(pieces: Pieces, tensors: Sequence[ndarray], without: int | None = None) -> Float64[ndarray, "..."]:
    """Return the sum over all terms of all cuts, for each observable: the coefficients' matrices times the tensors.

    Args:
        pieces: The circuit, cut.
        tensors: Of every piece: the words of its ends, then the observables.
        without: A piece whose tensor is left out; what is returned then has its axes: the sum's slope in each value.
    """
    axis = {(k, second): 1 + 2 * k + second for k in range(len(pieces.joins)) for second in (False, True)}
    axes = [[*(axis[end.join, end.second] for end in piece.ends), 0] for piece in pieces.pieces]
    operands: list[object] = [np.ones(tensors[0].shape[-1]), [0]]
    for index, tensor in enumerate(tensors):
        operands += [tensor, axes[index]] if index != without else []
    for k, ends in enumerate(pieces.joins):
        operands += [ends.coefficients, [axis[k, False], axis[k, True]]]
    kept = [0] if without is None else axes[without]
    return np.einsum(*operands, kept, optimize=True)  # pyright: ignore[reportArgumentType, reportCallIssue]


def tensor_of(own: Subcircuits, values: Sequence[ndarray]) -> ndarray:
    """Return a piece's values as a tensor: the words of its ends, then the observables.

    Args:
        own: Its circuits.
        values: Expectation values of each, as many as it has observables.
    """
    tensor = np.zeros(own.shape)
    for places, found in zip(own.words, values, strict=True):
        for place, k in places:
            tensor[place] = 1.0 if k < 0 else found[k]
    return tensor


def distribution(pieces: Pieces, run: Run) -> Float64[ndarray, " outcome"]:
    r"""Return the probabilities of all bit strings, wire 0 first.

    :math:`p(z) = 2^{-n} \sum_S (-1)^{z \cdot S} \langle Z_S \rangle` over all subsets of the wires. With shots
    they may be a little below 0.

    Args:
        pieces: The circuit, cut.
        run: Runs one circuit, exactly or with shots.

    Raises:
        ConfigError: If there are more wires than such a table is made for.
    """
    wires = sorted(wire for piece in pieces.pieces for wire in piece.measured)
    if len(wires) > MOST_BITS:
        raise ConfigError(
            f"{len(wires)} wires have {2 ** len(wires)} outcomes; a distribution takes at most {MOST_BITS}"
        )
    bits = list(product((0, 1), repeat=len(wires)))
    words = tuple(tuple(w for w, b in zip(wires, subset, strict=True) if b) for subset in bits)
    values = expectations(Pieces(pieces.pieces, pieces.joins, words, pieces.waits), run)
    table = values.reshape((2,) * len(wires))
    for axis in range(len(wires)):
        even, odd = np.moveaxis(table, axis, 0)
        table = np.stack([even + odd, even - odd], axis) / 2
    return table.reshape(-1)


def _of_piece(pieces: Pieces, piece: Piece) -> Subcircuits:
    settings = [_settings(pieces, end) for end in piece.ends]
    shape = (*(sum(len(s.words) for s in own) for own in settings), len(pieces.observables))
    observed = [tuple(piece.measured[w] for w in word if w in piece.measured) for word in pieces.observables]
    circuits, words = [], []
    for chosen in product(*(range(len(own)) for own in settings)):
        circuit, places = _circuit(piece, settings, chosen, observed)
        circuits.append(circuit)
        words.append(places)
    return Subcircuits(tuple(circuits), tuple(words), shape)


def _settings(pieces: Pieces, end: End) -> tuple[Setting, ...]:
    ends = pieces.joins[end.join]
    return ends.second if end.second else ends.first


def _circuit(
    piece: Piece, settings: list[tuple[Setting, ...]], chosen: tuple[int, ...], observed: list[tuple[int, ...]]
) -> tuple[Circuit, tuple[tuple[tuple[int, ...], int], ...]]:
    """Return the circuit of some settings, and where each of its observables belongs."""
    gates, reads, wires = list[Gate](), [], piece.qubits
    own = iter(zip(settings, chosen, strict=True))
    for step in piece.steps:
        if isinstance(step, Gate):
            gates.append(step)
            continue
        among, index = next(own)
        setting, offset = among[index], sum(len(s.words) for s in among[:index])
        gates += setting.gates(step.wires, wires)
        reads.append([(offset + k, word(step.wires, wires)) for k, word in enumerate(setting.words)])
        wires += setting.spare
    places: dict[tuple[int, ...], int] = {}
    found = []
    for reading in product(*reads, *[list(enumerate(observed))]):
        word = tuple(sorted(wire for _, part in reading for wire in part))
        found.append((tuple(k for k, _ in reading), places.setdefault(word, len(places)) if word else -1))
    features = 1 + max((index for gate in gates for index in gate.read()), default=-1)
    return Circuit(wires, tuple(gates), tuple(places), num_features=features), tuple(found)


def circuits_of(pieces: Pieces) -> Iterator[tuple[int, Circuit]]:
    """Yield every circuit that is to be run, with the position of its piece."""
    for index, own in enumerate(subcircuits(pieces)):
        yield from ((index, circuit) for circuit in own.circuits)


def terms(pieces: Pieces) -> int:
    """Return the number of products that the sum has if each cut is written out."""
    return prod(int(np.count_nonzero(ends.coefficients)) for ends in pieces.joins)
