"""A round on the air: who is in, when, at what price; for every objective, variant and kind of solver.

Also covers qfl/airtime/allocator.py, qfl/airtime/radio_settings.py, qfl/airtime/simulation.py,
qfl/airtime/warm_start.py.
"""

import numpy as np
import pytest

from qfl.airtime.coverage import lost_labels
from qfl.airtime.radio import Radio
from qfl.airtime.radio_settings import motion_of, scenario_of
from qfl.airtime.warm_start import subset, warm_start
from qfl.config.radio import RadioSettings
from qfl.errors import ConfigError
from qfl.scheduling.bounds import round_time_bound
from qfl.scheduling.problem import Problem, Schedule
from qfl.scheduling.schedule import empty_schedule
from qfl.wireless.motion import Motion
from qfl.wireless.rates import rates
from qfl.wireless.scenario import UplinkScenario

COUNT = 24
LABELS = [(device % 6,) for device in range(COUNT)]
ALL, BITS = np.arange(COUNT), np.full(COUNT, 3e4)


def radio(seed=1, labels=LABELS, speed=None, **changes):
    settings = RadioSettings(on=True, **({"num_channels": 4} | changes))
    return Radio(settings, seed, np.full(COUNT, 7.0), labels, np.ones(COUNT) if speed is None else speed, COUNT)


def test_cell_and_motion_are_those_of_the_settings():
    assert scenario_of(RadioSettings(), 200) == UplinkScenario() and motion_of(RadioSettings()) == Motion()
    changed = RadioSettings(
        num_channels=3, radius_m=5.0, variant="optional_channel", fading="jakes", max_speed_mps=30.0
    )
    assert scenario_of(changed, 9) == UplinkScenario(
        num_devices=9, num_channels=3, radius_m=5.0, variant="optional_channel"
    )
    assert motion_of(changed) == Motion(fading="jakes", max_speed_mps=30.0)


def test_one_device_after_the_other_takes_hardly_longer_than_the_bound():
    cell, found = radio(), radio().carry(3, ALL, BITS)
    bound = round_time_bound(Problem(cell.trajectory.at(3), "round_time", payload_bits=BITS)).value
    assert found.bound == bound <= found.seconds <= 1.15 * bound
    assert found.in_time.all() and found.seconds == found.uploads.end_s.max() == pytest.approx(found.solutions[0].value)


def test_a_sum_of_rates_has_its_bound_and_a_weighted_one_has_none():
    found = radio(objective="sum_rate", deadline_s=0.2).carry(1, ALL, BITS)
    assert found.bound is not None and 0 < found.solutions[0].value <= found.bound
    assert radio(objective="weighted_sum_rate", deadline_s=0.2).carry(1, ALL, BITS).bound is None


def test_each_rate_alone_on_its_sub_channel_is_shannons():
    cell, found = radio(), radio().carry(3, ALL, BITS)
    for device in ALL:
        alone = Schedule(np.where(ALL == device, found.schedule.channel, -1), found.schedule.power_w)
        rate = rates(cell.trajectory.at(3), alone.channel, alone.power_w)[device]
        assert found.uploads.airtime_s[device] == pytest.approx(BITS[device] / rate)


@pytest.mark.parametrize("solver", ["auto", "qaoa", "annealing"])
@pytest.mark.parametrize("objective", ["round_time", "sum_rate", "weighted_sum_rate"])
def test_every_kind_of_solver_serves_every_objective(solver, objective):
    found = radio(objective=objective, solver=solver, deadline_s=0.2, evaluations=600).carry(1, ALL, BITS)
    assert 0 < found.in_time.sum() and found.seconds <= 0.2
    assert found.uploads.sent_bits[found.in_time] == pytest.approx(BITS[found.in_time])
    assert (found.uploads.end_s[found.in_time] <= 0.2).all()


