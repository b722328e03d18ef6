"""What a decision looks at: the reduced problem, what the control loop wants, and the state of the hardware.

The paper's three dimensions (section II-C): problem features, operational context, hardware state.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from math import inf, isfinite, log, log1p

import dimod
import numpy as np
from jaxtyping import Float64
from numpy import ndarray

from qfl.errors import ConfigError
from qfl.seeds import stream


@dataclass(frozen=True)
class ProblemFeatures:
    """A reduced problem in numbers.

    Args:
        variables: Binary variables.
        density: Couplings over pairs of variables, 0 to 1.
        roughness: Share of downhill walks from random points that end above the best of all their ends, 0 to 1: how
            often a local search is stuck.
        spread: Standard deviation of the coefficients over their mean size.
    """

    variables: int
    density: float
    roughness: float
    spread: float


@dataclass(frozen=True)
class Context:
    """What the control loop wants.

    Args:
        deadline_s: Seconds left.
        energy_j: Joules that the decision may cost; infinity for no budget.
        reliability: Least probability of an answer in time for which a backend is asked at all, 0 to 1.
    """

    deadline_s: float
    energy_j: float = inf
    reliability: float = 0.0

    def __post_init__(self):
        if not (isfinite(self.deadline_s) and self.deadline_s > 0):
            raise ConfigError(f"deadline_s is {self.deadline_s:g}; give a finite number of seconds above 0")
        if not (self.energy_j >= 0 and 0 <= self.reliability <= 1):
            raise ConfigError(
                f"energy_j is {self.energy_j:g} and reliability {self.reliability:g}; give 0 or more, and 0 to 1"
            )


@dataclass(frozen=True)
class HardwareState:
    """A backend at this moment.

    Args:
        available: Whether it takes jobs.
        queue_s: Seconds of work before this job.
        calibration_age_s: Seconds since it was calibrated; 0 where nothing drifts.
        shots: Shots, reads or restarts that fit into the time.
        energy_j: Joules that the job would cost, cooling and host included.
    """

    available: bool = True
    queue_s: float = 0.0
    calibration_age_s: float = 0.0
    shots: int = 0
    energy_j: float = 0.0


def problem_features(model: dimod.BinaryQuadraticModel, *, walks: int = 20, seed: int = 1) -> ProblemFeatures:
    """Return the features of a binary quadratic model.

    Args:
        model: The reduced problem.
        walks: Random points from which roughness is sampled.
        seed: Of the points.

    Raises:
        ConfigError: If it has no variable, or a coefficient is not finite.

    Example:
        >>> model = dimod.BinaryQuadraticModel({"a": -1.0, "b": 1.0}, {"ab": 2.0}, "BINARY")
        >>> problem_features(model).density
        1.0
    """
    count = model.num_variables
    vectors = model.binary.to_numpy_vectors()
    linear, (row, column, coupling) = vectors.linear_biases, vectors.quadratic
    numbers = np.concatenate([linear, coupling])
    if not count or not np.isfinite(numbers).all():
        raise ConfigError(
            f"the problem has {count} variables and coefficients {numbers[:3].tolist()}...; give one variable or more "
            "and finite numbers"
        )
    quadratic = np.zeros((count, count))
    quadratic[row, column] = coupling
    quadratic += quadratic.T
    size = np.abs(numbers).mean()
    return ProblemFeatures(
        count,
        len(coupling) / max(1, count * (count - 1) / 2),
        _roughness(linear, quadratic, walks, stream(seed, "backbone", "roughness")),
        float(numbers.std() / size) if size else 0.0,
    )


def _roughness(
    linear: Float64[ndarray, " variable"],
    quadratic: Float64[ndarray, "variable variable"],
    walks: int,
    generator: np.random.Generator,
) -> float:
    """Return the share of steepest descents from random points that end above the lowest end."""
    ends = []
    for _ in range(walks):
        x = generator.integers(2, size=len(linear)).astype(float)
        field = linear + quadratic @ x  # kept up to date, so that a step takes one column and not the whole table
        while (change := (1 - 2 * x) * field)[k := int(change.argmin())] < -1e-12:
            x[k] = 1 - x[k]
            field += (2 * x[k] - 1) * quadratic[k]
        ends.append(float(linear @ x + x @ quadratic @ x / 2))
    size = max(np.abs(linear).max(initial=0.0), np.abs(quadratic).max(initial=0.0))
    return float(np.mean(np.array(ends) > min(ends) + 1e-9 * size))


def vector(problem: ProblemFeatures, state: HardwareState) -> Float64[ndarray, " feature"]:
    """Return what the regressions see: a constant, and every feature at a size near 1."""
    return np.array(
        [
            1.0,
            log(problem.variables) / 4,
            problem.density,
            2 * problem.roughness - 1,
            min(problem.spread, 4.0) / 2,
            log1p(state.queue_s),
            log1p(state.calibration_age_s / 3600),
            log1p(state.shots) / 8,
        ]
    )


FEATURES = 8


def as_row(problem: ProblemFeatures, context: Context, states: Mapping[str, HardwareState]) -> dict[str, object]:
    """Return everything that a decision looked at, as plain values.

    Args:
        problem: The reduced problem.
        context: What the control loop wants.
        states: Of the backends, by name.
    """
    return {**vars(problem), **vars(context), "hardware": {name: dict(vars(state)) for name, state in states.items()}}
