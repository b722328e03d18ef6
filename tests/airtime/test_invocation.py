"""Who is asked for an allocation of the radio, what the wait costs, and what is learned of it.

Also covers qfl/airtime/asked.py.
"""

import json
from dataclasses import replace

import numpy as np
import pytest

from qfl.airtime.allocator import Allocator
from qfl.airtime.asked import Question, ask, block_of
from qfl.airtime.invocation import Moment, make_invocation, worth
from qfl.airtime.radio import Radio
from qfl.config.radio import RadioSettings
from qfl.errors import ConfigError
from qfl.federation.grids.radio import AirState, load_air, save_air, state_after
from qfl.scheduling.solvers.registry import solver

COUNT = 12
ALL, BITS = np.arange(COUNT), np.full(COUNT, 3e4)
HOST = '[[backend]]\nname = "host"\nkind = "cpu"\nsolver = "auto"\nsimulated = true\nsetup-s = 0.001\npower-w = 1.0\n'
QPU = '[[backend]]\nname = "qpu"\nkind = "qpu"\nsolver = "{solver}"\nsimulated = true\nvariables = 40\n{more}\n'


@pytest.fixture
def pool(tmp_path):
    """Write a pool of a host and a quantum backend, and return its path."""

    def write(more="setup-s = 0.02\npower-w = 10.0", solver="qaoa", host=HOST):
        path = tmp_path / "pool.toml"
        path.write_text(host + QPU.format(solver=solver, more=more))
        return str(path)

    return write


def radio(pool, **changes):
    given = {"num_channels": 4, "deadline_s": 1.0, "objective": "sum_rate", "suite": 3, "pool": pool} | changes
    return Radio(RadioSettings(on=True, **given), 1, np.full(COUNT, 7.0), [()] * COUNT, np.ones(COUNT), COUNT)


def played(cell, rounds, air=None):
    """Return the decisions of some rounds, and the state after them."""
    air = air or AirState()
    for number in rounds:
        air = state_after(cell, air, cell.carry(number, ALL, BITS, air.schedule, air.learned, air.clock_s))
    return air


def test_after_the_suite_a_backend_that_costs_more_than_it_brings_is_asked_no_more(pool):
    rows = played(radio(pool("setup-s = 0.5")), range(1, 9)).learned
    assert [bool(row["decision"]["asked"]) for row in rows] == [True] * 3 + [False] * 5
    assert all(row["outcome"]["advantage"]["qpu"] < -0.3 for row in rows[:3])  # half a second of one is lost
    assert "not worth asking" in rows[-1]["decision"]["reason"]


def test_a_backend_that_is_better_and_takes_no_time_is_asked_again_and_its_answer_used(pool):
    bad = HOST.replace('"auto"', '"random"')
    with pytest.raises(ConfigError, match="is no solver; give one of auto"):
        radio(pool(host=bad))
    rows = played(radio(pool("setup-s = 1e-6"), variant="capacity", evaluations=40), range(1, 7)).learned
    best = [row["outcome"]["backend"] for row in rows]
    gains = [row["outcome"]["advantage"]["qpu"] for row in rows if row["outcome"]["advantage"]]
    assert all((gain > 1e-9) == (name == "qpu") for gain, name in zip(gains, best, strict=False))


def test_the_answer_that_is_taken_is_never_worse_than_the_classical_one_alone(pool):
    cell = radio(pool())
    for number in (1, 2, 3):
        found = cell.carry(number, ALL, BITS)
        plain = radio("").carry(number, ALL, BITS)
        assert found.solutions[0].value >= plain.solutions[0].value
        assert found.decisions[0]["outcome"]["waited_s"] > 0 and not plain.decisions


def test_nothing_is_sent_before_there_is_an_allocation(pool):
    slow, quick = (radio(pool(f"setup-s = {s}"), objective="round_time").carry(1, ALL, BITS) for s in (0.4, 1e-6))
    wait_s = slow.decisions[0]["outcome"]["waited_s"]
    assert wait_s > 0.2 and slow.uploads.end_s.min() > wait_s > quick.uploads.end_s.min()
    assert slow.solutions[0].value == quick.solutions[0].value
    assert slow.seconds - quick.seconds == pytest.approx(wait_s - quick.decisions[0]["outcome"]["waited_s"])


def test_nobody_waits_longer_than_the_allocation_may(pool):
    found = radio(pool("setup-s = 60.0"), decide_s=0.25).carry(1, ALL, BITS)
    assert found.decisions[0]["outcome"]["waited_s"] == 0.25
    assert found.decisions[0]["outcome"]["backend"] == "host"


