"""One method on one instance, as a row of the run folder; and how long a round takes without interference."""

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cache
from typing import Any

import numpy as np

from qfl.config.blocks import Blocks
from qfl.errors import SolverFailure, UserError
from qfl.extend import is_reference
from qfl.results import Row
from qfl.scheduling.block_options import block_options
from qfl.scheduling.bounds import bound, round_time_bound
from qfl.scheduling.own import own_solver
from qfl.scheduling.problem import Problem, Schedule
from qfl.scheduling.report import report
from qfl.scheduling.solution import Solution
from qfl.scheduling.solvers import tdma_lpt
from qfl.scheduling.solvers.matching_overflow import match_with_overflow
from qfl.scheduling.solvers.registry import solver
from qfl.studies.schedulers.panel import Entry
from qfl.wireless.scenario import UplinkScenario
from qfl.wireless.uplink import draw

SETTLED = 0.01  # of the final value
KEPT = 160  # points of a trace


@dataclass(frozen=True)
class Job:
    """One row to be measured.

    Args:
        case: ``main`` or ``small``.
        scenario: What is drawn.
        payload_bits: Of one update.
        seed: Of the instance and of the method.
        entry: The method.
        blocks: Settings of block descents and of QAOA.
        mine: Settings of a user's own method.
    """

    case: str
    scenario: UplinkScenario
    payload_bits: float
    seed: int
    entry: Entry
    blocks: Blocks = field(default_factory=Blocks)
    mine: Mapping[str, Any] = field(default_factory=dict[str, Any])

    @property
    def key(self) -> tuple[str, int, str]:
        """What a row is known by."""
        return self.case, self.seed, self.entry.name


def measure(job: Job) -> Row:
    """Return the row of a job: value, bound, costs, what it means for the devices, and the way there.

    What is not finite (the time of a device that is never served) is null. A method that fails on an instance leaves a
    row without a value, whose ``error`` says why: the others' work is kept.
    """
    problem = _problem(job.scenario, job.seed, job.payload_bits)
    certificate = bound(problem)
    row = {"case": job.case, "seed": job.seed, "method": job.entry.name}
    row |= {"bound": certificate.value, "tight": certificate.tight}
    try:
        _warm(job.entry, job.scenario.variant)
        row |= _outcome(job, problem, _solve(job, problem))
    except SolverFailure as error:  # a user's method
        row |= {"value": None, "status": "failed", "error": str(error)}
    except UserError:
        raise
    except Exception as error:
        row |= {"value": None, "status": "failed", "error": f"{type(error).__name__}: {error}"}
    return {key: None if isinstance(value, float) and not math.isfinite(value) else value for key, value in row.items()}


def _outcome(job: Job, problem: Problem, solution: Solution[Schedule]) -> Row:
    """Return what a method found, what it cost, and what it means for the devices."""
    means = report(problem, solution.schedule)
    return {
        "start": solution.start if job.entry.start == "own" else job.entry.start,
        "value": solution.value,
        "iterations": solution.iterations,
        "evaluations": solution.evaluations,
        "seconds": solution.seconds,
        "status": solution.status.name.lower(),
        "settled": settled(solution.trace),
        "jain": means.jain,
        "participants": means.participants,
        "round_time_s": means.round_time_s,
        "energy_j": means.energy_j,
        "rates": [float(f"{rate:.5g}") for rate in means.rates],
        "trace": thinned(solution.trace),
    }


def settled(trace: Sequence[tuple[int, float, float]]) -> list[float]:
    """Return iteration, evaluations and seconds from which on a trace stays within 1 % of its last value.

    Example:
        >>> settled([(0, 0.0, 50.0), (10, 0.1, 99.5), (20, 0.2, 80.0), (30, 0.3, 99.2), (40, 0.4, 100.0)])
        [3, 30, 0.3]
    """
    values = np.array([value for *_, value in trace])
    outside = np.flatnonzero(np.abs(values - values[-1]) > SETTLED * abs(values[-1]))
    first = int(outside[-1]) + 1 if len(outside) else 0
    return [first, trace[first][0], trace[first][1]]


def thinned(trace: Sequence[tuple[int, float, float]]) -> list[list[float]]:
    """Return [iteration, evaluations, seconds, value] at iterations spaced evenly in their logarithm, both ends too."""
    spaced = np.geomspace(1, len(trace), KEPT).round().astype(int) - 1
    return [[int(i), *trace[i]] for i in np.unique(spaced)]


def measure_round_time(scenario: UplinkScenario, seeds: Iterable[int], payload_bits: float) -> Row:
    """Return the seconds until every update is in with TDMA list scheduling, and their lower bound, for each seed.

    The same devices one after the other: how long a round takes when nobody disturbs anybody.

    Args:
        scenario: What is drawn.
        seeds: Of the instances.
        payload_bits: Of one update.

    Example:
        >>> found = measure_round_time(UplinkScenario(num_devices=6, num_channels=2), (1, 2), 1920.0)
        >>> all(bound <= time for bound, time in zip(found["bound_s"], found["tdma_lpt_s"]))
        True
    """
    times: Row = {"tdma_lpt_s": [], "bound_s": []}
    for seed in seeds:
        problem = Problem(draw(scenario, seed), "round_time", payload_bits=np.full(scenario.num_devices, payload_bits))
        times["tdma_lpt_s"].append(tdma_lpt.solve(problem, seed=seed).value)
        times["bound_s"].append(round_time_bound(problem).value)
    return times


def _solve(job: Job, problem: Problem) -> Solution[Schedule]:
    entry = job.entry
    if is_reference(entry.solver):
        own = own_solver(entry.solver, "panel", job.mine, {"block_size": job.blocks.block_size})
        return own(problem, seed=job.seed)
    start: Schedule | None = match_with_overflow(problem) if entry.start == "matching_dump" else None
    options = block_options(entry.solver, "rates", job.blocks) | dict(entry.options)
    return solver(entry.solver)(problem, seed=job.seed, start=start, **options)


def _problem(scenario: UplinkScenario, seed: int, payload_bits: float) -> Problem:
    return Problem(draw(scenario, seed), payload_bits=np.full(scenario.num_devices, payload_bits))


@cache
def _warmed() -> set[tuple[str, str]]:
    return set()


def _warm(entry: Entry, variant: str) -> None:
    """Run a solver once on a tiny instance in each process, so that imports do not count as its time."""
    if is_reference(entry.solver) or (entry.solver, variant) in _warmed():
        return
    _warmed().add((entry.solver, variant))
    options: dict[str, Any] = {**entry.options}
    tiny = replace(UplinkScenario(), num_devices=3, num_channels=2, variant=variant)
    start = None if entry.start == "own" else match_with_overflow(_problem(tiny, 1, 1.0))
    solver(entry.solver)(_problem(tiny, 1, 1.0), seed=1, start=start, max_evaluations=50, **options)
