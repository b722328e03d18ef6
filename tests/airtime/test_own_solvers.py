"""Users' schedulers and channels in a federation's radio. Also covers qfl/airtime/radio_settings.py."""

import sys
from dataclasses import replace

import numpy as np
import pytest

from qfl.airtime.radio import Radio
from qfl.airtime.radio_settings import own_settings, solver_of
from qfl.config import Settings
from qfl.config.radio import RadioSettings
from qfl.errors import ConfigError
from qfl.scheduling.solution import Status

OWN = """
import numpy as np
from qfl.scheduling.schedule import Schedule

def even(problem, first=0):
    place = (np.arange(problem.num_devices) + first) % problem.num_channels
    return Schedule(place, np.full(problem.num_devices, problem.instance.max_power_w))

def until_bits(problem):
    if problem.payload_bits.max() > 1e4:
        raise RuntimeError("the memory is full")
    return even(problem)

def loss(distance_m, floor_db=90.0):
    return np.full(len(distance_m), floor_db)
"""
COUNT, ALL = 5, np.arange(5)
BITS = np.full(COUNT, 2e3)


@pytest.fixture(autouse=True)
def app(tmp_path, monkeypatch):
    (tmp_path / "own.py").write_text(OWN)
    monkeypatch.setattr(sys, "path", [str(tmp_path), *sys.path])
    yield
    for name in [name for name in sys.modules if name.startswith("qfl_own_")]:
        del sys.modules[name]


def radio(**changes):
    settings = RadioSettings(on=True, **({"num_channels": 2} | changes))
    return Radio(settings, 1, np.ones(COUNT), [()] * COUNT, np.ones(COUNT), COUNT)


@pytest.mark.parametrize("objective", ["round_time", "sum_rate", "weighted_sum_rate"])
def test_a_users_solver_says_who_sends_where(objective):
    found = radio(objective=objective, solver="own.py:even", my='{"first": 1}').carry(1, ALL, BITS)
    assert found.schedule.channel.tolist() == [1, 0, 1, 0, 1] or objective != "round_time"
    assert found.solutions[0].method == "own.py:even" and not found.failure


def test_solver_and_path_loss_share_one_table_and_each_takes_its_own():
    settings = RadioSettings(solver="own.py:even", path_loss="own.py:loss", my='{"first": 1, "floor_db": 120.0}')
    assert own_settings(settings) == {"radio.solver": {"first": 1}, "radio.path-loss": {"floor_db": 120.0}}
    with pytest.raises(ConfigError, match=r"radio.my.frist is no setting of radio.solver, radio.path-loss; did you"):
        own_settings(replace(settings, my='{"frist": 1}'))


def test_a_solver_that_fails_at_once_is_refused_before_training():
    with pytest.raises(ConfigError, match=r"radio.solver: even asks|radio.my.fist is no setting"):
        radio(solver="own.py:even", my='{"fist": 1}')
    with pytest.raises(ConfigError, match="has no 'evem'; did you mean 'even'"):
        radio(solver="own.py:evem")


def test_a_solver_that_fails_later_is_a_named_failure_and_nobody_sends():
    failing = radio(solver="own.py:until_bits")
    assert failing.carry(1, ALL, BITS).in_time.all()
    found = failing.carry(2, ALL, 100 * BITS)
    assert found.failure.startswith("radio.solver = 'own.py:until_bits' ") and "the memory is full" in found.failure
    assert not found.in_time.any() and found.solutions[0].status is Status.FAILED


@pytest.mark.parametrize("objective", ["sum_rate", "weighted_sum_rate"])
def test_where_all_send_at_once_a_failed_frame_ends_the_round(objective):
    found = radio(solver="own.py:until_bits", objective=objective, frame_s=0.5).carry(1, ALL, 100 * BITS)
    assert found.failure and found.ended == "out-of-reach" and len(found.solutions) == 1


def test_a_failure_leaves_the_memory_of_the_round_before():
    failing = radio(solver="own.py:until_bits")
    before = failing.carry(1, ALL, BITS).memory
    after = failing.carry(2, ALL, 100 * BITS, before).memory
    assert np.array_equal(before.channel, after.channel)


def test_block_settings_reach_the_radios_solver():
    shallow, deep = (
        radio(solver="qaoa", qaoa_layers=layers, qaoa_shots=4).carry(1, ALL, BITS).solutions[0] for layers in (1, 6)
    )
    assert shallow.method == deep.method == "squared_loads_qaoa" and shallow.trace != deep.trace
    with pytest.raises(ConfigError, match=r"radio.qaoa-mixer = 'trotter' needs a device; set radio.qaoa-device"):
        solver_of(RadioSettings(solver="qaoa", qaoa_mixer="trotter"))
    with pytest.raises(ConfigError, match="cannot be used here"):
        radio(solver="qaoa", qaoa_device="no.such")


def test_a_flat_run_file_folds_the_own_table():
    settings = Settings.from_flat({"radio.solver": "own.py:even", "radio.my.first": 1})
    assert own_settings(settings.radio) == {"radio.solver": {"first": 1}}
