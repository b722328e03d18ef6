"""Simulated annealing on the true sum rate, by heat-bath moves of one device."""

import numpy as np

from qfl.scheduling.models.occupancy import occupy
from qfl.scheduling.problem import Problem
from qfl.scheduling.schedule import Schedule
from qfl.scheduling.solution import Recorder, Solution, Status
from qfl.scheduling.solvers.best_response import improve, moved, option_gains
from qfl.scheduling.specs import require_kind
from qfl.scheduling.starts import random_options
from qfl.seeds import stream


def solve(
    problem: Problem,
    *,
    seed: int,
    start: Schedule | None = None,
    max_evaluations: int | None = None,
    num_sweeps: int = 60,
    hottest: float = 1.0,
    coldest: float = 1e-3,
) -> Solution[Schedule]:
    """Return the best schedule met while cooling, polished by best responses.

    A move draws one device's option from the Boltzmann distribution of the true weighted sum rate, all other devices
    fixed: exact for the device, and as good as its M options' worth of Metropolis proposals. The temperature falls
    geometrically. An iteration is a sweep over all devices; the trace holds the best value so far.

    Args:
        problem: A rate objective.
        seed: Of the start and of the moves.
        start: Where to begin; random options if None.
        max_evaluations: Limit.
        num_sweeps: Sweeps of cooling.
        hottest: First temperature in bit/s/Hz.
        coldest: Last temperature.

    Reference:
        Kirkpatrick, Gelatt and Vecchi, Optimization by simulated annealing, 1983; Geman and Geman, 1984 (heat bath).
    """
    require_kind(problem, "rates", "annealing")
    schedule = random_options(problem, seed) if start is None else start
    record = Recorder(problem, "annealing", "random" if start is None else "given", max_evaluations)
    choice, generator = problem.options, stream(seed, "annealing")
    best, best_value = schedule, problem.value(schedule)
    record.note(best_value)
    for temperature in np.geomspace(hottest, coldest, num_sweeps):
        present = occupy(problem, schedule)
        for device in generator.permutation(problem.num_devices):
            if record.exhausted:
                return record.solution(best, Status.OUT_OF_EVALUATIONS)
            gains = option_gains(problem, choice, present, np.array([device]))[0]
            record.evaluations += len(choice)
            # the largest of Gumbel-perturbed logits is a draw from their softmax
            option = int((gains / temperature + generator.gumbel(size=len(gains))).argmax())
            if (choice.channel[option], choice.power_w[option]) != (schedule.channel[device], schedule.power_w[device]):
                schedule = moved(schedule, int(device), choice, option)
                present = occupy(problem, schedule)
        if (value := problem.value(schedule)) > best_value:
            best, best_value = schedule, value
        record.note(best_value)
    return record.solution(*improve(problem, best, record, generator))
