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
from qfl.seeds import stream


def test_a_problem_without_couplings_has_one_minimum_and_a_frustrated_one_is_rougher():
    smooth = dimod.BinaryQuadraticModel(dict.fromkeys(range(12), -1.0), {}, "BINARY")
    signs = np.random.default_rng(1).choice([-1.0, 1.0], 66)
    pairs = [(i, j) for i in range(12) for j in range(i)]
    rough = dimod.BinaryQuadraticModel({}, dict(zip(pairs, signs, strict=True)), "SPIN")
    first, second = problem_features(smooth), problem_features(rough)
    assert (first.variables, first.density, second.density) == (12, 0.0, 1.0)
    assert first.roughness == 0.0 < second.roughness
    assert problem_features(rough) == second


def test_roughness_is_that_of_descents_which_compute_every_change_anew():
    draw = np.random.default_rng(5)
    for size in (3, 20, 60):
        linear, table = draw.normal(size=size), np.triu(draw.normal(size=(size, size)), 1)
        couplings = {(i, j): table[i, j] for i in range(size) for j in range(i + 1, size)}
        found = problem_features(dimod.BinaryQuadraticModel(dict(enumerate(linear)), couplings, "BINARY"), walks=30)
        starts, ends = stream(1, "backbone", "roughness"), []
        for _ in range(30):
            x = starts.integers(2, size=size).astype(float)
            value = linear @ x + x @ table @ x
            while True:
                flipped = [x + (1 - 2 * x[k]) * np.eye(size)[k] for k in range(size)]
                values = [linear @ y + y @ table @ y for y in flipped]
                if min(values) > value - 1e-12:
                    break
                x, value = flipped[int(np.argmin(values))], min(values)
            ends.append(value)
        assert found.roughness == np.mean(np.array(ends) > min(ends) + 1e-8)


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
