"""Features of problems, by hand."""

import dimod
import numpy as np
import pytest

from qfl.backbone.orchestration.policy.features import (
    FEATURES,
    HardwareState,
    ProblemFeatures,
    problem_features,
    vector,
)
from qfl.errors import ConfigError


def test_a_problem_without_couplings_has_one_minimum_and_a_frustrated_one_is_rougher():
    smooth = dimod.BinaryQuadraticModel(dict.fromkeys(range(12), -1.0), {}, "BINARY")
    signs = np.random.default_rng(1).choice([-1.0, 1.0], 66)
    pairs = [(i, j) for i in range(12) for j in range(i)]
    rough = dimod.BinaryQuadraticModel({}, dict(zip(pairs, signs, strict=True)), "SPIN")
    first, second = problem_features(smooth), problem_features(rough)
    assert (first.variables, first.density, second.density) == (12, 0.0, 1.0)
    assert first.roughness == 0.0 < second.roughness
    assert problem_features(rough) == second


def test_spread_is_that_of_the_coefficients():
    even = dimod.BinaryQuadraticModel({0: 2.0, 1: 2.0}, {(0, 1): 2.0}, "BINARY")
    assert problem_features(even).spread == 0.0


@pytest.mark.parametrize(
    "model", [dimod.BinaryQuadraticModel("BINARY"), dimod.BinaryQuadraticModel({0: float("nan")}, {}, "BINARY")]
)
def test_an_empty_problem_or_one_that_is_not_finite_is_refused(model):
    with pytest.raises(ConfigError, match="finite numbers"):
        problem_features(model)


def test_the_vector_has_its_length():
    assert vector(ProblemFeatures(8, 0.1, 0.2, 0.3), HardwareState()).shape == (FEATURES,)
