"""The rounds: what is written down, what a failed round does, and that a seed gives one run.

Also covers qfl/federation/server.py, qfl/federation/records/run_metadata.py, qfl/federation/strategy/every_node.py.
"""

import fcntl
import os
from functools import partial

import numpy as np
import pytest
from flwr.serverapp.strategy import FedAvgM

from qfl.angles import angle_digest
from qfl.config import Settings
from qfl.errors import ConfigError, RoundFailed, RunFolderError
from qfl.federation.client import train
from qfl.federation.grids.deadline import DeadlineGrid
from qfl.federation.records.messages import to_record
from qfl.federation.records.reply_status import failed
from qfl.federation.strategy.every_node import ANY_FLEET
from qfl.results import RunFolder
from qfl.tasks.build import build
from qfl.tasks.local import train_clients
from strategies.registry import make


def digests(folder):
    return [row["angles_sha256"] for row in folder.rounds()]


def absent(clients, rounds):
    """Let some clients fail in some rounds."""

    def batch(messages, contexts):
        number = messages[0].content["config"]["server-round"]
        away = clients if number in rounds else ()
        replies = zip(messages, contexts, train(messages, contexts), strict=True)
        return [failed(m, "ill") if c.node_config["partition-id"] in away else r for m, c, r in replies]

    return batch


def test_a_round_is_the_mean_of_what_the_clients_trained(small, federate):
    """Against the formula of FedAvg on the clients' updates, without Flower."""
    settings = small()
    folder, setup = federate(settings), build(settings)
    angles = setup.model.initial(settings.seed)
    for number in (1, 2):
        updates = train_clients(setup, angles, number, list(range(6)))
        weights = [update.num_examples for update in updates]
        angles = np.average([update.angles for update in updates], axis=0, weights=weights)
    np.testing.assert_allclose(folder.header["final"]["angles"], angles, atol=1e-12)


def test_the_same_seed_gives_the_same_digests_and_another_seed_others(small, federate):
    first, again = federate(small("a")), federate(small("b"))
    assert digests(first) == digests(again) and len(set(digests(first))) == 3
    assert digests(federate(small("c", seed=2)))[0] != digests(first)[0]


@pytest.mark.parametrize("strategy", ["fedavg", "fedprox", "fedavgm", "circular"])
def test_sequential_and_vectorised_agree_after_three_rounds(strategy, small, federate):
    flat = {"rounds": 3, "strategy--name": strategy, "train--local-steps": 2}
    ends = [
        federate(small(backend, backend=backend, **flat)).header["final"]["angles"]
        for backend in ("sequential", "vectorised")
    ]
    np.testing.assert_allclose(*ends, atol=1e-6, rtol=0)


def test_the_rows_say_what_happened(small, federate):
    folder = federate(small())
    first, last = folder.rounds()[0], folder.rounds()[-1]
    assert (first["round"], first["asked"], first["train_loss"]) == (0, 0, None)
    assert (last["asked"], last["accepted"], last["rejected"], last["missing"], last["failed"]) == (6, 6, 0, 0, 0)
    rows = [row for row in folder.clients() if row["round"] == 2]
    weights = [row["num_examples"] for row in rows]
    assert last["train_loss"] == pytest.approx(np.average([row["train_loss"] for row in rows], weights=weights))
    assert last["worst_decile"] == min(row["accuracy"] for row in rows)
    assert all(row["drift"] > 0 and row["seconds"] > 0 for row in rows)
    seconds = dict(last["seconds"])
    assert seconds.pop("total") == pytest.approx(sum(seconds.values()), rel=0.5)
    test = np.array(folder.header["data"]["test"])
    assert np.mean(last["per_class"]) == pytest.approx(last["accuracy"], abs=0.05) and test > 0


def test_bytes_are_measured_and_split(small, federate):
    folder = federate(small())
    entries, signature = folder.header["model"]["parameters"], 2420
    row = folder.rounds()[1]
    for way in ("bytes_up", "bytes_down"):
        assert row[way]["model"] == 6 * 8 * entries and row[way]["signature"] == 6 * signature
        assert 0 < row[way]["envelope"] < 6 * 1500
    uplink = folder.header["uplink"]
    assert uplink["model_bytes"] == 8 * entries and uplink["signature_bytes"] == signature
    assert {
        part: sum(r["bytes_up"][part] for r in folder.clients() if r["round"] == 1) for part in row["bytes_up"]
    } == row["bytes_up"]


