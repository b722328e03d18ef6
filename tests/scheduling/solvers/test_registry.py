"""Every row of the table of solvers, by the solvers' kit.

Also covers qfl/scheduling/solvers/annealing.py, qfl/scheduling/solvers/fixed_channels.py,
qfl/scheduling/solvers/greedy.py, qfl/scheduling/solvers/random.py, qfl/scheduling/solution.py.
"""

from functools import partial

import numpy as np
import pytest

from qfl.errors import ConfigError
from qfl.scheduling.access_points.problem import problems
from qfl.scheduling.problem import Problem, Schedule
from qfl.scheduling.solvers import dimod_blocks, fixed_channels, sca
from qfl.scheduling.solvers.registry import solve, solver
from qfl.scheduling.specs import SOLVERS, specs_of
from qfl.testing.kits import run
from qfl.testing.kits.solver import checks
from qfl.wireless.cell_free.channel import draw
from qfl.wireless.cell_free.network import CellFree
from qfl.wireless.cell_free.precoders import max_ratio
from qfl.wireless.uplink import UplinkInstance

FASTER = {"num_blocks": 6, "num_iterations": 3, "num_sweeps": 5}
BINARY = {"num_blocks": 3}
WEIGHTS = np.array([0.0, 5.0, 1.0, 0.2, 1.0])
PAYLOADS = np.array([1e3, 9e3, 2e3, 4e3, 4e3])
BEST = {"rates": "brute_force", "round_time": "brute_force", "assignment": "exhaustive"}
# what they build in one go is not cut short, and small cells end a search before any limit
UNLIMITED = ("random", "greedy", "matching", "brute_force", "tdma_lpt", "algorithm4", "exhaustive")


def instance(variant="all_active", limit=None, num_devices=5, num_channels=3, seed=0):
    rng = np.random.default_rng(seed)
    gain = 10 ** rng.uniform(1, 6, (num_devices, 1)) * rng.exponential(size=(num_devices, num_channels))
    most = num_devices if limit is None else limit
    return UplinkInstance(gain, np.ones(num_devices), 1e-3, 0.251, 180e3, variant, most, 0.0)


def assignment(objective, all_served=True, **network):
    channel = draw(CellFree(**network), 1, 1).known
    return problems(CellFree(**network), channel, max_ratio(channel), objective, all_served)[0]


PROBLEMS = {
    "rates": {
        "all active": Problem(instance()),
        "optional channel": Problem(instance("optional_channel")),
        "optional power": Problem(instance("optional_power")),
        "capacity": Problem(instance("capacity", 2)),
        "weights": Problem(instance("optional_channel"), "weighted_sum_rate", weights=WEIGHTS),
        "eight devices": Problem(instance(seed=2, num_devices=8)),
    },
    "round_time": {"round time": Problem(instance(), "round_time", payload_bits=PAYLOADS)},
    "assignment": {
        "least rate": assignment("min_rate"),
        "summed rate": assignment("sum_rate", num_aps=5),
        "not all served": assignment("sum_rate", all_served=False),
    },
}
NEEDS_CHANNELS = ("all active", "capacity", "eight devices")  # of each device its own, or silence
"""Problems that a matching refuses."""


ROWS = pytest.mark.parametrize("spec", SOLVERS, ids=lambda spec: f"{spec.name} of {spec.problems[0]}")


@ROWS
def test_every_solver_conforms(spec):
    solved = {name: problem for kind in spec.problems for name, problem in PROBLEMS[kind].items()}
    others = set(PROBLEMS) - set(specs_of(spec.name))
    refused = {name: problem for kind in sorted(others) for name, problem in PROBLEMS[kind].items()}
    if spec.name == "matching" and "rates" in spec.problems:
        refused |= {name: solved.pop(name) for name in NEEDS_CHANNELS}
    faster = BINARY if "dimod_blocks" in spec.maker or spec.name == "squared_loads_annealing" else FASTER
    solver = partial(solve, name=spec.name, **{name: value for name, value in faster.items() if name in spec.options})
    facts = {"climbs": spec.monotone != "no", "keeps_start": spec.monotone == "start", "clocked": spec.clocked}
    facts |= {"limit": None if spec.name in UNLIMITED else 1, "best": partial(solve, name=BEST[spec.problems[0]])}
    assert run(checks(solver, solved, refused=refused, **facts)) == []


