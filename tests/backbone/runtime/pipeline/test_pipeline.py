"""Reduce, solve, verify, against all assignments.

Also covers qfl/backbone/runtime/pipeline/reduce.py.
Also covers qfl/backbone/runtime/pipeline/solve.py.
Also covers qfl/backbone/runtime/pipeline/verify.py.
"""

import dimod
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from qfl.backbone.orchestration.policy.decide import InvocationPolicy
from qfl.backbone.orchestration.policy.features import Context, HardwareState, problem_features
from qfl.backbone.runtime.pipeline.reduce import reduce
from qfl.backbone.runtime.pipeline.solve import OF_MODELS, Solved, solve
from qfl.backbone.runtime.pipeline.verify import Verified, better, verify
from qfl.errors import ConfigError


def random_model(seed, count=9, density=0.4, vartype="BINARY"):
    rng = np.random.default_rng(seed)
    linear = dict(enumerate(rng.normal(size=count)))
    pairs = {(i, j): rng.normal() for i in range(count) for j in range(i) if rng.random() < density}
    return dimod.BinaryQuadraticModel(linear, pairs, 0.3, vartype)


def least(model):
    return dimod.ExactSolver().sample(model).first.energy if model.num_variables else model.offset


@given(st.integers(0, 10_000), st.sampled_from([0.1, 0.3, 0.7]), st.booleans(), st.sampled_from(["BINARY", "SPIN"]))
def test_the_minimum_of_what_is_left_lifts_to_the_minimum(seed, density, roof, vartype):
    model = random_model(seed, density=density, vartype=vartype)
    found = reduce(model, roof_duality=roof)
    best = solve(found.model, "exact", seed=1)
    assert best.energy == pytest.approx(least(model))
    lifted = found.lift(best.sample)
    assert set(lifted) == set(model.variables)
    assert found.original.energy(lifted) == pytest.approx(least(model))
    assert sum(found.rules.values()) == model.num_variables - found.model.num_variables


def test_a_tree_is_solved_by_reduction_alone():
    rng = np.random.default_rng(3)
    tree = {(i, int(rng.integers(i))): rng.normal() for i in range(1, 40)}
    model = dimod.BinaryQuadraticModel(dict(enumerate(rng.normal(size=40))), tree, "BINARY")
    found = reduce(model, roof_duality=False)
    assert found.model.num_variables == 0 and found.ratio == 0.0
    walk = solve(model, "annealing", seed=1, reads=200).energy
    assert found.model.offset <= walk + 1e-9
    assert found.original.energy(found.lift({})) == pytest.approx(float(found.model.offset))


def test_roof_duality_fixes_what_the_other_rules_leave():
    models = [random_model(seed, count=14, density=0.25) for seed in range(12)]
    plain, roof = (sum(reduce(m, roof_duality=r).model.num_variables for m in models) for r in (False, True))
    assert roof < plain


@pytest.mark.parametrize("name", OF_MODELS)
def test_every_solver_finds_the_minimum_of_a_small_model_and_comes_again(name):
    model = random_model(8, count=6)
    first = solve(model, name, seed=3)
    assert first.energy == pytest.approx(least(model)) == pytest.approx(model.energy(first.sample))
    assert solve(model, name, seed=3).sample == first.sample


def test_any_sampler_of_dimod_s_interface_will_do():
    model = random_model(8, count=6)
    found = solve(model, dimod.ExactSolver(), seed=1)
    assert (found.solver, found.energy) == ("ExactSolver", pytest.approx(least(model)))


def test_verification_recomputes_what_a_solver_claims_and_improves_it():
    model = random_model(2)
    found = reduce(model, roof_duality=False)
    worst = dict.fromkeys(found.model.variables, 1)
    answer = verify(found, Solved(worst, -1e9, 0.0, "liar"))
    assert answer.raw == pytest.approx(found.original.energy(found.lift(worst)))
    assert answer.energy == pytest.approx(found.original.energy(answer.sample)) and answer.energy <= answer.raw
    for v in model.variables:
        assert found.original.energy({**answer.sample, v: 1 - answer.sample[v]}) >= answer.energy - 1e-9


def test_what_holds_the_constraints_keeps_them_and_what_does_not_is_told():
    model = dimod.BinaryQuadraticModel(dict.fromkeys("abc", -1.0), {}, "BINARY")
    found = reduce(dimod.BinaryQuadraticModel(dict.fromkeys("abc", 0.0), {}, "BINARY"))
    found = type(found)(model, model, {}, (), {})
    two = lambda sample: sum(sample.values()) <= 2  # noqa: E731
    answer = verify(found, Solved({"a": 1, "b": 0, "c": 0}, 0.0, 0.0, "x"), two)
    assert answer.feasible and sum(answer.sample.values()) == 2
    outside = verify(found, Solved({"a": 1, "b": 1, "c": 1}, 0.0, 0.0, "x"), two)
    assert not outside.feasible
    assert better(outside, answer) is answer
    lower = Verified({}, -9.0, -9.0, 0, True, "y")
    assert better(answer, lower) is lower


@pytest.mark.parametrize(
    ("call", "words"),
    [
        (lambda m: solve(m, "qaos", seed=1), "'qaos' is not a solver of binary models; give one of annealing"),
        (lambda m: solve(m, "svm_rbf", seed=1), "'svm_rbf' is not a solver of binary models"),
        (lambda m: solve(random_model(1, count=21), "qaoa", seed=1), "at most 20 variables, the problem has 21"),
        (lambda m: reduce(dimod.BinaryQuadraticModel({0: float("nan")}, {}, "BINARY")), "not finite"),
        (lambda m: reduce(dimod.BinaryQuadraticModel({0: float("inf")}, {}, "BINARY")), "not finite"),
    ],
)
def test_what_cannot_be_solved_is_refused_in_a_sentence(call, words):
    with pytest.raises(ConfigError, match=words):
        call(random_model(1))


def test_against_real_annealing_the_policy_learns_to_leave_our_qaoa_alone():
    """Problems of up to 14 variables: annealing finds the optimum, so there is nothing to gain, and none is asked."""
    policy, asked = InvocationPolicy(["qaoa"], suite=25, energy_price=1e-4), []
    for seed in range(70):
        found = reduce(random_model(seed, count=8 + seed % 7, density=0.8), roof_duality=False)
        if not found.model.num_variables:
            continue
        features, states = problem_features(found.model), {"qaoa": HardwareState(shots=32, energy_j=1.0)}
        decision = policy.decide(features, Context(5.0), states)
        asked.append(bool(decision.asked))
        classical = verify(found, solve(found.model, "annealing", seed=seed))
        took, gain = {}, {}
        if decision.asked:
            quantum = solve(found.model, "qaoa", seed=seed)
            took, gain = {"qaoa": quantum.seconds}, {"qaoa": classical.energy - verify(found, quantum).energy}
            assert better(classical, verify(found, quantum)).energy <= classical.energy
        policy.learn(features, states, took, gain)
    assert sum(asked[:25]) == 25 and sum(asked[25:]) == 0
