"""The solvers' kit: a sound solver passes, and each broken one is caught by the check that is meant for it."""

from dataclasses import replace

import numpy as np
import pytest

from qfl.errors import ConfigError
from qfl.scheduling.problem import Problem
from qfl.scheduling.schedule import Schedule
from qfl.scheduling.solvers import best_response, brute_force
from qfl.testing.kits import run, solver
from qfl.wireless.scenario import UplinkScenario
from qfl.wireless.uplink import draw

CELL = Problem(draw(UplinkScenario(num_devices=5, num_channels=2), 1))
TIMED = replace(CELL, objective="round_time", payload_bits=np.ones(5))
FACTS = {"best": brute_force.solve, "climbs": True, "keeps_start": True, "limit": 20, "refused": {"round time": TIMED}}


def infeasible(problem, **given):
    solution = best_response.solve(problem, **given)
    return replace(solution, choice=Schedule(solution.choice.channel, 9 * solution.choice.power_w))


def lying(problem, **given):
    solution = best_response.solve(problem, **given)
    return replace(solution, value=solution.value * 0.99)


def too_good(problem, **given):
    solution = best_response.solve(problem, **given)
    return replace(solution, value=solution.value * 2)


DRAWS = iter(range(10**6))


def moody(problem, *, seed, **given):
    return best_response.solve(problem, seed=next(DRAWS), **given | {"max_sweeps": 1, "max_evaluations": 1})


def worsening(problem, *, start=None, **given):
    low = Schedule(np.zeros(5, int), np.full(5, problem.instance.min_power_w))
    solution = best_response.solve(problem, start=start, **given)
    return solution if start is None else replace(solution, choice=low, value=problem.value(low))


def scribbling(problem, *, start=None, **given):
    solution = best_response.solve(problem, start=start, **given)
    if start is not None:
        start.power_w[0] *= 0.5
    return solution


def falling(problem, **given):
    solution = best_response.solve(problem, **given)
    first = solution.trace[0]
    return replace(solution, trace=((first[0], first[1], 2 * solution.value), *solution.trace[1:]))


def untold(problem, **given):
    return replace(best_response.solve(problem, **given), trace=())


def boundless(problem, *, max_evaluations=None, **given):
    return best_response.solve(problem, **given)


def careless(problem, **given):
    return best_response.solve(replace(problem, objective="sum_rate"), **given)


def curt(problem, **given):
    if problem.kind == "round_time":
        raise ConfigError("no")
    return best_response.solve(problem, **given)


def breaking(problem, **given):
    if problem.kind == "round_time":
        raise KeyError("round_time")
    return best_response.solve(problem, **given)


BROKEN = {
    infeasible: "cell: no constraint is broken: with seed 3 2 of 5 devices are outside",
    lying: "cell: the value is the problem's own: it says",
    too_good: "cell: nothing is better than the best: it has",
    moody: "cell: one seed gives one solution: Schedule",
    worsening: "cell: a start is not worsened: it began at",
    scribbling: "cell: a start is not worsened: it has written into the start",
    falling: "cell: the trace never gets worse: after",
    untold: "cell: the way there is told: its trace is empty",
    boundless: "cell: the limit on evaluations is kept: it used",
    careless: "round time: it is refused in a sentence, whatever the seed: with seed 3 it has a solution",
    curt: "round time: it is refused in a sentence, whatever the seed: the sentence does not say what to give: no",
    breaking: "round time: it is refused in a sentence, whatever the seed: KeyError: 'round_time'",
}


def test_a_sound_solver_passes():
    assert run(solver.checks(best_response.solve, {"cell": CELL}, **FACTS)) == []


@pytest.mark.parametrize("broken", BROKEN, ids=lambda broken: broken.__name__)
def test_a_broken_solver_is_caught_by_the_check_that_is_meant_for_it(broken):
    failures = run(solver.checks(broken, {"cell": CELL}, **FACTS))
    assert any(failure.startswith(BROKEN[broken]) for failure in failures), failures


@pytest.mark.parametrize("broken", [worsening, scribbling, falling, boundless, careless, curt, breaking])
def test_what_is_not_broken_is_not_blamed(broken):
    assert len(run(solver.checks(broken, {"cell": CELL}, **FACTS))) == 1


def test_every_check_of_the_kit_has_a_solver_that_it_catches():
    sentences = {sentence for sentence, _ in solver.checks(best_response.solve, {"cell": CELL}, **FACTS)}
    assert {s for s in sentences if not any(words.startswith(s) for words in BROKEN.values())} == set()
