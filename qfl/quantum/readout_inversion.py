r"""Readout errors of each wire undone: what is read is a linear map of what is there, and the map is inverted.

A wire that reads 1 of a 0 with probability e and 0 of a 1 with probability f gives, in place of Z,

.. math:: Z' = a + b Z, \qquad a = f - e, \quad b = 1 - e - f,

on the average, wire by wire, so that a word is :math:`\prod_w (Z'_w - a_w) / b_w`: a sum over the words of some of its
wires, all of which the same shots measure.

Reference:
    Bravyi, Sheldon, Kandala, McKay and Gambetta, Mitigating measurement errors in multiqubit experiments, PRA 103,
    042605 (2021), for errors that factor over qubits.
"""

from collections.abc import Callable, Sequence
from dataclasses import replace
from itertools import combinations
from math import prod

import numpy as np
from jaxtyping import Float64
from numpy import ndarray
from torch import Tensor

from qfl.quantum.circuit import Circuit
from qfl.quantum.observables import Observable, as_sum, letters

Flips = Sequence[tuple[float, float]]
"""For every wire, how likely 1 is read of a 0, and 0 of a 1."""
Word = tuple[int, ...]


def inverted(run: Callable[[Circuit], Tensor], flips: Flips) -> Callable[[Circuit], Tensor]:
    """Return what runs a circuit with its readout errors undone; observables are words of Z and sums of these.

    Args:
        run: Runs a circuit on the device, [... observable].
        flips: Of every wire; e + f below 1.

    Example:
        >>> import torch
        >>> from qfl.quantum.circuit import Gate
        >>> def always_reads(circuit):  # a device that reads 1 of every 0 in ten
        ...     return torch.full((len(circuit.observables),), 0.8, dtype=torch.float64)
        >>> circuit = Circuit(1, (Gate("Z", (0,)),), ((0,),))
        >>> inverted(always_reads, [(0.1, 0.0)])(circuit).round(decimals=12)
        tensor([1.], dtype=torch.float64)
    """

    def undone(circuit: Circuit) -> Tensor:
        words, matrix = inversion(circuit.observables, flips)
        read = run(replace(circuit, observables=words))
        return read @ read.new_tensor(matrix[1:]) + read.new_tensor(matrix[0])

    return undone


def inversion(
    observables: Sequence[Observable], flips: Flips
) -> tuple[tuple[Word, ...], Float64[ndarray, "word observable"]]:
    """Return the words to be read, and what each is worth to each observable; the first row is the constant.

    Args:
        observables: Words of Z, and sums of these.
        flips: Of every wire.

    Example:
        >>> words, matrix = inversion([(0, 1)], [(0.1, 0.1), (0.0, 0.2)])
        >>> words, matrix[:, 0].round(4).tolist()
        (((0,), (0, 1)), [0.0, -0.3125, 1.5625])
    """
    found: list[dict[Word, float]] = [_of(observable, flips) for observable in observables]
    words = sorted({word for own in found for word in own if word}, key=lambda word: (len(word), word))
    matrix = np.zeros((1 + len(words), len(found)))
    for k, own in enumerate(found):
        for word, weight in own.items():
            matrix[words.index(word) + 1 if word else 0, k] = weight
    return tuple(words), matrix


def growth(observable: Observable, flips: Flips) -> float:
    r"""Return by how much the standard deviation of an observable grows, at most.

    Of a word :math:`\prod_w (1 + |a_w|) / b_w`, by which it lies in; of a sum, that of its longest-growing word.

    Args:
        observable: A word of Z, or a sum of these.
        flips: Of every wire.
    """
    words = [[wire for _, wire in letters(word)] for _, word in as_sum(observable).terms]
    return max(prod((1 + abs(flips[w][1] - flips[w][0])) / _slope(flips[w]) for w in word) for word in words)


def _of(observable: Observable, flips: Flips) -> dict[Word, float]:
    """Return the words whose readings make an observable, with their weights; those of weight 0 are left out."""
    total: dict[Word, float] = {}
    for coefficient, text in as_sum(observable).terms:
        wires = sorted(wire for _, wire in letters(text))
        scale = coefficient / prod(_slope(flips[w]) for w in wires)
        for size in range(len(wires) + 1):
            for word in combinations(wires, size):
                weight = scale * prod(flips[w][0] - flips[w][1] for w in wires if w not in word)
                if weight:
                    total[word] = total.get(word, 0.0) + weight
    return total


def _slope(flip: tuple[float, float]) -> float:
    return 1 - flip[0] - flip[1]
