"""Slices: the model's minimum against all choices. Also covers slice_instances.py and slice_problem.py."""

from itertools import product

import dimod
import numpy as np
import pytest

from qfl.backbone.applications.posed import pose
from qfl.backbone.applications.slice_instances import as_request, draw_slices
from qfl.backbone.applications.slices import Slices, exact, filled, greedy, repaired, slices_model
from qfl.errors import ConfigError


def best_of_all(problem: Slices) -> float:
    """Return the value of the best choice, by trying them all."""
    best = 0.0
    for options in product(*(range(-1, len(own)) for own in problem.options)):
        chosen = {r: o for r, o in enumerate(options) if o >= 0}
        if (problem.used(chosen) <= problem.capacities).all():
            best = max(best, problem.value(chosen))
    return best


TIGHT = Slices(np.array([5, 4]), (3.0, 2.5, 2.0), tuple(np.array(o) for o in ([[3, 2], [1, 3]], [[2, 2]], [[3, 0]])))


def test_the_models_minimum_is_the_best_choice():
    sample = {v: int(x) for v, x in dimod.ExactSolver().sample(slices_model(TIGHT)).first.sample.items()}
    answer = pose("slices", as_request(TIGHT)).read(sample)
    assert answer["value"] == pytest.approx(best_of_all(TIGHT))
    assert -dimod.ExactSolver().sample(slices_model(TIGHT)).first.energy == pytest.approx(best_of_all(TIGHT))


@pytest.mark.parametrize("seed", range(3))
def test_highs_finds_it_and_bounds_it_and_greedy_stays_below(seed):
    problem = draw_slices(6, 6, seed, options=3)
    crowded = Slices(np.maximum(problem.capacities // 3, 12), problem.values, problem.options)
    for each in (problem, crowded):
        chosen, limit = exact(each)
        assert each.value(chosen) == pytest.approx(best_of_all(each)) and limit >= each.value(chosen) - 1e-6
        assert each.value(greedy(each)) <= each.value(chosen) + 1e-9
        for found in (chosen, greedy(each), filled(each, repaired(each, dict.fromkeys(range(6), 0)))):
            assert (each.used(found) <= each.capacities).all()


def test_whatever_the_solver_says_what_leaves_meets_the_capacities():
    problem = draw_slices(12, 8, 1)
    posed = pose("slices", as_request(problem))
    for bit in (0, 1):
        answer = posed.read(dict.fromkeys(posed.model.variables, bit))
        chosen = {int(r): o for r, o in answer["admitted"].items()}
        assert (problem.used(chosen) <= problem.capacities).all()
        assert answer["value"] == pytest.approx(problem.value(chosen))


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"capacities": []}, "give whole numbers from 1"),
        ({"capacities": [0]}, "give whole numbers from 1"),
        ({"requests": []}, "there is no request"),
        ({"requests": [{"value": -1.0, "options": [[1]]}]}, "request 0 has the value -1.0"),
        ({"requests": [{"value": 1.0, "options": [[1, 2]]}]}, "lists of 1 whole numbers"),
        ({"requests": [{"value": 1.0, "options": []}]}, "lists of 1 whole numbers"),
        ({"requests": [{"value": 1.0, "options": [[0]]}]}, "not all of them 0"),
        ({"requests": [3]}, "request 0 has the value None"),
    ],
)
def test_what_is_no_request_is_refused(change, said):
    given = {"capacities": [2], "requests": [{"value": 1.0, "options": [[1]]}], **change}
    with pytest.raises(ConfigError, match=said):
        pose("slices", given)