@ROWS
def test_a_name_is_bound_to_one_method(spec):
    name = {"rates": "optional channel", "round_time": "round time", "assignment": "least rate"}[spec.problems[0]]
    problem = PROBLEMS[spec.problems[0]][name]
    options = {name: value for name, value in FASTER.items() if name in spec.options}
    assert solve(problem, spec.name, seed=1, **options).method == spec.name


def test_another_name_is_a_solver_with_options():
    problem = PROBLEMS["rates"]["all active"]
    long = solve(problem, "bcd_exact_3000", seed=1, max_evaluations=9000)
    assert (long.method, long.choice.channel.tolist()) == (
        "bcd_exact",
        solve(problem, "bcd_exact", seed=1, num_blocks=3000, max_evaluations=9000).choice.channel.tolist(),
    )
    assert long.iterations > 150
    assert solve(problem, "neal", seed=1, num_blocks=2).method == "annealing_qubo"


@pytest.mark.parametrize("name", ["sca", "oracle"])
def test_an_unknown_name_is_refused_with_the_known_ones(name):
    with pytest.raises(ConfigError, match=f"'{name}' is not a solver; give one of random, random_wmmse.* exhaustive"):
        solver(name)


def test_an_unknown_option_is_refused_with_the_known_ones():
    with pytest.raises(ConfigError, match="swap has no option 'num_blocks'; give start, max_evaluations, max_sweeps"):
        solve(PROBLEMS["rates"]["all active"], "swap", seed=1, num_blocks=3)


@pytest.mark.parametrize(
    ("solve", "option"),
    [
        (dimod_blocks.solve, "sampler"),
        (fixed_channels.solve, "channels"),
        (fixed_channels.solve, "power"),
        (sca.solve, "keep"),
    ],
)
def test_a_value_that_an_option_does_not_take_is_refused_with_those_it_takes(solve, option):
    with pytest.raises(ConfigError, match=f"{option} is 'best of all'; give one of [a-z_]+, [a-z_]+"):
        solve(PROBLEMS["rates"]["all active"], seed=1, **{option: "best of all"})


@pytest.mark.parametrize("name", ["best_response", "annealing", "bcd_exact", "qaoa_bcd", "sca_best"])
def test_a_limit_on_evaluations_is_said(name):
    found = solve(PROBLEMS["rates"]["all active"], name, seed=3, max_evaluations=30)
    assert found.status.name == "OUT_OF_EVALUATIONS"


@pytest.mark.parametrize("name", ["best_response", "annealing"])
def test_a_limit_on_evaluations_of_assignments_is_said(name):
    found = solve(PROBLEMS["assignment"]["summed rate"], name, seed=3, max_evaluations=4)
    assert found.status.name == "OUT_OF_EVALUATIONS"


def test_methods_of_one_aim_name_those_of_another():
    with pytest.raises(ConfigError, match="the objective is round_time; give tdma_lpt"):
        solve(PROBLEMS["round_time"]["round time"], "best_response", seed=1)
    with pytest.raises(
        ConfigError, match=r"minimises the time of a round and the objective is sum_rate; give .*greedy"
    ):
        solve(PROBLEMS["rates"]["all active"], "tdma_lpt", seed=1)
    with pytest.raises(ConfigError, match=r"assigns access points and the objective is sum_rate; give .*greedy"):
        solve(PROBLEMS["rates"]["all active"], "algorithm4", seed=1)


def test_a_silent_start_is_filled_where_silence_is_forbidden():
    silent = Schedule(np.full(5, -1), np.zeros(5))
    found = solve(PROBLEMS["rates"]["all active"], "best_response", seed=3, start=silent)
    assert found.status.name == "CONVERGED"
