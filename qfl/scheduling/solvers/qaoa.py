"""QAOA in the one-hot subspace: a sampler of discrete quadratic models, and of the blocks of a descent.

`qfl.quantum.one_hot` simulates the ideal mixer exactly. `qfl.scheduling.solvers.pennylane_qaoa` runs the same circuit
on qubits of any PennyLane device, and `qfl.scheduling.solvers.qubit_qaoa` takes binary models without one-hot groups.

On a simulator this cannot beat enumeration: the rewards of all choices, which it needs, are already the whole search.
What it shows is how well QAOA's draws do at equal shots.
"""

from collections.abc import Hashable, Mapping
from functools import lru_cache
from typing import Any, Unpack

import dimod
import numpy as np
from jaxtyping import Float64
from numpy import ndarray

from qfl.errors import ConfigError
from qfl.quantum.one_hot import sample
from qfl.quantum.qaoa_angles import QaoaAngles, choose_angles, fixed_angles, optimise
from qfl.scheduling import descent
from qfl.scheduling.descent import BlockChooser, BlockSampler, DescentOptions, on_diagonal
from qfl.scheduling.models.block import BlockModel
from qfl.scheduling.problem import Problem
from qfl.scheduling.schedule import Schedule
from qfl.scheduling.solution import Solution
from qfl.seeds import stream

SAMPLES: Any = dimod.SampleSet  # dimod's methods are typed in part
MOST_CHOICES = 1 << 26  # amplitudes of 16 bytes, a few copies of them: 4 GiB


class OneHotQAOA:
    """Draw from the QAOA state of a discrete quadratic model; every draw takes one case of every variable.

    It has the interface of dimod's samplers of discrete models (`dimod.ExactDQMSolver`, D-Wave's hybrid samplers).

    Example:
        >>> dqm = dimod.DiscreteQuadraticModel()
        >>> for name in "ab":
        ...     _ = dqm.add_variable(3, name)
        >>> dqm.set_quadratic("a", "b", {(case, case): 5.0 for case in range(3)})  # the same sub-channel: interference
        >>> drawn = OneHotQAOA().sample_dqm(dqm).first.sample
        >>> drawn["a"] != drawn["b"]
        np.True_
    """

    properties: Mapping[str, Any]
    parameters: Mapping[str, Any]

    def __init__(self):
        self.properties = {"most_choices": MOST_CHOICES, "mixer": "ideal"}
        self.parameters = {"num_reads": [], "layers": [], "angles": [], "seed": []}

    def sample_dqm(
        self,
        dqm: dimod.DiscreteQuadraticModel,
        *,
        num_reads: int = 64,
        layers: int = 3,
        angles: QaoaAngles | str = "fixed",
        seed: int = 0,
    ) -> dimod.SampleSet:
        """Return the draws with their energies, which are to be minimised.

        Args:
            dqm: The model; its energy is minus the reward.
            num_reads: Shots.
            layers: Depth p.
            angles: ``fixed``, ``optimised`` for this model, or the angles themselves.
            seed: Same seed, same draws.

        Raises:
            ConfigError: If the model has more than `MOST_CHOICES` choices, or the angles are unknown.
        """
        if not dqm.num_variables():
            return SAMPLES.from_samples([], "DISCRETE", energy=[])
        reward = choice_rewards(dqm)
        ramp = choose_angles(reward, layers, angles)
        drawn = sample(reward, *ramp, num_reads, stream(seed, "one-hot-qaoa"))
        return dqm_samples(dqm, drawn, gammas=ramp.gammas, betas=ramp.betas)


def choice_rewards(dqm: dimod.DiscreteQuadraticModel) -> Float64[ndarray, "*option"]:
    """Return minus the energy of every choice, one axis per variable.

    Raises:
        ConfigError: If there are more than `MOST_CHOICES`.
    """
    labels, model = variable_names(dqm), _untyped(dqm)
    shape: list[int] = [model.num_cases(label) for label in labels]
    if np.prod(shape, dtype=float) > MOST_CHOICES:
        raise ConfigError(
            f"the model has {np.prod(shape, dtype=float):.3g} choices and exact one-hot QAOA takes {MOST_CHOICES}; "
            "give smaller blocks or fewer options"
        )
    energy = np.full(shape, float(model.offset))
    for a, label in enumerate(labels):
        energy += np.asarray(model.get_linear(label)).reshape([-1 if axis == a else 1 for axis in range(len(shape))])
        for other in model.adj[label]:
            b = labels.index(other)
            if a < b:
                pair = model.get_quadratic(label, other, array=True)
                energy += pair.reshape([shape[axis] if axis in (a, b) else 1 for axis in range(len(shape))])
    return -energy


