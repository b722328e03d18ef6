"""Shots of many rows at once: bit strings are drawn from the exact probabilities, and every word is read of the same.

So values have the mean, the variance and the covariances of a device's, and no circuit is run shot by shot.
"""

# pyright: reportUnknownMemberType=false, reportUnknownVariableType=false, reportUnknownArgumentType=false
# (torch does not annotate from_numpy)

import numpy as np
import torch
from jaxtyping import Float
from torch import Tensor

from qfl.quantum.circuit import Circuit
from qfl.quantum.exact import probabilities
from qfl.quantum.observables import only_z_words


def sampled(
    circuit: Circuit, rows: Float[Tensor, "row input"], shots: int, generator: np.random.Generator
) -> Float[Tensor, "row observable"]:
    """Return the mean of each Z word over shots, for every row.

    Args:
        circuit: Without angles; its features are the inputs.
        rows: Inputs.
        shots: Of each row, at least 1.
        generator: Of the draws.

    Example:
        >>> from qfl.quantum.circuit import Gate
        >>> bell = Circuit(2, (Gate("H", (0,)), Gate("CNOT", (0, 1))), ((0,), (0, 1)))
        >>> found = sampled(bell, torch.zeros(3, 0), 100, np.random.default_rng(1))
        >>> bool((found[:, 0].abs() < 0.5).all()), found[:, 1].tolist()
        (True, [1.0, 1.0, 1.0])
    """
    with torch.no_grad():
        chances = probabilities(circuit, rows.new_zeros(0), rows).double().numpy()
    counts = generator.multinomial(shots, chances / chances.sum(axis=1, keepdims=True))
    words = only_z_words(circuit.observables, "a device with shots")
    return torch.from_numpy(counts @ _signs(circuit.num_qubits, words) / shots).to(rows.dtype)


def _signs(qubits: int, words: tuple[tuple[int, ...], ...]) -> Float[np.ndarray, "state observable"]:
    """Return the value of each word at each bit string, wire 0 the most significant bit."""
    signs = 1.0 - 2.0 * (np.arange(2**qubits)[:, None] >> np.arange(qubits)[::-1] & 1)
    return np.stack([signs[:, list(word)].prod(axis=1) for word in words], axis=1)
