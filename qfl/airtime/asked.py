"""One backend of a pool is asked for an allocation: its solver computes it now, its row says how long that would take.

A classical backend takes its set-up and `shot-s` for each schedule that the solver tries; a quantum one its queue, its
set-up, and `shot-s` for each shot of each block.
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from qfl.backbone.infrastructure.backend import Backend
from qfl.backbone.orchestration.attempt import JITTER
from qfl.scheduling.models.block import BlockModel
from qfl.scheduling.models.qubo import pairwise_model
from qfl.scheduling.problem import Problem
from qfl.scheduling.schedule import Schedule
from qfl.scheduling.solution import Solution, Status
from qfl.scheduling.solvers import random
from qfl.scheduling.solvers.load_balancing import squared_loads_model
from qfl.scheduling.starts import random_channels
from qfl.seeds import stream

UNUSABLE = (Status.FAILED, Status.INFEASIBLE)

Solve = Callable[..., Solution[Schedule]]


@dataclass(frozen=True)
class Question:
    """What is asked.

    Args:
        problem: Of the allocation.
        seed: Of all that is drawn.
        clock_s: The virtual clock, for drift of calibration.
        evaluations: Schedules that a solver may try; None is its own limit.
    """

    problem: Problem
    seed: int
    clock_s: float = 0.0
    evaluations: int | None = None


@dataclass(frozen=True)
class Answer:
    """What a backend says, and what that took.

    Args:
        solution: Verified: it breaks no constraint, and its value is the true one. None where there is none.
        seconds: Virtual, from the question on, queue included.
        energy_j: That it cost.
        why: Why there is no solution, else empty.
    """

    solution: Solution[Schedule] | None
    seconds: float
    energy_j: float
    why: str = ""


def ask(
    backend: Backend, solve: Solve, question: Question, queue_s: float = 0.0, start: Schedule | None = None
) -> Answer:
    """Return a simulated backend's answer.

    Args:
        backend: Who is asked.
        solve: What computes its answer.
        question: The problem.
        queue_s: The wait in its queue, in seconds.
        start: Where it begins; None lets the solver choose.

    Raises:
        SolverFailure: If the solver is a user's and fails.
    """
    draw = stream(question.seed, "pool", backend.name)
    fails, noise = draw.random() < backend.failure, draw.random() < backend.lost(question.clock_s)
    solution = solve(question.problem, seed=question.seed, start=start, max_evaluations=question.evaluations)
    late = float(np.exp(draw.normal(0.0, JITTER)))
    busy_s = late * (backend.setup_s + _work(backend, solution) * backend.shot_s)
    if noise:  # what is left of it
        solution = random.solve(question.problem, seed=question.seed)
    why = "the job failed on the device" if fails else "" if _usable(solution) else solution.status.value
    return Answer(None if why else solution, late * queue_s + busy_s, backend.energy_j(busy_s), why)


def block_of(problem: Problem, size: int, seed: int) -> BlockModel:
    """Return a block as a quantum backend would see it, the others on random sub-channels at full power.

    Args:
        problem: Of the allocation.
        size: Devices of the block; all where there are fewer.
        seed: Of the block and the sub-channels.
    """
    generator, count = stream(seed, "pool", "block"), problem.num_devices
    devices = np.sort(generator.choice(count, min(size, count), replace=False))
    schedule = Schedule(random_channels(problem, seed), np.full(count, problem.instance.max_power_w))
    return (pairwise_model if problem.maximise else squared_loads_model)(problem, schedule, devices)


def _work(backend: Backend, solution: Solution[Schedule]) -> int:
    return solution.iterations * backend.shots if backend.quantum else solution.evaluations


def _usable(solution: Solution[Schedule]) -> bool:
    return solution.status not in UNUSABLE and bool(np.isfinite(solution.value))