def _untyped(dqm: dimod.DiscreteQuadraticModel) -> Any:
    return dqm


def variable_names(dqm: dimod.DiscreteQuadraticModel) -> list[Hashable]:
    """Return the names of the variables, in the order of the axes of `choice_rewards`."""
    return list(dqm.variables or ())


def dqm_samples(dqm: dimod.DiscreteQuadraticModel, drawn: ndarray, **info: Any) -> dimod.SampleSet:
    """Return draws [shot variable] as dimod's sample set, equal ones counted together."""
    drawings = (drawn, variable_names(dqm))
    return SAMPLES.from_samples(drawings, "DISCRETE", energy=_untyped(dqm).energies(drawings), info=info).aggregate()


def solve(
    problem: Problem,
    *,
    seed: int,
    layers: int = 3,
    shots: int = 64,
    optimised: bool = False,
    sampler: Any = None,
    **settings: Unpack[DescentOptions],
) -> Solution[Schedule]:
    """Return the result of `qfl.scheduling.descent.solve` with the best QAOA draw of every block; its settings apply.

    Args:
        problem: A rate objective.
        seed: Of start, blocks and draws.
        layers: Depth p.
        shots: Draws per block.
        optimised: Fit the angles to every block, instead of the fixed ones.
        sampler: What runs the blocks; None is the exact simulation, on the table of rewards. Another one, such as
            `qfl.scheduling.solvers.pennylane_qaoa.PennyLaneQAOA`, takes discrete quadratic models.
        **settings: Of `qfl.scheduling.descent.solve`.
    """
    choose = block_chooser(layers, shots, optimised=optimised, sampler=sampler)
    return descent.solve(problem, choose, "qaoa_bcd", seed=seed, **settings)


def block_chooser(layers: int = 3, shots: int = 64, *, optimised: bool = False, sampler: Any = None) -> BlockChooser:
    """Return what picks the options of a block by QAOA.

    Args:
        layers: Depth p.
        shots: Draws per block.
        optimised: Fit the angles to every block, instead of the fixed ones.
        sampler: What runs the blocks; None is the exact simulation, another one takes discrete quadratic models.
    """
    if sampler is None:
        return on_diagonal(block_sampler(layers, shots, optimised=optimised))
    angles = "optimised" if optimised else "fixed"
    return of_dqm_sampler(sampler, num_reads=shots, layers=layers, angles=angles)


def block_sampler(layers: int = 3, shots: int = 64, *, optimised: bool = False) -> BlockSampler:
    """Return a function that draws choices of a block and gives the best one drawn, for block coordinate descent.

    Args:
        layers: Depth p.
        shots: Draws per block.
        optimised: Fit the angles to every block, instead of the fixed ones.

    Returns:
        A function of the rewards [option]*devices and a generator.

    Example:
        >>> choose = block_sampler()
        >>> choose(np.array([[1.0, 5.0], [2.0, 3.0]]), np.random.default_rng(1))
        (0, 1)
    """

    def choose(reward: ndarray, generator: np.random.Generator) -> tuple[int, ...]:
        ramp = optimise(reward, layers) if optimised else _ramp(reward.shape, layers)
        drawn = sample(reward, *ramp, shots, generator)
        best = drawn[reward[tuple(drawn.T)].argmax()]
        return tuple(best.tolist())

    return choose


def of_dqm_sampler(sampler: Any, **parameters: Any) -> BlockChooser:
    """Return the block chooser of a sampler of discrete quadratic models that takes a seed: the best of its samples.

    Where no sample is left, as with noise that breaks every one-hot state, each device takes the option that is best
    for it alone.

    Example:
        >>> model = BlockModel(np.array([4]), 0.0, np.array([[1.0, 3.0]]), np.zeros((1, 1, 2, 2)))
        >>> of_dqm_sampler(OneHotQAOA())(model, np.random.default_rng(1))
        (1,)
    """

    def choose(model: BlockModel, generator: np.random.Generator) -> tuple[int, ...]:
        found = sampler.sample_dqm(model.to_dqm(), seed=int(generator.integers(2**31)), **parameters)
        if not len(found):
            return tuple(model.linear.argmax(axis=1).tolist())
        return model.decode(dict(found.first.sample))

    return choose


@lru_cache
def _ramp(shape: tuple[int, ...], layers: int) -> QaoaAngles:
    return fixed_angles(float(np.mean(shape)), len(shape), layers)
