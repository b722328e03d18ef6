"""Worlds in which it is known when a quantum computer pays."""

from math import exp, log

import numpy as np
import pytest

from qfl.backbone.orchestration.policy.decide import InvocationPolicy
from qfl.backbone.orchestration.policy.features import Context, HardwareState, ProblemFeatures


class World:
    """Jobs whose annealer answers are better by a known mean, and in time with a known distribution."""

    def __init__(self, seed, gain):
        self.generator, self.gain = np.random.default_rng(seed), gain

    def job(self):
        draw = self.generator
        problem = ProblemFeatures(int(draw.integers(5, 200)), draw.random(), draw.random(), 2 * draw.random())
        state = HardwareState(
            queue_s=draw.exponential(0.3), calibration_age_s=3600 * draw.random(), shots=1000, energy_j=1.0
        )
        return problem, Context(float(draw.uniform(0.2, 3.0))), {"annealer": state}

    def latency(self, problem, state):
        """Mean of the logarithm, and a draw."""
        mean = log(0.2 + 0.9 * state.queue_s + problem.variables / 400)
        return mean, exp(self.generator.normal(mean, 0.2))

    def play(self, policy, jobs):
        """Return for each job whether it was asked, the regret, and whether the answer used was worse."""
        rows = []
        for _ in range(jobs):
            problem, context, states = self.job()
            decision = policy.decide(problem, context, states)
            mean, took = self.latency(problem, states["annealer"])
            truth = self.gain(problem)
            in_time = float(np.mean(np.exp(self.generator.normal(mean, 0.2, 200)) <= context.deadline_s))
            worth = in_time * max(0.0, truth) - policy.energy_price
            advantage = self.generator.normal(truth, 0.05)
            asked = bool(decision.asked)
            used = max(0.0, advantage) if asked and took <= context.deadline_s else 0.0
            rows.append((asked, max(worth, 0.0) - (worth if asked else 0.0), used < 0))
            seen = {"annealer": took} if asked else {}
            policy.learn(problem, states, seen, {"annealer": advantage} if asked else {})
        return np.array(rows, float)


@pytest.fixture
def planted():
    """One job in five, the rough and large ones, gains."""
    return World(1, lambda problem: 0.25 * (2 * problem.roughness - 1) + 0.12 * (log(problem.variables) / 4 - 1) - 0.1)


@pytest.fixture
def null():
    """None gains."""
    return World(2, lambda problem: -0.05 - 0.1 * problem.roughness)


@pytest.fixture
def policy():
    return InvocationPolicy(["annealer"], energy_price=0.002)
