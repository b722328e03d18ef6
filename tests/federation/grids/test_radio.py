"""Updates on the radio: their time, who is dropped and why, the rows, and that nothing depends on how clients run.

Also covers qfl/federation/records/radio_rows.py.
"""

from dataclasses import replace

import numpy as np
import pytest

from qfl.airtime.radio import Radio
from qfl.config.radio import RadioSettings
from qfl.errors import ConfigError
from qfl.federation.client import train
from qfl.federation.grids.deadline import DeadlineGrid
from qfl.federation.grids.radio import AirState, RadioGrid, load_air, save_air
from qfl.federation.records.reply_status import failed
from qfl.results import RunFolder
from qfl.scheduling.problem import Schedule
from qfl.tasks.build import build
from qfl.tasks.local import train_clients

TIGHT = {"radio--on": True, "radio--num-channels": 2, "radio--deadline-s": 0.05, "round--quorum": 0.1}
WALKING = {"radio--motion": "waypoint", "radio--fading": "gauss_markov", "radio--interval-s": 0.01}


def on_air(base, count, **changes):
    settings = RadioSettings(on=True, **({"num_channels": 2} | changes))
    radio = Radio(settings, 1, np.ones(count), [()] * count, np.ones(count), count)
    return RadioGrid(DeadlineGrid(base, 5.0), radio, 1)


def plain(row):
    """Return what a row says about the radio, without the wall clock."""
    return {key: value for key, value in row["radio"].items() if key != "solve_s"}


def test_the_bits_of_a_reply_are_all_its_bytes_and_everybody_is_in_without_a_deadline(echo_grid, exchange):
    found = exchange(on_air(echo_grid(5), 5), 5)
    assert all(reply.accepted for reply in found.replies)
    sizes = [8 * sum(reply.bytes_up.row().values()) for reply in found.replies]
    assert found.radio.bits.tolist() == sizes and found.radio.seconds == found.radio.uploads.end_s.max()


def test_late_replies_are_missing_with_the_reason_and_how_far_they_got(echo_grid, exchange):
    found = exchange(on_air(echo_grid(5), 5, deadline_s=0.002), 5)
    late = [reply.client for reply in found.replies if reply.status.status == "missing"]
    assert 0 < len(late) < 5 and late == np.flatnonzero(~found.radio.in_time).tolist()
    assert all(found.replies[client].status.reason == "radio-deadline" for client in late)
    assert found.replies[late[0]].status.detail.endswith("kbit were through after 0.002 s")
    assert found.radio.seconds == 0.002
    assert all(reply.bytes_up and reply.seconds for reply in found.replies)  # what is known of the late ones stays


@pytest.mark.parametrize("objective", ["round_time", "sum_rate"])
def test_without_a_deadline_who_is_not_in_is_out_of_reach_and_no_deadline_is_named(objective, echo_grid, exchange):
    far = {"radius_m": 1e30, "min_distance_m": 1e29, "objective": objective}
    found = exchange(on_air(echo_grid(3), 3, **far), 3)
    assert [reply.status.reason for reply in found.replies] == ["radio-out-of-reach"] * 3
    detail = found.replies[0].status.detail
    assert "there is no deadline" in detail and "deadline after" not in detail
    assert found.radio.seconds == 0.0 and found.radio.ended == "out-of-reach"


def test_with_a_deadline_or_enough_the_word_is_what_ended_the_round(echo_grid, exchange):
    """A deadline that lies where enough are in all the same is not what ended the round."""
    third = float(np.sort(exchange(on_air(echo_grid(5), 5), 5).radio.uploads.end_s)[2])
    for changes, ended in (
        ({"enough": 3, "deadline_s": third}, "enough"),
        ({"enough": 3}, "enough"),
        ({"deadline_s": third}, "deadline"),
        ({"deadline_s": 1e9}, "all-in"),
        ({"enough": 4, "radius_m": 1e30, "min_distance_m": 1e29}, "out-of-reach"),
        ({"deadline_s": 2.0, "radius_m": 1e30, "min_distance_m": 1e29}, "deadline"),
    ):
        found = exchange(on_air(echo_grid(5), 5, **changes), 5)
        assert found.radio.ended == ended
        assert {reply.status.reason for reply in found.replies} - {None} == ({f"radio-{ended}"} - {"radio-all-in"})


