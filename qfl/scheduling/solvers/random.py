"""The random floor: what no planning at all gives, and the random starts of the other methods."""

import numpy as np
from jaxtyping import Int64
from numpy import ndarray

from qfl.errors import ConfigError
from qfl.scheduling.options import options
from qfl.scheduling.problem import Problem, Schedule
from qfl.scheduling.solution import Recorder, Solution, Status
from qfl.seeds import stream


def solve(
    problem: Problem, *, seed: int, start: Schedule | None = None, max_evaluations: int | None = None
) -> Solution:
    """Return a random sub-channel and a power uniform in dBm for each device (start and limit are not used)."""
    instance, generator = problem.instance, stream(seed, "random-schedule")
    low_w = max(instance.min_power_w, 1e-6 * instance.max_power_w)
    power_w = np.exp(generator.uniform(np.log(low_w), np.log(instance.max_power_w), problem.num_devices))
    schedule = Schedule(random_channels(problem, seed), np.minimum(power_w, instance.max_power_w))
    return Recorder(problem, "random", "none").solution(schedule, Status.FINISHED)


def random_channels(problem: Problem, seed: int) -> Int64[ndarray, " device"]:
    """Return a random sub-channel for each device: independent, or evenly filled under V4."""
    generator = stream(seed, "random-channel")
    if problem.instance.variant != "V4":
        return generator.integers(problem.num_channels, size=problem.num_devices)
    places = np.tile(np.arange(problem.num_channels), -(-problem.num_devices // problem.num_channels))
    return generator.permutation(places[: problem.num_devices])


def random_options(problem: Problem, seed: int) -> Schedule:
    """Return a random sub-channel and one of the two powers for each device."""
    power_w = stream(seed, "random-power").choice(options(problem).levels, problem.num_devices)
    return Schedule(random_channels(problem, seed), power_w)


def refuse_round_time(problem: Problem, method: str) -> None:
    """Raise for a method that maximises rates only.

    Raises:
        ConfigError: If the objective is `round_time`.
    """
    if problem.objective == "round_time":
        raise ConfigError(
            f"{method} maximises a sum of rates and the objective is round_time; "
            "give tdma_lpt, squared_loads_annealing, squared_loads_qaoa, brute_force, or another objective"
        )
