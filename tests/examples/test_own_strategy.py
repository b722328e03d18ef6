"""The rule of the example conforms, and is the formula of its docstring. Also covers examples/own_strategy/rule.py."""

import runpy
from pathlib import Path

import numpy as np

import qfl
from qfl.angles import TWO_PI, AngleLayout
from qfl.testing.kits import run
from qfl.testing.kits.rule import checks

RULE = runpy.run_path(str(Path(qfl.__file__).parent.parent / "examples/own_strategy/rule.py"))["agreement_momentum"]


def test_the_rule_conforms():
    assert run(checks(RULE, AngleLayout(tuple("abc"), (TWO_PI,) * 3), decay=0.8, trust=0.5)) == []


def test_two_rounds_by_hand():
    angles, updates, weights = np.zeros(2), np.array([[3.0, 0.0], [0.0, 4.0]]), np.array([1.0, 1.0])
    first, state = RULE(angles, updates, weights, {}, decay=0.5)
    agreement = 2.5 / 3.5  # of the mean (1.5, 2) and the lengths 3 and 4
    np.testing.assert_allclose(first, agreement * np.array([1.5, 2.0]))
    second, _ = RULE(first, np.stack([first + 1.0] * 2), weights, state, decay=0.5)
    np.testing.assert_allclose(second, first + 0.5 * np.array([1.5, 2.0]) + 1.0)
