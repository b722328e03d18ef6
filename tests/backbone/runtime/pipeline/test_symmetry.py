"""What may trade places is held alike, and what that costs is bounded.

Also covers qfl/backbone/runtime/pipeline/given_up.py.
"""

import dimod
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from qfl.backbone.runtime.pipeline.reduce import reduce
from qfl.backbone.runtime.pipeline.solve import solve
from qfl.backbone.runtime.pipeline.symmetry import MOST_VARIABLES, merges, without_fields
from qfl.errors import ConfigError


def least(model):
    return dimod.ExactSolver().sample(model).first.energy if model.num_variables else float(model.offset)


def nearly_alike(seed, noise, repel=0.0):
    """Return three variables, each twice, the copies but for noise the same; copies couple with each other."""
    rng = np.random.default_rng(seed)
    base, fields = rng.normal(size=(3, 3)), 0.3 * rng.normal(size=3)
    place = [k % 3 for k in range(6)]
    couplings = {
        (i, j): (repel if place[i] == place[j] else base[min(place[i], place[j]), max(place[i], place[j])])
        + noise * rng.normal()
        for i in range(6)
        for j in range(i)
    }
    return dimod.BinaryQuadraticModel(
        {k: fields[place[k]] + noise * rng.normal() for k in range(6)}, couplings, "BINARY"
    )


@given(st.integers(0, 10_000), st.sampled_from([0.0, 0.02, 0.1]), st.sampled_from([-0.5, 0.0, 0.4]), st.floats(0, 3))
def test_the_minimum_is_missed_by_no_more_than_is_said_and_tolerated(seed, noise, repel, tolerance):
    model = nearly_alike(seed, noise, repel)
    found = reduce(model, roof_duality=False, symmetry=True, tolerance=tolerance)
    best = solve(found.model, "exact", seed=1)
    lifted = found.lift(best.sample)
    assert found.original.energy(lifted) == pytest.approx(best.energy, abs=1e-9)
    assert -1e-9 <= best.energy - least(model) <= found.loss + 1e-9 <= tolerance + 2e-9
    assert sum(found.rules.values()) == model.num_variables - found.model.num_variables
    assert bool(found.given_up) == (found.loss > 0)


def test_twins_that_attract_are_one_and_twins_that_repel_stay_two():
    attract, repel = nearly_alike(1, 0.0, -0.5), nearly_alike(1, 0.0, 0.4)
    order, (pairs, cost) = list(attract.variables), merges(attract, 0.0)
    assert {frozenset((order[a], order[b])) for a, b in pairs} == {frozenset((k, k + 3)) for k in range(3)}
    assert cost == 0.0
    assert merges(repel, 0.0) == ([], 0.0)
    assert merges(repel, 0.2)[1] == pytest.approx(0.2)  # half their coupling, for one of them


def test_what_is_tolerated_makes_a_model_smaller_that_no_exact_rule_does():
    models = [nearly_alike(seed, 0.05, 0.0) for seed in range(12)]
    exact, tolerant = (
        [reduce(model, roof_duality=False, symmetry=True, tolerance=t) for model in models] for t in (0.0, 1.0)
    )
    left = [sum(found.model.num_variables for found in each) for each in (exact, tolerant)]
    assert left[1] < left[0]
    told = [row.row for found in tolerant for row in found.given_up]
    assert told and all(row["rule"] == "alike" and 0 < row["at_most"] <= 1.0 for row in told)


def test_a_glass_without_fields_loses_one_variable_of_each_part_and_keeps_its_minimum():
    rng = np.random.default_rng(5)
    couplings = {(i, j): rng.normal() for part in (0, 6) for i in range(part, part + 6) for j in range(part, i)}
    glass = dimod.BinaryQuadraticModel({}, couplings, "SPIN")
    binary = glass.change_vartype("BINARY", inplace=False)
    assert len(without_fields(binary)) == 2
    found = reduce(glass, roof_duality=False, symmetry=True)
    assert found.rules["spin flip"] == 2 and found.loss == 0.0
    assert solve(found.model, "exact", seed=1).energy == pytest.approx(least(glass))
    tilted = dimod.BinaryQuadraticModel({0: 0.01}, couplings, "SPIN")
    assert len(without_fields(tilted.change_vartype("BINARY", inplace=False))) == 1


def test_large_models_and_models_of_one_variable_are_left_alone():
    count = MOST_VARIABLES + 1
    assert merges(dimod.BinaryQuadraticModel(dict.fromkeys(range(count), 0.0), {}, "BINARY"), 1.0) == ([], 0.0)
    assert merges(dimod.BinaryQuadraticModel({0: 1.0}, {}, "BINARY"), 1.0) == ([], 0.0)
    assert without_fields(dimod.BinaryQuadraticModel("BINARY")) == []


@pytest.mark.parametrize("tolerance", [-1.0, float("nan"), float("inf")])
def test_a_tolerance_that_is_none_is_refused(tolerance):
    with pytest.raises(ConfigError, match="give a finite number of 0 or more"):
        reduce(nearly_alike(1, 0.0), symmetry=True, tolerance=tolerance)