@pytest.mark.parametrize("solver", ["sca", "auto"])
@pytest.mark.parametrize("variant", ["all_active", "optional_channel", "optional_power", "capacity"])
def test_every_variant_carries_bits(solver, variant):
    found = radio(objective="sum_rate", solver=solver, variant=variant, deadline_s=0.1, evaluations=60).carry(
        1, ALL, BITS
    )
    assert found.in_time.sum() >= 2 and not found.in_time[~found.on_air].any()


def test_by_sum_rate_alone_a_round_that_waits_for_all_takes_far_longer():
    """Kept, the allocation leaves all but four devices on the sub-channel of the others."""
    kept, framed, turns = (
        radio(**changes).carry(1, ALL, BITS).seconds
        for changes in ({"objective": "sum_rate"}, {"objective": "sum_rate", "frame_s": 0.01}, {})
    )
    assert kept > 10 * framed and turns < 1.3 * framed


def test_frames_serve_who_waits_and_stop_at_the_deadline():
    found = radio(objective="sum_rate", frame_s=0.01, deadline_s=0.055).carry(1, ALL, BITS)
    once = radio(objective="sum_rate", deadline_s=0.055).carry(1, ALL, BITS)
    assert len(found.solutions) == 6 and found.seconds == 0.055
    assert found.in_time.sum() > once.in_time.sum()


