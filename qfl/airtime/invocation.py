"""An allocation by the invocation policy: the classical backend always, a quantum one beside it where that pays.

A pool of simulated backends says how long each would take and what it would cost; their answers are computed here, so
that a seed repeats them. An allocation waits for whoever was asked, on the virtual clock, but no longer than it may;
the best of the answers in time is taken, by the true objective. `qfl.backbone.orchestration.policy` decides, and learns
by which share the objective gains by having asked, the wait counted as what it costs the round (`worth`).
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from math import inf, isfinite
from typing import Any

from qfl.airtime.asked import Answer, Question, Solve, ask, block_of
from qfl.airtime.radio_settings import FAMILIES, solver_of
from qfl.backbone.infrastructure.backend import Backend
from qfl.backbone.infrastructure.pool import Pool, read_pool
from qfl.backbone.orchestration.learned import learn_again, plain_decision
from qfl.backbone.orchestration.policy.decide import CLASSICAL, InvocationPolicy
from qfl.backbone.orchestration.policy.features import Context, HardwareState, problem_features
from qfl.config.radio import RadioSettings
from qfl.errors import ConfigError, SolverFailure
from qfl.extend import find_file
from qfl.scheduling.problem import Problem
from qfl.scheduling.schedule import Schedule
from qfl.scheduling.solution import Solution
from qfl.seeds import stream

Row = dict[str, Any]

KEPT = 400
"""Decisions that the policy looks back on; an older one would count for less than half."""
LEAST = 1e-9
"""Seconds, and size of an objective, below which nothing is told apart."""


@dataclass(frozen=True)
class Moment:
    """When an allocation is asked for.

    Args:
        path: The round, and the number of the allocation in it; they name the draws.
        left_s: Virtual seconds until the radio's deadline; inf where there is none.
        kept_s: How long the allocation is kept; inf for as long as it takes.
        clock_s: The run's virtual clock, for drift of calibration.
    """

    path: tuple[int, ...]
    left_s: float = inf
    kept_s: float = inf
    clock_s: float = 0.0


@dataclass(frozen=True)
class Invoked:
    """What came of a question.

    Args:
        solution: The best of the answers in time.
        seconds: Virtual seconds from the question to the allocation.
        row: ``number``, ``decision`` with all that was looked at, and ``outcome``; plain values.
    """

    solution: Solution[Schedule]
    seconds: float
    row: Row


@dataclass(frozen=True)
class Invocation:
    """Who may be asked, and by which rules.

    Args:
        settings: Objective, blocks, and the time that a decision may take.
        pool: The backends.
        seed: The run's.

    Raises:
        ConfigError: If a backend is timed by the clock on the wall.
    """

    settings: RadioSettings
    pool: Pool
    seed: int

    def __post_init__(self):
        if faults := [fault for backend in self.pool.solving for fault in _faults(backend)]:
            raise ConfigError(faults)

    def check(self, problem: Problem) -> None:
        """Let every backend's solver take one look at a problem.

        Raises:
            ConfigError: If one does not solve such problems.
        """
        for backend in self.pool.solving:
            self._solver(backend)(problem, seed=0, max_evaluations=1)

    def policy(self, learned: Sequence[Row] = ()) -> InvocationPolicy:
        """Return the policy as it is after some decisions; it looks back on the last `KEPT`.

        Args:
            learned: Rows of `solve`, in their order.
        """
        names = [backend.name for backend in self.pool.quantum]
        policy = InvocationPolicy(names, suite=self.settings.suite, energy_price=self.settings.energy_price)
        learn_again(policy, learned[-KEPT:])
        policy.seen = int(learned[-1]["number"]) if learned else 0
        return policy

    def solve(self, policy: InvocationPolicy, problem: Problem, start: Schedule | None, moment: Moment) -> Invoked:
        """Return an allocation, and let the policy learn from it.

        Args:
            policy: Of `policy`; it changes.
            problem: Of this allocation.
            start: Where the classical backend begins; None lets it choose.
            moment: When.

        Raises:
            SolverFailure: If the classical backend has no answer.
        """
        seed = int(stream(self.seed, "radio", *moment.path).integers(2**62))
        limit_s, fallback = min(self.settings.decide_s, moment.left_s), self.pool.fallback
        block = block_of(problem, self.settings.block_size, seed)
        features, states = problem_features(block.to_bqm(), seed=seed), self._states(block.linear.size, moment)
        decision = policy.decide(features, Context(limit_s), states)
        question = Question(problem, seed, moment.clock_s, self.settings.evaluations)
        classical = ask(fallback, self._solver(fallback), question, start=start)
        answers = {name: self._ask(name, question, states[name]) for name in decision.asked}
        if classical.solution is None:
            raise SolverFailure(f"backend {fallback.name!r} has no allocation: {classical.why}")
        waited_s = max(classical.seconds, min(limit_s, max((a.seconds for a in answers.values()), default=0.0)))
        name, solution = _best(problem, classical.solution, answers, limit_s) or (fallback.name, classical.solution)
        learned = _learned(problem, classical, answers, moment)
        policy.learn(features, states, learned["seconds"], learned["advantage"])
        outcome = {"backend": name, "waited_s": waited_s, **_told({fallback.name: classical} | answers), **learned}
        row = {"number": policy.seen, "decision": plain_decision(decision), "outcome": outcome}
        return Invoked(solution, waited_s, row)

    def _ask(self, name: str, question: Question, state: HardwareState) -> Answer:
        backend = self.pool.named(name)
        return ask(backend, self._solver(backend), question, state.queue_s)

    def _solver(self, backend: Backend) -> Solve:
        """Return what computes a backend's answer."""
        return solver_of(replace(self.settings, solver=backend.solver, qaoa_shots=backend.shots))

    def _states(self, variables: int, moment: Moment) -> dict[str, HardwareState]:
        """Return what is seen of every quantum backend: its queue as it is now, its calibration, its price."""
        found: dict[str, HardwareState] = {}
        for each in self.pool.quantum:
            queue_s = each.wait_s(stream(self.seed, "radio", "queue", each.name, *moment.path))
            age_s, price_j = each.calibration_age_s(moment.clock_s), each.energy_j(each.seconds(0.0))
            found[each.name] = HardwareState(each.takes(variables), queue_s, age_s, each.shots, price_j)
        return found


