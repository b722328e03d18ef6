"""The quadratic model against all assignments, and what comes out of the pipeline."""

from itertools import pairwise, product

import dimod
import numpy as np
import pytest

from qfl.backbone.applications.traffic.heuristics import greedy
from qfl.backbone.applications.traffic.surrogate import optimise, penalties, surrogate
from qfl.backbone.runtime.pipeline.reduce import reduce
from qfl.errors import ConfigError

from .conftest import all_choices, random_problem


def as_sample(problem, choice):
    taken = np.zeros(len(problem.owner), dtype=int)
    taken[problem.first + choice] = 1
    return dict(enumerate(taken.tolist()))


@pytest.mark.parametrize("seed", range(5))
def test_the_energy_of_a_routing_is_the_weighted_sum_of_squares(seed):
    problem = random_problem(seed)
    whole = problem.block([0, 1, 2], greedy(problem))
    weights = np.random.default_rng(seed).uniform(0.1, 2, len(problem.base))
    model = surrogate(whole, weights)
    for choice in all_choices(whole):
        assert model.energy(as_sample(whole, choice)) == pytest.approx(whole.loads(choice) ** 2 @ weights)


@pytest.mark.parametrize("seed", range(20))
def test_every_minimum_has_one_path_per_demand_and_is_the_best_sum_of_squares(seed):
    """All assignments are looked at, those with no path or several among them."""
    problem = random_problem(seed)
    assert len(problem.owner) <= 12
    weights = np.random.default_rng(seed).uniform(0.01, 3, len(problem.base))
    model = surrogate(problem, weights)
    states = np.array(list(product((0, 1), repeat=len(problem.owner))))
    energies = model.energies((states, range(len(problem.owner))))
    best = states[energies < energies.min() + 1e-9]
    counts = np.add.reduceat(best, problem.first, axis=1)
    assert (counts == 1).all()
    assert energies.min() == pytest.approx(min(problem.loads(c) ** 2 @ weights for c in all_choices(problem)))


def test_a_penalty_far_below_the_proved_one_does_leave_demands_out():
    """So the test above can fail."""
    problem = random_problem(3)
    model, penalty = surrogate(problem), penalties(problem, np.ones(len(problem.base)))
    for option, d in enumerate(problem.owner):
        model.add_linear(option, 0.99 * penalty[d])
    for d, (a, b) in enumerate(pairwise([*problem.first, len(problem.owner)])):
        for i, j in product(range(a, b), repeat=2):
            if i < j:
                model.add_quadratic(i, j, -2 * 0.99 * penalty[d])
    model.offset -= 0.99 * penalty.sum()
    lowest = dimod.ExactSolver().sample(model).first.sample
    counts = np.add.reduceat([lowest[o] for o in range(len(problem.owner))], problem.first)
    assert (counts == 0).any()


@pytest.mark.parametrize("solver", ["exact", "annealing", "tabu", "descent", "qaoa"])
def test_what_leaves_the_pipeline_is_recomputed_and_not_above_raw(solver):
    problem = random_problem(2)
    found = optimise(problem, solver, seed=1)
    assert found.utilisation == problem.utilisation(found.choice) <= found.raw
    assert found.utilisation >= min(map(problem.utilisation, all_choices(problem))) - 1e-12
    if solver in ("exact", "annealing"):
        least = min(all_choices(problem), key=lambda c: problem.loads(c) @ problem.loads(c))
        assert found.broken == 0 and found.raw == pytest.approx(problem.utilisation(least))


class Nothing(dimod.NullSampler):
    """Takes no path at all."""

    def sample(self, bqm, **parameters):
        return dimod.SampleSet.from_samples_bqm({v: 0 for v in bqm.variables}, bqm)


def test_demands_that_a_solver_leaves_out_are_counted_and_given_a_path():
    problem = random_problem(4, nodes=6, demands=6)
    left = {problem.owner[option] for option in reduce(surrogate(problem), roof_duality=False).model.variables}
    found = optimise(problem, Nothing(), seed=1)
    assert found.broken == len(left) > 1
    assert found.raw >= found.utilisation == problem.utilisation(found.choice)


def test_an_unknown_solver_and_a_model_too_large_are_refused():
    with pytest.raises(ConfigError, match="'magic' is not a solver of binary models"):
        optimise(random_problem(1), "magic", seed=1)
    with pytest.raises(ConfigError, match="qaoa takes at most 20 variables"):
        optimise(random_problem(1, nodes=7, demands=12), "qaoa", seed=1)
