"""QAOA under a transverse field: a sampler of any binary quadratic model, exact up to 20 variables.

A qubit is a device with two options: on two options J - 1 is the Pauli matrix X, so the mixer of `qfl.quantum.one_hot`
is the transverse field of Farhi et al. and nothing else is needed.

Any sampler of dimod's interface fits the same place, a quantum annealer among them:
``EmbeddingComposite(DWaveSampler()).sample(bqm)``.

Reference: Farhi, Goldstone and Gutmann, A quantum approximate optimization algorithm (2014), eq. (1) to (5).
"""

from typing import Any

import dimod
import numpy as np
from jaxtyping import Float64
from numpy import ndarray

from qfl.errors import ConfigError
from qfl.quantum.one_hot import sample
from qfl.quantum.qaoa_angles import QaoaAngles, choose_angles
from qfl.scheduling.solvers.qaoa import SAMPLES
from qfl.seeds import stream

MOST_VARIABLES = 20


class QubitQAOA(dimod.Sampler):
    """Draw from the QAOA state of a binary quadratic model, one qubit per variable.

    Example:
        >>> QubitQAOA().sample_ising({"a": 1.0}, {("a", "b"): -1.0}).first.sample
        {'a': np.int8(-1), 'b': np.int8(-1)}
    """

    @property
    def properties(self) -> dict[str, Any]:
        """What this sampler is."""
        return {"most_variables": MOST_VARIABLES, "mixer": "transverse field"}

    @property
    def parameters(self) -> dict[str, Any]:
        """What `sample` takes."""
        return {"num_reads": [], "layers": [], "angles": [], "seed": []}

    def sample(self, bqm: dimod.BinaryQuadraticModel, **parameters: Any) -> dimod.SampleSet:
        """Return the draws with their energies.

        Args:
            bqm: The model.
            parameters: ``num_reads``: shots (64); ``layers``: depth (3); ``angles``: ``fixed``, ``optimised`` or a
                `QaoaAngles`; ``seed``: same seed, same draws (0). Others are dropped with dimod's warning.

        Raises:
            ConfigError: If the model has more than `MOST_VARIABLES` variables, or the angles are unknown.
        """
        known: dict[str, Any] = self.remove_unknown_kwargs(**parameters)  # pyright: ignore[reportUnknownMemberType]
        return self._sample(bqm, **known)

    def _sample(
        self,
        bqm: dimod.BinaryQuadraticModel,
        num_reads: int = 64,
        layers: int = 3,
        angles: QaoaAngles | str = "fixed",
        seed: int = 0,
    ) -> dimod.SampleSet:
        if not bqm.num_variables:
            return SAMPLES.from_samples([], bqm.vartype, energy=[])
        reward = state_rewards(bqm)
        ramp = choose_angles(reward, layers, angles)
        bits = sample(reward, *ramp, num_reads, stream(seed, "qubit-qaoa"))
        states = np.asarray(_values(bqm), dtype=np.int8)[bits]
        found = SAMPLES.from_samples_bqm((states, list(bqm.variables)), bqm)
        found.info.update(gammas=ramp.gammas, betas=ramp.betas)
        return found.aggregate()


def state_rewards(bqm: dimod.BinaryQuadraticModel) -> Float64[ndarray, "*option"]:
    """Return minus the energy of all states, an axis of two per variable.

    Raises:
        ConfigError: If there are more than `MOST_VARIABLES` variables.
    """
    count = bqm.num_variables
    if count > MOST_VARIABLES:
        raise ConfigError(f"the model has {count} variables and exact QAOA takes {MOST_VARIABLES}; give smaller blocks")
    axes = {label: np.array(_values(bqm)).reshape(_along(axis, count)) for axis, label in enumerate(bqm.variables)}
    energy = np.full((2,) * count, float(bqm.offset))
    for label, bias in bqm.iter_linear():
        energy += float(bias) * axes[label]
    for first, second, bias in bqm.iter_quadratic():  # pyright: ignore[reportUnknownMemberType]
        energy += float(bias) * (axes[first] * axes[second])
    return -energy


def _values(bqm: dimod.BinaryQuadraticModel) -> tuple[float, float]:
    return (-1.0, 1.0) if bqm.vartype is dimod.SPIN else (0.0, 1.0)


def _along(axis: int, count: int) -> tuple[int, ...]:
    return (1,) * axis + (2,) + (1,) * (count - 1 - axis)