def test_the_final_entry_is_the_last_row_and_the_checkpoint(small, federate):
    settings = small()
    folder = federate(settings)
    final, row = folder.header["final"], folder.rounds()[-1]
    assert (final["accuracy"], final["loss"], final["rounds"]) == (row["accuracy"], row["loss"], 2)
    number, arrays, _ = folder.load_checkpoint()
    assert number == 2 and angle_digest(arrays["angles"]) == final["angles_sha256"] == row["angles_sha256"]
    assert arrays["angles"].tolist() == final["angles"] and final["run"] == settings.run.folder
    assert folder.header["status"] == "completed"


def test_single_precision_stays_single_under_every_strategy(small, federate):
    """FedAdam's own arithmetic gives float64 back; what is broadcast and kept is float32."""
    folder = federate(small(precision="single", strategy__name="fedadam"))
    assert folder.load_checkpoint()[1]["angles"].dtype == np.float32


def test_only_the_chosen_clients_are_asked(small, federate):
    folder = federate(small(clients__per_round=2, rounds=4))
    asked = [[row["client"] for row in folder.clients() if row["round"] == number] for number in range(1, 5)]
    assert all(len(each) == 2 for each in asked) and len({tuple(each) for each in asked}) > 1


def test_evaluation_and_checkpoints_come_when_due_and_at_the_end(small, federate):
    folder = federate(small(rounds=5, round__evaluate_every=2, round__checkpoint_every=3))
    assert [row["accuracy"] is not None for row in folder.rounds()] == [True, False, True, False, True, True]
    assert folder.load_checkpoint()[0] == 5


def test_a_round_without_quorum_fails_keeps_the_angles_and_the_run_goes_on(small, federate):
    folder = federate(small(rounds=3, round__quorum=0.5), absent(range(4), {2}))
    rows = folder.rounds()
    assert [row["failure"] is not None for row in rows] == [False, False, True, False]
    assert (
        "2 of 6 clients gave a valid reply, the quorum is 50%; most often: failed, client-error: ill"
        in rows[2]["failure"]
    )
    assert rows[2]["angles_sha256"] == rows[1]["angles_sha256"] != rows[3]["angles_sha256"]
    assert rows[2]["update_norm"] == 0 and rows[2]["failed"] == 4


def test_a_round_without_any_reply_fails_even_without_quorum(small, federate):
    folder = federate(small(rounds=2, round__quorum=0.0), absent(range(6), {1}))
    assert "0 of 6 clients" in folder.rounds()[1]["failure"]


def test_three_failed_rounds_in_a_row_end_the_run_with_a_sentence(small, federate):
    settings = small(rounds=9)
    with pytest.raises(RoundFailed, match="rounds 4 to 6 failed, so the run stops; the last: 0 of 6 clients"):
        federate(settings, absent(range(6), {1, 2, 4, 5, 6}))
    header = RunFolder(settings.run.folder).header
    assert header["status"] == "failed" and header["error"].startswith("RoundFailed: rounds 4 to 6 failed")


@pytest.mark.parametrize("rounds", [1, 2])
def test_a_short_run_whose_every_round_failed_is_a_failed_run(rounds, small, federate):
    with pytest.raises(RoundFailed, match="failed, so the run stops"):
        federate(small(rounds=rounds), absent(range(6), {1, 2}))


