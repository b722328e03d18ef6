"""Users' schedulers: judged by the kit, and refused by name whatever they do wrong.

Also covers qfl/scheduling/block_options.py and qfl/config/blocks.py.
"""

import sys
from functools import partial

import numpy as np
import pytest

from qfl.config.blocks import Blocks, block_faults
from qfl.errors import ConfigError, SolverFailure
from qfl.scheduling.block_options import block_options
from qfl.scheduling.own import own_solver, solver_takes
from qfl.scheduling.problem import Problem
from qfl.scheduling.solution import Status
from qfl.scheduling.solvers.registry import solve
from qfl.testing.kits import run
from qfl.testing.kits.solver import checks

OWN = '''
from dataclasses import replace

import dimod
import numpy as np
from qfl.scheduling.schedule import Schedule
from qfl.scheduling.solution import Solution, Status

def strongest(problem, *, power=1.0):
    gain = problem.instance.gain
    return Schedule(gain.argmax(axis=1), np.full(len(gain), power * problem.instance.max_power_w))

def drawn(problem, seed):
    channel = np.random.default_rng(seed).integers(0, problem.num_channels, problem.num_devices)
    return Schedule(channel, np.full(problem.num_devices, problem.instance.max_power_w))

def boasts(problem):
    schedule = strongest(problem)
    return Solution(schedule, 1e99, Status.OPTIMAL, ((3, 0.0, 1e99),), 0, 3, 0.0, "own", "boasts")

def told(trace, evaluations=3):
    return lambda problem: replace(boasts(problem), trace=trace, evaluations=evaluations)

empty_trace, falling_trace = told(()), told(((3, 0.0, 1.0), (1, 0.0, 1.0)))

def raises(problem): return 1 / 0
def word(problem): return "the best"
def nothing(problem): pass
def shorter(problem): return Schedule(np.zeros(1, int), np.ones(1))
def uneven(problem): return Schedule(np.zeros(problem.num_devices, int), np.ones(1))
def too_loud(problem): return strongest(problem, power=9.0)
def no_number(problem): return strongest(problem, power=float("nan"))
def elsewhere(problem): return Schedule(np.full(problem.num_devices, 99), np.full(problem.num_devices, 0.2))
def silent(problem): return Schedule(np.full(problem.num_devices, -1), np.zeros(problem.num_devices))
def vandal(problem):
    problem.instance.gain[:] = 1e9
    return strongest(problem)

number = 7

class Exact(dimod.Sampler):
    """Every state of a binary model of up to 12 variables."""
    def __init__(self, reads=1):
        self.reads = reads
    properties, parameters = {}, {"keep": []}
    def sample(self, bqm, keep=1, **others):
        return dimod.ExactSolver().sample(bqm).truncate(keep)

class Lost(Exact):
    def sample(self, bqm, **others):
        return dimod.SampleSet.from_samples([{"nobody": 1}], "BINARY", energy=[0.0])

class Broken(Exact):
    def sample(self, bqm, **others):
        raise TimeoutError("the queue is closed")

ready = Exact()
'''
KEY = "radio.solver"


@pytest.fixture(autouse=True)
def app(tmp_path, monkeypatch):
    (tmp_path / "own.py").write_text(OWN)
    monkeypatch.setattr(sys, "path", [str(tmp_path), *sys.path])
    yield
    for name in [name for name in sys.modules if name.startswith("qfl_own_")]:
        del sys.modules[name]


@pytest.fixture
def problems(small_instance):
    small = small_instance(num_devices=4)
    return {
        "rates": Problem(small),
        "weights": Problem(small, "weighted_sum_rate", weights=np.array([1.0, 0.0, 2.0, 5.0])),
        "round time": Problem(small, "round_time", payload_bits=np.full(4, 1e3)),
    }


@pytest.mark.parametrize("name", ["strongest", "drawn", "boasts", "Exact"])
def test_users_solvers_pass_the_kit_of_ours(name, problems):
    own = own_solver(f"own.py:{name}", KEY, {}, {"block_size": 1})
    assert run(checks(own, problems, best=partial(solve, name="brute_force"))) == []