def test_what_a_checkpoint_holds_goes_on_to_the_same_decisions(pool):
    whole, half = played(radio(pool()), range(1, 9)), played(radio(pool()), range(1, 5))
    arrays, plain = save_air(half)
    resumed = played(radio(pool()), range(5, 9), load_air(arrays, json.loads(json.dumps(plain))))
    assert json.dumps(resumed.learned) == json.dumps(whole.learned) and resumed.clock_s == whole.clock_s


def test_a_block_that_does_not_fit_is_asked_of_nobody(pool):
    rows = played(radio(pool(), num_channels=11), (1,)).learned
    assert not rows[0]["decision"]["asked"] and not rows[0]["decision"]["hardware"]["qpu"]["available"]


def test_a_job_that_fails_or_is_noise_leaves_the_classical_answer(pool):
    invocation = make_invocation(RadioSettings(num_channels=4, objective="sum_rate", pool=pool()), 1)
    problem = _problem()
    qpu = invocation.pool.named("qpu")
    whole = ask(qpu, solver("qaoa_bcd"), Question(problem, 5))
    assert whole.solution.value > 0 and not whole.why
    broken = ask(replace(qpu, failure=0.999999), solver("qaoa_bcd"), Question(problem, 5))
    assert broken.solution is None and broken.why == "the job failed on the device" and broken.energy_j > 0
    noisy = ask(replace(qpu, drift=1.0, calibration_s=1.0), solver("qaoa_bcd"), Question(problem, 5, 0.999999))
    assert noisy.solution.method == "random" and noisy.solution.value < whole.solution.value


def test_the_time_of_a_job_is_its_set_up_and_its_shots(pool):
    invocation = make_invocation(RadioSettings(pool=pool("setup-s = 0.02\nshot-s = 1e-3\nqueue-s = 1.0")), 1)
    found = ask(invocation.pool.named("qpu"), solver("qaoa_bcd"), Question(_problem(), 5), 3.0)
    usual = 3.0 + 0.02 + 150 * 32 * 1e-3  # 150 blocks of 32 shots
    assert found.seconds / usual == pytest.approx(np.exp(_jitter(5)), rel=1e-12)


def test_a_wait_costs_a_time_its_seconds_and_a_rate_its_share():
    rates, times = _problem(), _problem("round_time")
    assert worth(times, 2.0, 0.5, Moment((1, 0), 1.0)) == 2.5
    assert worth(rates, 2.0, 0.5, Moment((1, 0), 4.0, 1.0)) == 1.0
    assert worth(rates, 2.0, 0.5, Moment((1, 0))) == 2.0
    assert worth(rates, 2.0, 9.0, Moment((1, 0), 4.0)) == 0.0


def test_a_block_has_the_others_as_they_are():
    problem = _problem()
    model = block_of(problem, 2, 3)
    assert model.linear.shape[0] == 2 and block_of(problem, 99, 3).linear.shape[0] == COUNT
    assert np.array_equal(model.linear, block_of(problem, 2, 3).linear)


@pytest.mark.parametrize(
    ("changes", "says"),
    [
        ({"pool": "nowhere.toml"}, "radio.pool = 'nowhere.toml': there is no such file"),
        ({"solver": "qaoa"}, "radio.pool is set, but radio.solver = 'qaoa' asks nobody"),
        ({"host": HOST.replace("simulated = true\n", "")}, "backend 'host' is timed by the clock on the wall"),
        ({"host": ""}, "no classical backend"),
        ({"quantum": "gibbs"}, "'gibbs' is no solver"),
        ({"quantum": "sca", "objective": "round_time"}, "does not solve radio.objective = 'round_time'"),
    ],
)
def test_a_pool_that_cannot_be_asked_is_refused_before_the_first_round(pool, changes, says):
    path = pool(host=changes.pop("host", HOST), solver=changes.pop("quantum", "qaoa"))
    with pytest.raises(ConfigError, match=says):
        radio(**({"pool": path} | changes))


def _problem(objective="sum_rate"):
    settings = RadioSettings(num_channels=4, objective=objective)
    allocator = Allocator(settings, 1, np.full(COUNT, 7.0), np.zeros((COUNT, 0), bool))
    cell = Radio(settings, 1, np.full(COUNT, 7.0), [()] * COUNT, np.ones(COUNT), COUNT)
    return allocator.problem(cell.trajectory.at(1), ALL, BITS, ALL[:0])


def _jitter(seed):
    from qfl.backbone.orchestration.attempt import JITTER
    from qfl.seeds import stream

    draw = stream(seed, "pool", "qpu")
    draw.random(2)
    return draw.normal(0.0, JITTER)
