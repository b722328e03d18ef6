"""The orchestrator: jobs in, each posed, decided, solved and verified before its deadline, and ended exactly once.

What is admitted is in the log before the caller is told so; what ends is in the log with the decision behind it. So an
orchestrator that is killed at any moment leaves jobs that have ended and jobs that wait, and the next one goes on with
those; what it had learned it learns again from the log.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from math import isfinite
from time import time
from typing import Any

from qfl.backbone.applications.posed import Posed, pose
from qfl.backbone.infrastructure.backend import Backend
from qfl.backbone.infrastructure.pool import DISTRIBUTED, Pool
from qfl.backbone.orchestration.attempt import QAOA, Attempt, attempt
from qfl.backbone.orchestration.in_parts import attempt_in_parts, state_of_parts
from qfl.backbone.orchestration.learned import learn_again, plain_decision
from qfl.backbone.orchestration.mode import choose_mode
from qfl.backbone.orchestration.policy.decide import CLASSICAL, Decision, InvocationPolicy
from qfl.backbone.orchestration.policy.features import Context, HardwareState, ProblemFeatures, problem_features
from qfl.backbone.orchestration.telemetry import Telemetry, Waiting
from qfl.backbone.runtime.pipeline.reduce import Reduction, reduce
from qfl.backbone.runtime.pipeline.verify import Verified, better
from qfl.backbone.runtime.templates.angles import angles_for, read_angles
from qfl.backbone.runtime.templates.folder import Templates
from qfl.backbone.runtime.templates.prepare import prepare
from qfl.errors import ConfigError
from qfl.quantum.qaoa_angles import QaoaAngles
from qfl.seeds import stream

SCALE_FLOOR = 1e-9
MOST_DEADLINE_S = 10**7


@dataclass(frozen=True)
class Submission:
    """A batch on a backend while it is filled.

    Args:
        free_s: Seconds until the jobs that are in it are done.
        left: Jobs that may still join.
    """

    free_s: float
    left: int


class Orchestrator:
    """Decides about the jobs of one log, one after the other, the earliest deadline first.

    Args:
        pool: Who can be asked.
        log: Opened by `qfl.backbone.orchestration.telemetry.telemetry_in`.
        seed: Of everything that is drawn; a job's draws depend on it and on the job's number alone.
        suite: Jobs of the calibration suite, in which every quantum backend is asked.
        energy_price: What a joule costs, in units of quality.
        clock: Seconds; deadlines are by it.
        templates: Of the registry: angles that QAOA runs with, structures that are compiled at once.
    """

    def __init__(
        self,
        pool: Pool,
        log: Telemetry,
        *,
        seed: int = 1,
        suite: int = 20,
        energy_price: float = 0.0,
        clock: Callable[[], float] = time,
        templates: Templates | None = None,
    ):
        self.pool, self.log, self.seed, self.clock = pool, log, seed, clock
        arms = [each.name for each in pool.quantum]
        arms += [DISTRIBUTED] * (len({each.site for each in pool.quantum}) > 1)
        self.policy = InvocationPolicy(arms, suite=suite, energy_price=energy_price)
        learn_again(self.policy, log.outcomes())
        self.templates = templates
        prepare(templates)
        self._open: dict[str, Submission] = {}

    def submit(self, name: str, application: str, request: Mapping[str, Any], deadline_s: float) -> int:
        """Admit a job and return its number; the same name with the same content is the same job.

        Args:
            name: The idempotency key.
            application: A key of `qfl.backbone.applications.posed.APPLICATIONS`.
            request: Plain values, in the application's words.
            deadline_s: Seconds from now.

        Raises:
            ConfigError: If the request is none, or the deadline is not above 0; nothing is admitted.
        """
        if not (isfinite(deadline_s) and 0 < deadline_s <= MOST_DEADLINE_S):
            raise ConfigError(
                f"job {name!r}: deadline_s is {deadline_s:g}; give seconds from now, above 0 and at most "
                f"{MOST_DEADLINE_S:,}"
            )
        pose(application, request)
        now = self.clock()
        payload = {"application": application, "request": dict(request)}
        return self.log.admit(name, payload, now_s=now, deadline_s=now + deadline_s)

    def step(self) -> bool:
        """End the job with the earliest deadline, and say whether there was one.

        Jobs of the same application that wait behind it may share its submission to a backend that takes batches; they
        are ended with it.
        """
        waiting = self.log.waiting(max(each.batch for each in self.pool.backends))
        self._open = {}
        for job in waiting:
            if job.payload.get("application") == waiting[0].payload.get("application"):
                self._end(job)
                if not any(submission.left for submission in self._open.values()):
                    break
        return bool(waiting)

    def drain(self) -> None:
        """End all jobs that wait."""
        while self.step():
            pass

    def _end(self, job: Waiting) -> None:
        begun = self.clock()
        if begun >= job.deadline_s:
            self.log.end(job.number, {"status": "expired"}, {"reason": "its deadline passed in the queue"}, now_s=begun)
            return
        try:
            posed = pose(job.payload["application"], job.payload["request"])
        except (ConfigError, KeyError) as error:  # a log of another version
            self.log.end(job.number, {"status": "refused", "why": str(error)}, {"reason": "no problem"}, now_s=begun)
            return
        outcome, decision, seconds = self._decided(job, posed, begun)
        self.log.end(job.number, outcome, decision, now_s=max(self.clock(), begun + seconds))

    def _decided(self, job: Waiting, posed: Posed, begun: float) -> tuple[dict[str, Any], dict[str, Any], float]:
        """Return outcome and decision as rows, and the seconds from the beginning to the answer that is used."""
        seed = int(stream(self.seed, "backbone", "job", job.number).integers(2**31))
        reduction = reduce(posed.model, roof_duality=False, symmetry=True, tolerance=posed.tolerance)
        problem, left = problem_features(posed.model, seed=seed), job.deadline_s - begun
        mode = choose_mode(reduction.model, self.pool, posed.parts)
        states = self._states(reduction, seed, begun)
        if mode.distributed:
            states[DISTRIBUTED] = state_of_parts(mode, self.pool, states, begun)
        decision = self.policy.decide(problem, Context(left), states)
        asked = [self.pool.fallback, *(self.pool.named(name) for name in decision.asked if name != DISTRIBUTED)]
        template = angles_for(self.templates, job.payload["application"], reduction.model)
        angles = read_angles(template) if template is not None else None
        tries = {
            each.name: self._attempt(each, posed, reduction, seed, begun, states.get(each.name), angles)
            for each in asked
        }
        if DISTRIBUTED in decision.asked:
            tries[DISTRIBUTED] = attempt_in_parts(mode, self.pool, posed, reduction, seed=seed, now_s=begun)
        used, answer = self._best(tries, left)
        learned = self._learned(problem, states, decision, tries)
        outcome = {
            "status": "solved" if answer else "failed",
            "backend": used,
            "answer": posed.read(answer.sample) if answer else None,
            "energy": answer.energy if answer else None,
            "raw": answer.raw if answer else None,
            "feasible": bool(answer and answer.feasible),
            "energy_j": sum(each.energy_j for each in tries.values()),
            "tries": {
                name: {"seconds": each.seconds, "energy_j": each.energy_j, "why": each.why}
                for name, each in tries.items()
            },
            "variables": [posed.model.num_variables, reduction.model.num_variables],
            "given_up": [each.row for each in reduction.given_up],
            "template": template.label if template is not None and any(each.solver == QAOA for each in asked) else None,
            **learned,
        }
        row = plain_decision(decision) | {"mode": mode.row}
        return outcome, row, tries[used].seconds if answer else 0.0

    def _attempt(
        self,
        backend: Backend,
        posed: Posed,
        reduction: Reduction,
        seed: int,
        now: float,
        state: HardwareState | None,
        angles: QaoaAngles | None,
    ) -> Attempt:
        """Return a backend's try; one that joins a submission waits for it as a queue, and is set up already."""
        shared = self._open.get(backend.name)
        joins = shared is not None and shared.left > 0
        used = replace(backend, setup_s=0.0) if joins else backend
        queue_s = state.queue_s if state else 0.0
        found = attempt(used, posed, reduction, seed=seed, queue_s=queue_s, now_s=now, angles=angles)
        if backend.batch > 1 and backend.simulated:
            left = shared.left - 1 if joins and shared else backend.batch - 1
            self._open[backend.name] = Submission(queue_s + used.seconds(0.0), left)
        return found

    def _states(self, reduction: Reduction, seed: int, now: float) -> dict[str, HardwareState]:
        """Return what is seen of every quantum backend: its queue as it is now, its calibration, its price."""
        found: dict[str, HardwareState] = {}
        for each in self.pool.quantum:
            shared = self._open.get(each.name)
            joins = shared is not None and shared.left > 0
            queue = shared.free_s if joins and shared else each.wait_s(stream(seed, "backbone", "queue", each.name))
            queue += self.pool.away_s(each) if each.simulated else 0.0
            found[each.name] = HardwareState(
                each.takes(reduction.model.num_variables) and reduction.model.num_variables > 0,
                queue,
                each.calibration_age_s(now),
                each.shots,
                each.energy_j(each.seconds(0.0)),
            )
        return found

    def _best(self, tries: Mapping[str, Attempt], left: float) -> tuple[str, Verified | None]:
        """Return who gave the best verified answer of those in time, and the answer; of all, if none was in time."""
        answered = {name: each for name, each in tries.items() if each.answer is not None}
        best: tuple[str, Verified | None] = (self.pool.fallback.name, None)
        for name, each in ({n: e for n, e in answered.items() if e.seconds <= left} or answered).items():
            if best[1] is None or (each.answer is not None and better(best[1], each.answer) is not best[1]):
                best = name, each.answer
        return best

    def _learned(
        self,
        problem: ProblemFeatures,
        states: Mapping[str, HardwareState],
        decision: Decision,
        tries: Mapping[str, Attempt],
    ) -> dict[str, Any]:
        """Teach the policy what came of its decision, and return that for the log."""
        classical = tries[self.pool.fallback.name].answer
        answered = {name: tries[name] for name in decision.asked if tries[name].answer is not None}
        seconds = {name: max(each.seconds, SCALE_FLOOR) for name, each in answered.items()}
        advantage = {
            name: (classical.energy - each.answer.energy) / max(abs(classical.energy), SCALE_FLOOR)
            for name, each in answered.items()
            if classical is not None and each.answer is not None
        }
        if classical is not None:
            seconds[CLASSICAL] = max(tries[self.pool.fallback.name].seconds, SCALE_FLOOR)
        self.policy.learn(problem, states, seconds, advantage)
        return {"seconds": seconds, "advantage": advantage}