def test_coverage_keeps_labels_that_sum_rate_loses():
    """Labels by distance: the near devices all hold label 0."""
    near = np.argsort(np.argsort(radio().trajectory.at(1).distance_m))
    labels = [(int(rank) // 4,) for rank in near]
    lost = {}
    for objective in ("sum_rate", "weighted_sum_rate"):
        cell = radio(objective=objective, labels=labels, deadline_s=0.06, frame_s=0.01)
        lost[objective] = lost_labels(cell.allocator.holds, cell.carry(1, ALL, BITS).in_time)
    assert lost["weighted_sum_rate"] < lost["sum_rate"]


def test_samples_weigh_by_data_and_need_no_labels():
    samples = np.where(ALL < 12, 1.0, 50.0)
    settings = RadioSettings(num_channels=4, objective="weighted_sum_rate", weights="samples", deadline_s=0.03)
    found = Radio(settings, 1, samples, [()] * COUNT, np.ones(COUNT), COUNT).carry(1, ALL, BITS)
    assert found.in_time[12:].sum() > found.in_time[:12].sum()


def test_slow_devices_send_later_and_rounds_last_longer():
    speed = np.where(ALL == 5, 0.1, 1.0)
    found = radio(compute_s=0.5, speed=speed).carry(1, ALL, BITS)
    assert found.uploads.end_s.argmax() == 5 and found.seconds > 5.0
    late = radio(compute_s=0.5, speed=speed, deadline_s=1.0).carry(1, ALL, BITS)
    assert not late.in_time[5] and late.in_time.sum() == COUNT - 1 and late.uploads.energy_j[5] == 0
    framed = radio(compute_s=0.5, speed=speed, objective="sum_rate", frame_s=0.02).carry(1, ALL, BITS)
    assert framed.in_time.all() and framed.uploads.end_s.argmax() == 5


def test_a_round_is_a_function_of_seed_and_number_whatever_was_asked_before():
    walking = {"motion": "waypoint", "fading": "gauss_markov", "interval_s": 0.01}
    first = radio(**walking)
    for number in (1, 2, 3):
        before = first.carry(number, ALL, BITS)
    again = radio(**walking).carry(3, ALL, BITS)
    assert again.uploads.end_s.tolist() == before.uploads.end_s.tolist()
    assert radio(seed=2, **walking).carry(3, ALL, BITS).seconds != again.seconds


def test_only_some_devices_are_asked():
    some = np.array([2, 3, 11, 20])
    found = radio().carry(1, some, np.full(4, 3e4))
    assert found.in_time.all() and len(found.schedule.channel) == 4
    assert (found.memory.channel[some] >= 0).all() and (np.delete(found.memory.channel, some) == -1).all()


def test_a_warm_start_spares_most_of_the_search_where_fading_remembers():
    """Devices stand still and keep their fading: the allocation before is one that no change of a device improves."""
    slow = {"objective": "sum_rate", "solver": "best_response", "fading": "gauss_markov"}
    for warm in (True, False):
        cell = radio(warm_start=warm, **slow)
        first = cell.carry(1, ALL, BITS)
        second = cell.carry(2, ALL, BITS, first.memory)
        if warm:
            assert second.solutions[0].value == pytest.approx(first.solutions[0].value)
            assert second.solutions[0].evaluations <= COUNT * 8 and second.solutions[0].start == "given"
        else:
            assert second.solutions[0].start == "random"
            assert second.solutions[0].evaluations > COUNT * 8


def test_a_start_that_breaks_a_constraint_is_none_and_new_devices_get_their_best_sub_channel():
    cell = subset(radio().trajectory.at(0), ALL)
    memory, problem = empty_schedule(COUNT), Problem(cell)
    assert warm_start(problem, memory, ALL) is None
    memory.channel[:3], memory.power_w[:3] = 1, 0.1
    start = warm_start(problem, memory, ALL)
    assert start.channel[:3].tolist() == [1, 1, 1] and start.power_w[3:].tolist() == [cell.max_power_w] * (COUNT - 3)
    assert start.channel[3:].tolist() == cell.gain[3:].argmax(axis=1).tolist()
    crowded = radio(variant="capacity", max_per_channel=6, objective="sum_rate").trajectory.at(0)
    full = Schedule(np.zeros(COUNT, int), np.full(COUNT, 0.1))
    assert warm_start(Problem(crowded), full, ALL) is None


@pytest.mark.parametrize(
    ("changes", "says"),
    [
        ({"solver": "qaoa_bcd"}, "does not solve radio.objective = 'round_time'"),
        ({"solver": "sca"}, "give one of auto, qaoa, annealing, tdma_lpt"),
        ({"solver": "tdma_lpt", "objective": "sum_rate"}, "does not solve radio.objective = 'sum_rate'"),
        ({"solver": "oracle"}, "radio.solver = 'oracle' does not solve"),
        ({"min_power_dbm": 30.0}, "min_power_dbm is 30 and max_power_dbm is 24"),
        ({"min_distance_m": 2000.0}, "min_distance_m is 2000 and radius_m is 1800"),
        (
            {"variant": "capacity", "max_per_channel": 5},
            "4 sub-channels of at most 5 devices hold 20 of the 24 devices",
        ),
        (
            {"solver": "matching", "objective": "sum_rate"},
            "give at least 24 sub-channels, variant optional_channel or optional_power",
        ),
        ({"solver": "brute_force"}, "12 devices"),
        ({"min_speed_mps": 5.0}, "min_speed_mps is 5 and max_speed_mps is 1.5"),
    ],
)
def test_a_radio_that_cannot_be_is_refused_with_a_sentence_before_the_first_round(changes, says):
    with pytest.raises(ConfigError, match=says):
        radio(**changes)


@pytest.mark.parametrize("changes", [{}, {"objective": "sum_rate"}, {"objective": "sum_rate", "frame_s": 0.003}])
def test_a_round_that_has_enough_ends_with_the_last_of_them_and_nobody_sends_on(changes):
    whole, cut = (radio(enough=enough, **changes).carry(1, ALL, BITS) for enough in (0, 5))
    assert (
        cut.in_time.sum() == 5
        and cut.seconds == np.sort(whole.uploads.end_s)[4] == cut.uploads.end_s[cut.in_time].max()
    )
    assert cut.uploads.end_s[cut.in_time].tolist() == whole.uploads.end_s[cut.in_time].tolist()
    assert (cut.uploads.airtime_s <= cut.seconds * (1 + 1e-9)).all()
    assert cut.uploads.energy_j.sum() < whole.uploads.energy_j.sum()
