"""Worlds in which it is known when a quantum computer pays, to measure what a policy loses by not knowing it."""

from collections.abc import Callable
from dataclasses import dataclass
from math import exp, log

import numpy as np

from qfl.backbone.orchestration.policy.decide import CLASSICAL, InvocationPolicy
from qfl.backbone.orchestration.policy.features import Context, HardwareState, ProblemFeatures
from qfl.seeds import stream

JITTER = 0.2  # standard deviation of the logarithm of a latency
NOISE = 0.05  # standard deviation of an advantage
Gain = Callable[[ProblemFeatures], float]
"""The mean advantage of a quantum answer for a problem."""


def planted(problem: ProblemFeatures) -> float:
    """Return a gain that about one job in five has: the rough and the large."""
    return 0.25 * (2 * problem.roughness - 1) + 0.12 * (log(problem.variables) / 4 - 1) - 0.1


def swelling(problem: ProblemFeatures) -> float:
    """Return seconds of a classical method that grow with the square of the variables: 2 s for 200."""
    return 0.02 + 2.0 * (problem.variables / 200) ** 2


def null(problem: ProblemFeatures) -> float:
    """Return a gain that no job has."""
    return -0.05 - 0.1 * problem.roughness


@dataclass(frozen=True)
class Played:
    """One job in a world.

    Args:
        asked: Whether the quantum backend was asked.
        regret: What was lost against an oracle that knows the mean advantage and the distribution of latencies.
        worth: What the oracle had of the job.
        used: Advantage of the answer that was used over the classical one.
        foretold: The policy's probability of an answer in time.
        in_time: Whether the quantum answer was, or would have been, in time.
        late: Whether the classical answer was late.
        missed: Whether no answer was in time.
        avoidable: Whether the backend that was not asked would have been in time.
    """

    asked: bool
    regret: float
    worth: float
    used: float
    foretold: float
    in_time: bool
    late: bool = False
    missed: bool = False
    avoidable: bool = False


class World:
    """Jobs, and one annealer with a queue.

    Args:
        gain: The mean advantage.
        seed: Of jobs, latencies and noise.
        classical_s: The classical answer's seconds, but for the same jitter; None where it is always in time.
    """

    def __init__(self, gain: Gain, seed: int, classical_s: Gain | None = None):
        self.gain, self.generator, self.classical_s = gain, stream(seed, "backbone", "world"), classical_s

    def play(self, policy: InvocationPolicy, jobs: int) -> list[Played]:
        """Let a policy decide about some jobs, and learn from each; it must know one backend, ``"annealer"``."""
        return [self._one(policy) for _ in range(jobs)]

    def _one(self, policy: InvocationPolicy) -> Played:
        problem, context, state = self._job()
        decision = policy.decide(problem, context, {"annealer": state})
        usual = log(0.2 + 0.9 * state.queue_s + problem.variables / 400)
        took, chance = exp(self.generator.normal(usual, JITTER)), _below(log(context.deadline_s), usual)
        truth, classical, late = self.gain(problem), *self._classical(problem, context)
        value = chance * (max(0.0, truth) + policy.miss_price * late) - policy.energy_price
        advantage = self.generator.normal(truth, NOISE)
        asked, in_time = bool(decision.asked), took <= context.deadline_s
        seconds = {"annealer": took} if asked else {}
        policy.learn(problem, {"annealer": state}, seconds | classical, {"annealer": advantage} if asked else {})
        used = max(0.0, advantage) if asked and in_time else 0.0
        worth = max(0.0, value)
        foretold = decision.estimates["annealer"].in_time
        was_late = classical.get(CLASSICAL, 0.0) > context.deadline_s
        missed = was_late and not (asked and in_time)
        regret = worth - (value if asked else 0.0)
        return Played(asked, regret, worth, used, foretold, in_time, was_late, missed, missed and in_time)

    def _classical(self, problem: ProblemFeatures, context: Context) -> tuple[dict[str, float], float]:
        """Return the classical answer's seconds and its probability to be late; nothing and 0 where it never is."""
        if self.classical_s is None:
            return {}, 0.0
        usual = log(self.classical_s(problem))
        return {CLASSICAL: exp(self.generator.normal(usual, JITTER))}, 1 - _below(log(context.deadline_s), usual)

    def _job(self) -> tuple[ProblemFeatures, Context, HardwareState]:
        draw = self.generator
        problem = ProblemFeatures(int(draw.integers(5, 200)), draw.random(), draw.random(), 2 * draw.random())
        age = 3600 * draw.random()
        state = HardwareState(queue_s=draw.exponential(0.3), calibration_age_s=age, shots=1000, energy_j=1.0)
        return problem, Context(float(draw.uniform(0.2, 3.0))), state


def _below(limit: float, mean: float) -> float:
    """Return the probability that the logarithm of a latency is below a limit."""
    from scipy.special import ndtr

    return float(ndtr((limit - mean) / JITTER))


def calibration_error(played: list[Played], bins: int = 5) -> float:
    """Return the expected calibration error of the probabilities to be in time.

    Reference:
        Naeini, Cooper and Hauskrecht, Obtaining well calibrated probabilities using Bayesian binning, AAAI 2015.
    """
    foretold, came = np.array([p.foretold for p in played]), np.array([p.in_time for p in played], float)
    bin_of = np.minimum((foretold * bins).astype(int), bins - 1)
    return sum(abs(float((foretold - came)[bin_of == b].sum())) for b in range(bins)) / max(1, len(played))