def test_a_value_is_recomputed_and_a_claim_of_optimality_is_not_passed_on(problems):
    found = own_solver("own.py:boasts", KEY)(problems["rates"], seed=1)
    assert found.value == problems["rates"].value(found.choice) < 1e99
    assert found.status is Status.FINISHED and found.evaluations == 3 and found.method == "own.py:boasts"


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("raises", "raised ZeroDivisionError: division by zero (own.py, line"),
        ("word", "gave a str; give a Schedule"),
        ("nothing", "gave a NoneType; give a Schedule"),
        ("shorter", "it is of 1 devices, and the problem of 4"),
        ("uneven", "failed: "),
        ("too_loud", "4 of 4 devices are outside"),
        ("no_number", "NaN"),
        ("elsewhere", "4 of 4 devices have a sub-channel above 2"),
        ("silent", "4 of 4 devices have no sub-channel"),
        ("empty_trace", "whose trace is no rows"),
        ("falling_trace", "whose trace is no rows"),
        ("Lost", "failed: a sample of 1 variables"),
        ("Broken", "raised TimeoutError: the queue is closed (own.py, line"),
    ],
)
def test_what_cannot_be_used_is_one_sentence_that_names_the_solver(name, said, problems):
    with pytest.raises(SolverFailure) as caught:
        own_solver(f"own.py:{name}", KEY)(problems["rates"], seed=1)
    (sentence,) = caught.value.faults
    assert sentence.startswith(f"radio.solver = 'own.py:{name}' ") and "\n" not in sentence
    assert said.lower() in sentence.lower()


def test_what_a_solver_does_to_its_problem_stays_its_own(problems):
    before = problems["rates"].instance.gain.copy()
    own_solver("own.py:vandal", KEY)(problems["rates"], seed=1)
    assert np.array_equal(problems["rates"].instance.gain, before)


@pytest.mark.parametrize(
    ("name", "mine", "said"),
    [
        ("strongest", {"pover": 2.0}, "radio.my.pover is no setting of strongest; did you mean 'power'?"),
        ("strongest", {"power": "much"}, "radio.my.power = 'much' is no float"),
        ("Exact", {"red": 1}, "has no setting 'red'; it takes reads, keep"),
        ("ready", {"reads": 1}, "has no setting 'reads'; it takes keep"),
        ("number", {}, "is no function and no class"),
        ("absent", {}, "has no 'absent'"),
    ],
)
def test_settings_and_names_are_refused_before_anything_is_solved(name, mine, said):
    with pytest.raises(ConfigError, match=f"(?s){KEY}.*") as caught:
        own_solver(f"own.py:{name}", KEY, mine)
    assert said in str(caught.value)


def test_a_sampler_takes_settings_of_its_making_and_of_its_sampling(problems):
    one = {"block_size": 1, "num_blocks": 20}
    own, ready = own_solver("own.py:Exact", KEY, {"reads": 3, "keep": 2}, one), own_solver("own.py:ready", KEY, {}, one)
    assert own(problems["rates"], seed=1).iterations == 20
    assert own(problems["rates"], seed=1).value == ready(problems["rates"], seed=1).value
    assert solver_takes("own.py:Exact", KEY) is None and solver_takes("own.py:strongest", KEY) == {"power"}


def test_an_exact_sampler_of_blocks_decides_as_our_enumeration_does(problems):
    theirs = own_solver("own.py:Exact", KEY)(problems["rates"], seed=2)
    assert theirs.value == pytest.approx(solve(problems["rates"], "bcd_exact", seed=2).value, rel=1e-12)


def test_block_settings_are_the_solvers_own_defaults_and_reach_those_that_have_them(problems):
    for name in ("qaoa_bcd", "bcd_sampling", "bcd_exact"):
        plain, given = (
            solve(problems["rates"], name, seed=3, **options)
            for options in ({}, block_options(name, "rates", Blocks()))
        )
        assert np.array_equal(plain.choice.channel, given.choice.channel) and plain.value == given.value
    deep = block_options("squared_loads_qaoa", "round_time", Blocks(3, 5, 16, "trotter", "default.qubit"))
    assert (deep["block_size"], deep["layers"], deep["shots"]) == (3, 5, 16)
    assert (deep["sampler"].device, deep["sampler"].mixer) == ("default.qubit", "trotter")
    assert block_faults(Blocks(qaoa_mixer="trotter"), "radio.")[0].startswith("radio.qaoa-mixer")


@pytest.mark.parametrize("mixer", ["ideal", "trotter"])
def test_qaoa_runs_on_a_device_for_both_objectives(mixer, small_instance):
    tiny, blocks = small_instance(num_devices=3, num_channels=2), Blocks(1, 1, 8, mixer, "default.qubit")
    for name, problem in {
        "qaoa_bcd": Problem(tiny),
        "squared_loads_qaoa": Problem(tiny, "round_time", payload_bits=np.ones(3)),
    }.items():
        options = block_options(name, problem.kind, blocks)
        found = solve(problem, name, seed=1, num_blocks=3, **options)
        assert not problem.check(found.choice) and found.iterations == 3
