"""Samplers behind dimod: any of them fits."""

import dimod
import numpy as np
import pytest

from qfl.scheduling.models.qubo import pairwise_model
from qfl.scheduling.problem import Problem
from qfl.scheduling.solvers import dimod_blocks, exact_blocks
from qfl.scheduling.starts import random_options


@pytest.fixture
def problem(small_instance):
    return Problem(small_instance(2, num_devices=5))


@pytest.mark.parametrize("name", sorted(dimod_blocks.CHOOSERS))
def test_each_sampler_finds_most_of_what_a_block_offers(problem, name):
    choose, rng, found, offered = dimod_blocks.CHOOSERS[name](), np.random.default_rng(1), 0.0, 0.0
    for seed in range(4):
        model = pairwise_model(problem, random_options(problem, seed), np.array([0, 1]))
        table = model.diagonal()
        found += table[choose(model, rng)] - table.mean()
        offered += table.max() - table.mean()
    assert found >= 0.7 * offered


def test_an_exact_sampler_gives_exact_blocks(problem):
    exact = exact_blocks.solve(problem, seed=1, num_blocks=4)
    sampled = dimod_blocks.solve(problem, seed=1, num_blocks=4, sampler=dimod.ExactSolver())
    assert sampled.value == pytest.approx(exact.value) and sampled.method == "ExactSolver"


def test_the_penalty_scales_with_the_rewards(problem):
    """Else a model in s^2 would drown in it."""
    model = pairwise_model(problem, random_options(problem, 1), np.array([0, 1]))
    tiny = type(model)(model.devices, 0.0, 1e-9 * model.linear, 1e-9 * model.coupling)
    assert tiny.sufficient_penalty() == pytest.approx(1e-9 * model.sufficient_penalty())
