"""How far values from shots are from those of the whole circuit, predicted, and how shots are best spread."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from jaxtyping import Float64
from numpy import ndarray

from qfl.backbone.runtime.cutting.pieces import Pieces
from qfl.backbone.runtime.cutting.reconstruct import Run, Subcircuits, exactly, join, subcircuits, tensor_of
from qfl.errors import ConfigError
from qfl.quantum.circuit import Circuit
from qfl.quantum.observables import only_z_words


@dataclass(frozen=True)
class ShotNoise:
    """What one shot of each circuit adds to the variance of each value.

    Args:
        one_shot: Variance that a circuit would add if it were run once; over n shots it is that, divided by n.
    """

    one_shot: Float64[ndarray, "circuit observable"]

    def variance(self, shots: int | Sequence[int]) -> Float64[ndarray, " observable"]:
        """Return the variance of each value, to first order in one over the shots.

        Args:
            shots: Of every circuit, or of each, in the order of `qfl.backbone.runtime.cutting.reconstruct.circuits_of`.
        """
        each = np.broadcast_to(np.asarray(shots, float), len(self.one_shot))
        return (self.one_shot / each[:, None]).sum(axis=0)

    def spread(self, total: int, even: float = 0.5) -> list[int]:
        """Return shots for each circuit that make the sum of the variances small.

        A part is spread evenly, the rest as the roots of what one shot adds. The even part is needed: circuits that add
        nothing to first order, for what they are multiplied with is 0, add much to second order if they are run once.

        Args:
            total: Shots of all circuits together.
            even: The part that is spread evenly, from 0 to 1.

        Raises:
            ConfigError: If there are fewer shots than circuits.
        """
        count = len(self.one_shot)
        if total < count:
            raise ConfigError(f"{total} shots are to be spread over {count} circuits; give at least one each")
        roots = np.sqrt(self.one_shot.sum(axis=1))
        share = roots / roots.sum() if roots.sum() > 0 else np.full(count, 1 / count)
        return [1 + int(n) for n in (total - count) * (even / count + (1 - even) * share)]


def shot_noise(pieces: Pieces, run: Run = exactly) -> ShotNoise:
    """Return what the shots of each circuit add, from exact values of the pieces.

    Args:
        pieces: The circuit, cut.
        run: Gives the values of a circuit's words and of their products.
    """
    own = subcircuits(pieces)
    moments = [[_moments(circuit, run) for circuit in part.circuits] for part in own]
    tensors = [tensor_of(part, [mean for mean, _ in found]) for part, found in zip(own, moments, strict=True)]
    rows = []
    for index, part in enumerate(own):
        slopes = join(pieces, tensors, without=index)
        for k, (mean, second) in enumerate(moments[index]):
            weights = _weights(part, k, slopes, len(mean))
            rows.append(np.einsum("wo,wv,vo->o", weights, second - np.outer(mean, mean), weights))
    return ShotNoise(np.maximum(np.array(rows), 0.0))


def _moments(circuit: Circuit, run: Run) -> tuple[Float64[ndarray, " word"], Float64[ndarray, "word word"]]:
    """Return the means of a circuit's words and of their products."""
    words = only_z_words(circuit.observables, "a cut circuit")
    pairs = [[tuple(sorted(set(a) ^ set(b))) for b in words] for a in words]
    needed = list(dict.fromkeys([w for row in pairs for w in row if w] + list(words)))
    if not needed:
        return np.zeros(0), np.zeros((0, 0))
    value = dict(zip(needed, run(Circuit(circuit.num_qubits, circuit.gates, tuple(needed))), strict=True)) | {(): 1.0}
    return np.array([value[w] for w in words]), np.array([[value[w] for w in row] for row in pairs])


def _weights(part: Subcircuits, k: int, slopes: ndarray, words: int) -> Float64[ndarray, "word observable"]:
    """Return by how much each value grows with each word of a circuit."""
    weights = np.zeros((words, part.shape[-1]))
    for place, word in part.words[k]:
        if word >= 0:
            weights[word, place[-1]] += slopes[place]
    return weights
