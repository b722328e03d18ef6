r"""Grover's search for the minimum: a threshold that falls, amplified again and again, exact up to 20 variables.

In each round the states below the threshold are amplified by j iterations, j drawn from a range that grows until one of
them is measured, which is then the threshold. After j iterations on N states of which t are marked a marked one is
measured with probability

.. math:: \sin^2((2j + 1)\theta), \qquad \sin^2\theta = t / N,

and all marked ones alike. So the search is simulated exactly from the table of energies, without the 2^n amplitudes of
each iteration. It costs about :math:`22.5 \sqrt N` iterations, each a coherent evaluation of the model: nothing that a
machine of today runs, and the honest upper end of what search alone can give.

Reference:
    Duerr and Hoyer, A quantum algorithm for finding the minimum, 1996, quant-ph/9607014; Boyer, Brassard, Hoyer and
    Tapp, Tight bounds on quantum searching, 1998, Theorem 3, for the growing range; Gilliam, Woerner and Gonciulea,
    Grover adaptive search for constrained polynomial binary optimization, Quantum 5, 428 (2021).
"""

from math import asin, sin, sqrt
from typing import Any

import dimod
import numpy as np
from jaxtyping import Float64
from numpy import ndarray

from qfl.scheduling.solvers.qaoa import SAMPLES
from qfl.scheduling.solvers.qubit_qaoa import MOST_VARIABLES, state_rewards
from qfl.seeds import stream

GROWTH = 8 / 7  # of the range of iterations after a miss; Boyer et al. allow 1 to 4/3
ENOUGH = 22.5  # iterations over the root of the states, after which half of all searches have ended (Duerr and Hoyer)


class GroverSearch(dimod.Sampler):
    """Search for the least energy of a binary quadratic model.

    Example:
        >>> found = GroverSearch().sample_ising({"a": 1.0}, {("a", "b"): -1.0})
        >>> float(found.first.energy), found.info["oracle_calls"] > 0
        (-2.0, True)
    """

    @property
    def properties(self) -> dict[str, Any]:
        """What this sampler is."""
        return {"most_variables": MOST_VARIABLES}

    @property
    def parameters(self) -> dict[str, Any]:
        """What `sample` takes."""
        return {"num_reads": [], "seed": []}

    def sample(self, bqm: dimod.BinaryQuadraticModel, **parameters: Any) -> dimod.SampleSet:
        """Return the thresholds that were found, the last the least, and in ``info`` how often the model was evaluated.

        Args:
            bqm: The model.
            parameters: ``num_reads``: measurements at most (32); ``seed`` (0). Others are dropped with dimod's warning.

        Raises:
            ConfigError: If the model has more than 20 variables.
        """
        known: dict[str, Any] = self.remove_unknown_kwargs(**parameters)  # pyright: ignore[reportUnknownMemberType]
        return self._sample(bqm, **known)

    def _sample(self, bqm: dimod.BinaryQuadraticModel, num_reads: int = 32, seed: int = 0) -> dimod.SampleSet:
        if not bqm.num_variables:
            return SAMPLES.from_samples([], bqm.vartype, energy=[])
        energy = -state_rewards(bqm)
        states, calls = search(energy.reshape(-1), num_reads, stream(seed, "grover"))
        low, high = (-1, 1) if bqm.vartype is dimod.SPIN else (0, 1)
        bits = np.array(np.unravel_index(states, energy.shape)).T
        values = np.where(bits == 1, high, low).astype(np.int8)
        found = SAMPLES.from_samples_bqm((values, list(bqm.variables)), bqm)
        found.info["oracle_calls"] = calls
        return found


def search(energy: Float64[ndarray, " state"], reads: int, draw: np.random.Generator) -> tuple[list[int], int]:
    """Return the states that were thresholds in turn, and how many iterations were run.

    Args:
        energy: Of every state.
        reads: Measurements at most, the first of them of the even superposition.
        draw: Of iterations and measurements.
    """
    found, calls, most = [int(draw.integers(len(energy)))], 0, 1.0
    for _ in range(reads - 1):
        iterations = int(draw.integers(int(np.ceil(most))))
        state = measured(energy < energy[found[-1]], iterations, draw)
        calls += iterations
        if energy[state] < energy[found[-1]]:
            found.append(state)
            most = 1.0
        else:
            most = min(GROWTH * most, sqrt(len(energy)))
        if calls > ENOUGH * sqrt(len(energy)):
            break
    return found, calls


def measured(marked: ndarray, iterations: int, draw: np.random.Generator) -> int:
    """Return a state as it is measured after some iterations on the even superposition.

    Args:
        marked: Whether a state is.
        iterations: Of Grover's operator.
        draw: Of the measurement.
    """
    hit = draw.random() < chance(int(marked.sum()), len(marked), iterations)
    return int(draw.choice(np.flatnonzero(marked if hit else ~marked)))


def chance(marked: int, states: int, iterations: int) -> float:
    """Return the probability that a marked state is measured.

    Args:
        marked: How many are.
        states: How many there are.
        iterations: Of Grover's operator.

    Example:
        >>> round(chance(1, 4, 1), 12)  # one of four is found at once
        1.0
    """
    return sin((2 * iterations + 1) * asin(sqrt(marked / states))) ** 2