def test_who_is_left_without_power_is_silent_not_late(echo_grid, exchange):
    grid = on_air(echo_grid(5), 5, objective="sum_rate", variant="optional_channel", solver="matching")
    reasons = [reply.status.reason for reply in exchange(grid, 5).replies]
    assert reasons.count("radio-silent") == 3 and reasons.count(None) == 2


def test_who_failed_to_answer_takes_no_part_in_the_allocation(echo_grid, exchange):
    def ill(reply):
        raise ValueError("ill")

    found = exchange(on_air(echo_grid(5, {3: ill}), 5), 5)
    assert [reply.status.status for reply in found.replies] == ["accepted"] * 3 + ["failed", "accepted"]
    assert found.radio.devices.tolist() == [0, 1, 2, 4]


def test_only_updates_that_are_in_time_are_averaged(small, federate):
    """Against the formula of FedAvg on the updates of those whose rows say that they were in."""
    settings = small(**TIGHT)
    folder, setup = federate(settings), build(settings)
    angles = setup.model.initial(settings.seed)
    for number in (1, 2):
        rows = [row for row in folder.clients() if row["round"] == number]
        inside = [row["client"] for row in rows if row["status"] == "accepted"]
        assert 0 < len(inside) < 6
        assert {row["reason"] for row in rows if row["status"] != "accepted"} == {"radio-deadline"}
        updates = train_clients(setup, angles, number, inside)
        weights = [update.num_examples for update in updates]
        angles = np.average([update.angles for update in updates], axis=0, weights=weights)
    np.testing.assert_allclose(folder.header["final"]["angles"], angles, atol=1e-12)


def test_the_rows_say_what_the_radio_did(small, federate):
    folder = federate(small(**TIGHT))
    first, last = (row["radio"] for row in folder.rounds()[1:])
    assert first["seconds"] == last["seconds"] == 0.05 and last["clock_s"] == pytest.approx(0.1)
    rows = [row for row in folder.clients() if row["round"] == 2]
    inside = [row["radio"] for row in rows if row["status"] == "accepted"]
    assert last["participants"] == len(inside) == folder.rounds()[2]["accepted"]
    assert last["labels_lost"] == 6 - last["participants"]  # six clients with a label each
    assert all(row["radio"]["bits"] == 8 * sum(row["bytes_up"].values()) for row in rows)
    assert all(row["upload_s"] <= 0.05 and row["power_w"] > 0.25 and row["channel"] in (0, 1) for row in inside)
    assert all(row["radio"]["upload_s"] is None for row in rows if row["status"] == "missing")
    energy = sum(row["radio"]["power_w"] * row["radio"]["airtime_s"] for row in rows)
    assert last["energy_j"] == pytest.approx(energy) and 0 < last["jain"] <= 1 and last["solver"] == "tdma_lpt"
    assert sum(row["bits"] for row in inside) < last["bits"]  # an upload that was cut off has sent something


def test_without_a_radio_the_rows_are_as_before(small, federate):
    folder = federate(small(rounds=1))
    assert all("radio" not in row for row in (*folder.rounds(), *folder.clients()))


def test_sequential_and_vectorised_rounds_are_the_same_on_the_air(small, federate):
    flat = {**TIGHT, **WALKING, "rounds": 3, "radio--solver": "qaoa", "radio--warm-start": True}
    one, other = (federate(small(backend, backend=backend, **flat)) for backend in ("sequential", "vectorised"))
    assert [plain(row) for row in one.rounds()[1:]] == [plain(row) for row in other.rounds()[1:]]
    assert [row["radio"] for row in one.clients()] == [row["radio"] for row in other.clients()]
    ends = (folder.header["final"]["angles"] for folder in (one, other))
    np.testing.assert_allclose(*ends, atol=1e-6, rtol=0)


