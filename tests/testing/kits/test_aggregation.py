"""The kit for aggregation rules catches each kind of broken rule by the right sentence, and passes a sound one."""

import numpy as np
import pytest

from qfl.aggregation.aggregate import Aggregate
from qfl.aggregation.circular import circular_mean
from qfl.aggregation.delta import delta_mean
from qfl.angles import TWO_PI, AngleLayout
from qfl.testing.kits import run
from qfl.testing.kits.aggregation import checks

LAYOUT = AngleLayout(tuple("abc"), (TWO_PI,) * 3)
CALLS = []


def of(change):
    """Return the delta mean with its angles changed."""

    def rule(received, updates, weights, layout, *, learning_rate=1.0):
        found = delta_mean(received, updates, weights, layout, learning_rate=learning_rate)
        return Aggregate(change(found.angles, received, updates, weights))

    return rule


def first_counts_twice(angles, received, updates, weights):
    return angles + (updates[0] - received) / 7


def in_place(angles, received, updates, weights):
    updates += 1.0
    return angles


def remembering(angles, received, updates, weights):
    CALLS.append(angles)
    return angles + 1e-9 * len(CALLS)


def any_weights(received, updates, weights, layout, *, learning_rate=1.0):
    share = np.abs(np.nan_to_num(weights, posinf=1.0)) + 1e-300
    return delta_mean(received, updates, share, layout, learning_rate=learning_rate)


def any_layout(received, updates, weights, layout, *, learning_rate=1.0):
    return delta_mean(received, updates, weights, LAYOUT, learning_rate=learning_rate)


def whole_steps(received, updates, weights, layout, *, learning_rate=1.0):
    return delta_mean(received, updates, weights, layout)


def reporting(received, updates, weights, layout, *, learning_rate=1.0):
    found = delta_mean(received, updates, weights, layout, learning_rate=learning_rate)
    return Aggregate(found.angles, {"resultant_min": float("nan")})


BREAKS = {
    "an angle less": (of(lambda angles, *_: angles[:-1]), "as many finite angles"),
    "not a number": (of(lambda angles, *_: np.where(angles > 0, angles, np.nan)), "as many finite angles"),
    "reports no number": (reporting, "as many finite angles"),
    "changes its arguments": (of(in_place), "no argument is changed"),
    "remembers": (of(remembering), "nothing is remembered"),
    "moves by itself": (of(lambda angles, *_: angles + 1e-6), "if nobody moved"),
    "half the way": (of(lambda angles, received, *_: (angles + received) / 2), "if all moved alike"),
    "depends on the order": (of(first_counts_twice), "the order of clients"),
    "counts alike": (of(lambda angles, received, updates, weights: updates.mean(axis=0)), "as FedAvg does"),
    "knows no step size": (whole_steps, "half the step size"),
    "gives weight zero a say": (
        of(lambda angles, received, updates, weights: np.average(updates, axis=0, weights=weights + 1)),
        "a client of weight zero",
    ),
    "takes any weights": (any_weights, "weights that are negative"),
    "takes any layout": (any_layout, "a layout of another length"),
    "knows no period": (delta_mean, "whole periods added to any client"),
    "is taken anywhere by one client": (delta_mean, "a client that sends anything"),
    "moves far": (delta_mean, "more than half its period"),
    "comes back wrapped": (
        of(lambda angles, *_: np.mod(angles, TWO_PI)),
        "a whole period added to the received angles",
    ),
}


def test_sound_rules_conform():
    assert run(checks(delta_mean, LAYOUT)) == []
    assert run(checks(circular_mean, LAYOUT, periodic=True)) == []


@pytest.mark.parametrize("name", BREAKS)
def test_a_broken_rule_is_caught_by_the_sentence_that_it_breaks(name):
    rule, sentence = BREAKS[name]
    found = run(checks(rule, LAYOUT, periodic=True, robust="sends anything" in sentence))
    assert any(sentence in failure for failure in found), found
