"""Links and demands that decide nothing, by all routings; and what a request says of its reduction.

Also covers qfl/backbone/applications/traffic/reductions.py.
"""

import dimod
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from qfl.backbone.applications.posed import pose
from qfl.backbone.applications.traffic.linear import utilisation_bound
from qfl.backbone.applications.traffic.reductions import Wanted, reduced
from qfl.backbone.applications.traffic.screening import screen
from qfl.errors import ConfigError
from tests.backbone.applications.traffic.conftest import all_choices, random_problem

SQUARE = {
    "links": [["s", "a", 10], ["a", "t", 10], ["s", "b", 4], ["b", "t", 4], ["t", "s", 10]],
    "demands": [["s", "t", 6], ["s", "a", 1], ["t", "s", 0.5]],
}


@settings(max_examples=25)
@given(st.integers(0, 5_000))
def test_the_best_utilisation_stays_whatever_is_screened(seed):
    problem = random_problem(seed)
    found = screen(problem, utilisation_bound(problem))
    best = min(problem.utilisation(choice) for choice in all_choices(problem))
    left = min(problem.utilisation(found.lift(choice)) for choice in all_choices(found.left))
    assert left == pytest.approx(best)
    for choice in all_choices(problem):
        assert (problem.loads(choice)[~found.deciding] <= best + 1e-9).all()


def test_a_bound_of_nothing_screens_nothing_and_one_above_all_leaves_one_demand():
    problem = random_problem(2)
    assert len(screen(problem, 0.0).kept) == len(problem.demands)
    found = screen(problem, 1e9)
    assert not found.deciding.any() and found.kept.tolist() == [int(problem.volume.argmax())]


@pytest.mark.parametrize(
    "words", [{}, {"screen": True}, {"clusters": 2}, {"regions": 2}, {"screen": True, "clusters": 1}]
)
def test_a_smaller_request_is_answered_on_the_full_network(words):
    posed = pose("traffic", SQUARE | words)
    sample = {v: int(x) for v, x in dimod.ExactSolver().sample(posed.model).first.sample.items()}
    assert posed.feasible(sample)
    answer = posed.read(sample)
    assert (
        len(answer["paths"]) == 3
        and answer["bound"] - 1e-9 <= answer["utilisation"] <= answer["raw_utilisation"] + 1e-9
    )
    assert bool(answer["given_up"]) == bool(words)


def test_what_was_given_up_is_told():
    problem = random_problem(9, demands=6)
    exact, _, lossy = reduced(problem, Wanted(screen=True, clusters=1)).given_up
    assert exact.at_most == 0.0 and exact.measured is None
    assert lossy.rule == "clusters" and lossy.after == 1 and lossy.measured is not None and lossy.measured >= 0
    assert reduced(problem, Wanted()).given_up == () and reduced(problem, Wanted()).small is problem


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ({"clusters": -1}, "-1 clusters and 0 regions; give one of both"),
        ({"regions": -1}, "give one of both"),
        ({"clusters": 1, "regions": 1}, "1 clusters and 1 regions; give one of both"),
        ({"clusters": 4}, "4 clusters for 3 demands; give at most 3"),
        ({"regions": 5}, "5 regions for 4 nodes; give at most 4"),
        ({"clusters": 1.5}, "'clusters' is 1.5; expected a whole number"),
        ({"clusters": True}, "'clusters' is True; expected a whole number"),
        ({"screen": 1}, "'screen' is 1; expected true or false"),
    ],
)
def test_a_reduction_that_cannot_be_is_refused_in_a_sentence(words, said):
    with pytest.raises(ConfigError, match=said):
        pose("traffic", SQUARE | words)


def test_weights_leave_out_links_that_cannot_decide():
    problem = random_problem(1)
    small = reduced(problem, Wanted(screen=True))
    assert set(np.unique(small.weights)) <= {0.0, 1.0} and small.weights.any()