class Killed(BaseException):
    """Stands for the end of the process."""


@pytest.mark.parametrize("objective", ["round_time", "sum_rate"])
def test_resumed_after_a_kill_the_clock_the_fading_and_the_warm_start_go_on(objective, small, federate):
    flat = {**TIGHT, **WALKING, "rounds": 4, "radio--solver": "qaoa", "radio--warm-start": True}
    flat |= {"radio--objective": objective, "clients--per-round": 4, "radio--evaluations": 300}

    def batch(messages, contexts):
        if messages[0].content["config"]["server-round"] == 3:
            raise Killed
        return train(messages, contexts)

    whole, cut = federate(small("whole", **flat)), small("cut", **flat)
    with pytest.raises(Killed):
        federate(cut, batch)
    again = federate(replace(cut, run=replace(cut.run, resume=True)))
    assert [plain(row) for row in again.rounds()[1:]] == [plain(row) for row in whole.rounds()[1:]]
    assert [row["radio"] for row in again.clients()] == [row["radio"] for row in whole.clients()]
    assert again.header["final"]["angles_sha256"] == whole.header["final"]["angles_sha256"]


def test_a_failed_round_takes_its_time_on_the_clock(small, federate):
    def batch(messages, contexts):
        number = messages[0].content["config"]["server-round"]
        return [failed(m, "ill") for m in messages] if number == 1 else train(messages, contexts)

    rows = federate(small(**TIGHT), batch).rounds()
    assert rows[1]["failure"] and rows[1]["radio"] == {"seconds": 0.05, "clock_s": 0.05, "participants": 0}
    assert rows[2]["radio"]["clock_s"] == pytest.approx(0.1)


def test_a_radio_that_cannot_be_is_refused_before_anything_is_written(small, federate, tmp_path):
    with pytest.raises(ConfigError, match=r"does not solve radio\.objective"):
        federate(small(**{**TIGHT, "radio--solver": "sca"}))
    assert not (tmp_path / "run").exists()
    with pytest.raises(ConfigError, match="min_power_dbm is 30 and max_power_dbm is 24"):
        federate(small(**{**TIGHT, "radio--min-power-dbm": 30.0}))


def test_the_state_survives_the_checkpoint(tmp_path):
    state = AirState(3.5, Schedule(np.array([1, -1]), np.array([0.2, 0.0])))
    folder = RunFolder.create("x", {}, path=tmp_path / "x")
    arrays, plain_values = save_air(state)
    folder.save_checkpoint(1, arrays, plain_values)
    _, arrays, plain_values = folder.load_checkpoint()
    again = load_air(arrays, plain_values)
    assert again.clock_s == 3.5 and again.schedule.channel.tolist() == [1, -1]
    assert again.schedule.power_w.tolist() == [0.2, 0.0]


def test_a_client_whose_allocation_failed_is_missing_with_what_the_users_solver_raised(
    echo_grid, exchange, tmp_path, monkeypatch
):
    (tmp_path / "own.py").write_text(
        "import numpy as np\nfrom qfl.scheduling.schedule import Schedule\n"
        "def solve(problem):\n"
        "    if problem.payload_bits.max() == 1:  # what is tried before the first round\n"
        "        return Schedule(np.zeros(problem.num_devices, int), np.full(problem.num_devices, 0.1))\n"
    )
    monkeypatch.syspath_prepend(str(tmp_path))
    found = exchange(on_air(echo_grid(3), 3, solver="own.py:solve"), 3)
    assert {reply.status.reason for reply in found.replies} == {"radio-solver-failed"}
    assert found.replies[0].status.detail.startswith("radio.solver = 'own.py:solve' gave a NoneType; give a Schedule")
