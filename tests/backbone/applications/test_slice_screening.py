"""What can never matter is left out of an admission, and the best value stays, by all choices."""

import dimod
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from qfl.backbone.applications.posed import pose
from qfl.backbone.applications.slice_instances import as_request
from qfl.backbone.applications.slice_problem import Slices
from qfl.backbone.applications.slice_screening import as_it_is, screened
from tests.backbone.applications.test_slices import best_of_all


def drawn(seed: int) -> Slices:
    rng = np.random.default_rng(seed)
    requests = int(rng.integers(1, 5))
    least = np.array([1, 0, 0, 0])  # no option uses nothing
    options = tuple(least + rng.integers(0, 6, size=(int(rng.integers(1, 4)), 4)) for _ in range(requests))
    return Slices(rng.integers(1, 16, 4), tuple(rng.uniform(1, 5, requests).tolist()), options)


@given(st.integers(0, 100_000))
def test_the_best_value_stays_and_its_choice_is_one_of_the_full_problem(seed):
    problem = drawn(seed)
    found = screened(problem)
    assert best_of_all(found.left) == pytest.approx(best_of_all(problem))
    chosen = found.lift(dict.fromkeys(range(len(found.left.values)), 0))
    for r, o in chosen.items() if found.left is not problem else ():
        assert (problem.options[r][o] <= problem.capacities).all()


def test_each_rule_takes_what_it_says():
    uses = np.array([[2, 1, 3], [2, 1, 4], [9, 1, 1]])  # the second is worse than the first, the third does not fit
    found = screened(Slices(np.array([3, 50, 3]), (1.0, 1.0), (uses, np.array([[1, 1, 2]]))))
    assert [own.tolist() for own in found.options] == [[0], [0]]
    assert found.left.capacities.tolist() == [3]  # the second never binds, the first is implied by the third
    assert [row.row["after"] for row in found.given_up] == [1, 2]
    assert all(row.at_most == 0.0 for row in found.given_up)


def test_two_that_are_the_same_leave_one_and_nothing_that_fits_leaves_all():
    same = Slices(np.array([3, 3]), (1.0, 1.0), (np.array([[2, 2], [2, 2]]), np.array([[2, 2]])))
    found = screened(same)
    assert len(found.left.capacities) == 1 and [len(own) for own in found.options] == [1, 1]
    none = Slices(np.array([1]), (1.0,), (np.array([[2]]),))
    assert screened(none).left is none and as_it_is(none).lift({0: 0}) == {0: 0}


def test_a_request_that_wants_it_has_a_smaller_model_and_the_same_best_answer():
    problem = drawn(7)
    full, small = (pose("slices", as_request(problem) | {"screen": screen}) for screen in (False, True))
    assert small.model.num_variables < full.model.num_variables
    sample = {v: int(x) for v, x in dimod.ExactSolver().sample(small.model).first.sample.items()}
    answer = small.read(sample)
    assert answer["value"] == pytest.approx(best_of_all(problem))
    assert [row["rule"] for row in answer["given_up"]] == ["capacities that never bind", "useless options"]
    assert "given_up" not in full.read(dict.fromkeys(full.model.variables, 0))