def test_a_strategy_that_blows_up_leaves_angles_and_its_memory_as_they_were(small, federate):
    """FedAvgM with a momentum that is kept, and angles that are not finite."""

    class Infinite(FedAvgM):
        def aggregate_train(self, server_round, replies):
            arrays, metrics = super().aggregate_train(server_round, replies)
            assert arrays is not None
            return to_record(np.inf * arrays["angles"].numpy()), metrics

    settings = small(strategy__name="fedavgm", rounds=3)
    with pytest.raises(RoundFailed, match="Infinite made angles that are not finite out of 6 valid replies"):
        federate(
            settings, make_strategy=lambda *_: Infinite(**ANY_FLEET, server_learning_rate=0.1, server_momentum=0.9)
        )
    folder = RunFolder(settings.run.folder)
    number, arrays, _ = folder.load_checkpoint()
    assert number == 3 and set(arrays) == {"angles"}
    assert angle_digest(arrays["angles"]) == folder.rounds()[0]["angles_sha256"]


def test_a_strategy_that_cannot_combine_fails_the_round_not_the_run(small, federate):
    """Bulyan with one byzantine client needs seven replies; here one of seven stays away in round 1."""
    flat = {"clients--count": 7, "strategy--name": "bulyan", "strategy--byzantine": 1}
    folder = federate(small(**flat), absent({3}, {1}))
    assert "Bulyan made no update out of 6 valid replies" in folder.rounds()[1]["failure"]
    assert folder.rounds()[2]["failure"] is None


def test_a_deadline_in_the_middle_of_a_sequential_round_is_kept(small, federate, monkeypatch):
    """On a clock that client 4 moves past the deadline, client 4 is late and client 5 never gets its turn."""
    clock = [0.0]
    monkeypatch.setattr("qfl.federation.grids.stack.DeadlineGrid", partial(DeadlineGrid, now=lambda: clock[0]))

    def batch(messages, contexts):
        number, client = messages[0].content["config"]["server-round"], contexts[0].node_config["partition-id"]
        clock[0] += 601.0 if (number, client) == (2, 4) else 1.0
        return train(messages, contexts)

    folder = federate(small(backend="sequential", round__deadline_s=600.0), batch)
    rows = [row for row in folder.clients() if row["round"] == 2]
    assert [row["status"] for row in rows] == ["accepted"] * 4 + ["missing"] * 2
    assert {row["reason"] for row in rows[4:]} == {"deadline"}
    assert folder.rounds()[2]["missing"] == 2 and folder.rounds()[2]["failure"] is None


def test_a_folder_that_holds_a_run_is_not_overwritten(small, federate):
    federate(small(rounds=1))
    with pytest.raises(RunFolderError, match="holds a run already"):
        federate(small(rounds=1))


def test_a_run_that_is_still_going_cannot_be_entered_by_another_process(small, federate):
    settings = small(rounds=1)

    def batch(messages, contexts):
        handle = os.open(settings.run.folder, os.O_RDONLY)
        with pytest.raises(BlockingIOError):
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        os.close(handle)
        return train(messages, contexts)

    assert federate(settings, batch).rounds()[1]["accepted"] == 6


def test_a_strategy_that_raises_fails_the_round_in_a_sentence(small, federate):
    def broken(settings, layout):
        strategy = make(settings, layout)
        strategy.aggregate_train = lambda number, replies: 1 // 0
        return strategy

    with pytest.raises(RoundFailed, match="FedAvg could not combine 6 valid replies: ZeroDivisionError"):
        federate(small(), make_strategy=broken)


@pytest.mark.parametrize("flat", [{"name": "fedadam", "tau": 0.0}, {"name": "qfedavg", "q": 1000.0}])
def test_what_once_divided_zero_by_zero_gives_finite_angles(flat, small, federate):
    """The pixels of a digit's left edge are always 0, so the weights of a logistic model there never move."""
    own = {f"strategy--{key}": value for key, value in flat.items()}
    rows = federate(small(model__name="logistic", precision="single", **own)).rounds()
    assert [row["failure"] for row in rows] == [None] * 3


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("strategy.q", 1000.1),
        ("strategy.tau", -1e-9),
        ("strategy.learning-rate", 1e7),
        ("strategy.proximal-mu", 1e300),
        ("strategy.momentum", 1.0),
        ("strategy.beta2", 1.0),
        ("round.max-norm", -2.0),
        ("round.max-examples", -2),
    ],
)
def test_what_cannot_work_is_out_of_range(key, value):
    with pytest.raises(ConfigError, match=f"{key} = .*expected a"):
        Settings.from_flat({key: value})