def make_invocation(settings: RadioSettings, seed: int) -> Invocation | None:
    """Return who may be asked for allocations; None where the settings have no pool.

    Args:
        settings: Of the radio.
        seed: The run's.

    Raises:
        ConfigError: If the pool cannot be read or used, or the solver is not ``auto``.
    """
    if not settings.pool:
        return None
    if settings.solver != "auto":
        raise ConfigError(
            f"radio.pool is set, but radio.solver = {settings.solver!r} asks nobody in it; give radio.solver = 'auto'"
        )
    path = find_file(settings.pool)
    if path is None:
        raise ConfigError(
            f"radio.pool = {settings.pool!r}: there is no such file; give a path relative to the app's folder"
        )
    return Invocation(settings, read_pool(path, tuple(FAMILIES)), seed)


def _faults(backend: Backend) -> list[str]:
    if not backend.simulated:
        return [
            f"radio.pool: backend {backend.name!r} is timed by the clock on the wall, which no seed repeats; give "
            "simulated = true with setup-s and shot-s"
        ]
    return []


def _best(
    problem: Problem, classical: Solution[Schedule], answers: Mapping[str, Answer], limit_s: float
) -> tuple[str, Solution[Schedule]] | None:
    """Return who, of those in time, is better than the classical answer and all others, and its answer."""
    best, value = None, classical.value
    for name, answer in answers.items():
        found = answer.solution
        if found is not None and answer.seconds <= limit_s and problem.better(found.value, value):
            best, value = (name, found), found.value
    return best


def worth(problem: Problem, value: float, waited_s: float, moment: Moment) -> float:
    """Return an allocation's objective with the wait for it: a time grows by it, a rate is had for less of its time.

    Args:
        problem: With the objective.
        value: Of the allocation.
        waited_s: Virtual seconds until there was one.
        moment: How long it is kept.
    """
    if not problem.maximise:
        return value + waited_s
    kept_s = min(moment.left_s, moment.kept_s)
    return value * max(0.0, 1 - waited_s / kept_s) if isfinite(kept_s) else value


def _learned(
    problem: Problem, classical: Answer, answers: Mapping[str, Answer], moment: Moment
) -> dict[str, dict[str, float]]:
    """Return the seconds of all that answered, and by which share having asked each beats not having asked."""
    seconds = {CLASSICAL: classical.seconds} | {name: answer.seconds for name, answer in answers.items()}
    base = classical.solution.value if classical.solution else 0.0
    alone, advantage = worth(problem, base, classical.seconds, moment), dict[str, float]()
    for name, answer in answers.items():
        if answer.solution is not None:
            value = answer.solution.value if problem.better(answer.solution.value, base) else base
            gain = worth(problem, value, max(classical.seconds, answer.seconds), moment) - alone
            advantage[name] = (gain if problem.maximise else -gain) / max(abs(alone), LEAST)
    return {"seconds": {name: max(took, LEAST) for name, took in seconds.items()}, "advantage": advantage}


def _told(answers: Mapping[str, Answer]) -> Row:
    tries = {name: {"seconds": a.seconds, "energy_j": a.energy_j, "why": a.why} for name, a in answers.items()}
    return {"energy_j": sum(answer.energy_j for answer in answers.values()), "tries": tries}
