"""Random schedules to begin with."""

import numpy as np
from jaxtyping import Int64
from numpy import ndarray

from qfl.scheduling.problem import Problem
from qfl.scheduling.schedule import Schedule
from qfl.seeds import stream


def random_channels(problem: Problem, seed: int) -> Int64[ndarray, " device"]:
    """Return a random sub-channel for each device: independent, or evenly filled under capacity."""
    generator = stream(seed, "random-channel")
    if problem.instance.variant != "capacity":
        return generator.integers(problem.num_channels, size=problem.num_devices)
    places = np.tile(np.arange(problem.num_channels), -(-problem.num_devices // problem.num_channels))
    return generator.permutation(places[: problem.num_devices])


def random_options(problem: Problem, seed: int) -> Schedule:
    """Return a random sub-channel and one of the two powers for each device."""
    power_w = stream(seed, "random-power").choice(problem.options.levels, problem.num_devices)
    return Schedule(random_channels(problem, seed), power_w)
