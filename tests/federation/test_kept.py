"""What clients keep goes with what the server took: through kills, losses and failed rounds, in every way to run.

Also covers qfl/federation/control.py.
"""

from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from flwr.app import ConfigRecord, Context, RecordDict

from qfl.errors import Rejection
from qfl.federation.client import train
from qfl.federation.control import sent_control
from qfl.federation.kept import RUNS, Drawer, drawer_of
from qfl.federation.records.reply_status import failed
from qfl.tasks.build import build
from qfl.tasks.local import client_batches
from tests.federation.test_resume import Killed, assert_same_run, killed_in, resumed

FLAT = {"strategy--name": "scaffold", "train--local-steps": 4, "train--learning-rate": 0.1, "rounds": 4}


def reference(settings, taken):
    """Return the angles of SCAFFOLD written down from the paper, with PyTorch's own gradients, client by client.

    Rounds are those in which updates were taken, of the clients named.
    """
    federation = build(settings)
    samples: Any = federation.samples
    model: Any = federation.model
    angles, server = federation.model.initial(settings.seed), 0.0
    own = dict.fromkeys(range(settings.clients.count), np.zeros(len(angles)))
    rate, steps = settings.train.learning_rate, settings.train.local_steps
    for number, clients in taken.items():
        moves, changes = [], []
        for client in clients:
            y = angles.copy()
            for batch in client_batches(federation, number, [client])[:, 0]:
                x = torch.from_numpy(y).requires_grad_()
                batch = batch[batch >= 0]
                logits = model.logits(x, samples.inputs[batch])
                loss = torch.nn.functional.cross_entropy(logits, samples.labels[batch])
                y = y - rate * (torch.autograd.grad(loss, x)[0].numpy() - own[client] + server)
            new = own[client] - server + (angles - y) / (steps * rate)
            changes.append(new - own[client])
            moves.append(y - angles)
            own[client] = new
        angles, server = angles + np.mean(moves, 0), server + np.sum(changes, 0) / settings.clients.count
    return angles


def losing(lost):
    """Return clients whose reply is lost after they trained, in rounds ``lost`` of (round, client)."""

    def batch(messages, contexts):
        number = messages[0].content["config"]["server-round"]
        replies = train(messages, contexts)
        clients = [int(context.node_config["partition-id"]) for context in contexts]
        return [
            failed(message, "lost") if (number, client) in lost else reply
            for message, client, reply in zip(messages, clients, replies, strict=True)
        ]

    return batch


@pytest.mark.parametrize("backend", ["vectorised", "sequential"])
def test_a_federation_with_partial_participation_and_lost_replies_is_the_papers_algorithm(backend, small, federate):
    flat = {**FLAT, "clients--per-round": 4, "backend": backend}
    folder = federate(small(**flat), losing({(number, client) for number in (1, 2, 3) for client in (number, 5)}))
    rows = [row for row in folder.clients() if row["status"] == "accepted"]
    taken = {number: {row["client"] for row in rows if row["round"] == number} for number in range(1, 5)}
    assert len({len(clients) for clients in taken.values()}) > 1
    np.testing.assert_allclose(folder.header["final"]["angles"], reference(small(**flat), taken), atol=1e-10)


def test_it_differs_from_fedavg_by_more_than_rounding(small, federate):
    ends = [federate(small(name, **{**FLAT, "strategy--name": name})) for name in ("scaffold", "fedavg")]
    one, other = (np.array(folder.header["final"]["angles"]) for folder in ends)
    assert np.abs(one - other).max() > 1e-3


def test_resumed_after_a_kill_in_any_round_before_or_after_clients_trained_it_is_the_same_run(small, federate):
    flat = {**FLAT, "clients--per-round": 4, "precision": "single"}
    whole = federate(small("whole", **flat))

    def dies_after(number):
        def batch(messages, contexts):
            replies = train(messages, contexts)
            if messages[0].content["config"]["server-round"] == number:
                raise Killed
            return replies

        return batch

    for name, batch in {"1": killed_in(1), "3": killed_in(3), "a1": dies_after(1), "a3": dies_after(3)}.items():
        cut = small(f"cut{name}", **flat)
        with pytest.raises(Killed):
            federate(cut, batch)
        assert_same_run(federate(resumed(cut)), whole)


def test_a_failed_round_leaves_no_trace(small, federate):
    flat = {**FLAT, "round--quorum": 1.0}
    folder = federate(small(**flat), losing({(2, 4)}))
    assert folder.rounds()[2]["failure"]
    expected = reference(small(**flat), {1: range(6), 3: range(6), 4: range(6)})
    np.testing.assert_allclose(folder.header["final"]["angles"], expected, atol=1e-10)


def test_what_a_client_kept_is_gone_or_damaged_and_it_says_so_while_the_others_go_on(small, federate):
    settings = small(**FLAT)

    def spoils(messages, contexts):
        if messages[0].content["config"]["server-round"] == 3:
            kept = sorted(Path(settings.run.folder).glob("kept/*/client-*-round-2.npz"))
            assert len(kept) == 6
            kept[1].unlink()
            kept[4].write_bytes(kept[4].read_bytes()[:-30])
        return train(messages, contexts)

    rows = [row for row in federate(settings, spoils).clients() if row["round"] >= 3]
    lost = [(row["client"], row["reason"]) for row in rows if row["status"] != "accepted"]
    assert lost == [(1, "broadcast-refused"), (4, "broadcast-refused")] * 2


def test_a_broadcast_must_speak_of_the_client(tmp_path):
    def drawer(taken, **config):
        node = {"partition-id": 3} | config
        return drawer_of(Context(1, 2, node, RecordDict(), {"run.folder": str(tmp_path)}), ConfigRecord(taken), b"r")

    assert drawer({}) is None
    assert drawer({"taken": [0, 0, 0, 7]}) == Drawer(tmp_path / "kept" / "72", 3, 7)
    home = drawer({"taken": [0, 0, 0, 7]}, home=str(tmp_path / "h"), **{"data-root": "d"})
    assert home == Drawer(tmp_path / "h" / "state" / "kept" / "72", 3, 7)
    for wrong in ([0, 0, 0], [0, 0, 0, -1], [0.0] * 4, 7, "7"):
        with pytest.raises(Rejection, match="bad-config: 'taken' holds no round of client 3"):
            drawer({"taken": wrong})


@pytest.mark.parametrize("sent", [b"", b"x" * 23, "text", np.full(3, np.nan).tobytes()], ids=str)
def test_a_control_variate_of_another_form_is_refused(sent):
    assert sent_control(ConfigRecord(), np.zeros(3)) is None
    with pytest.raises(Rejection, match="bad-config: 'control'"):
        sent_control(ConfigRecord({"control": sent}), np.zeros(3))


def test_a_drawer_holds_the_last_two_rounds_and_a_client_the_last_runs(tmp_path):
    for number in range(1, 6):
        Drawer(tmp_path / "run", 3, number - 1).save(number, {"a": np.full(2, number)})
        Drawer(tmp_path / "run", 30, 0).save(number, {"a": np.zeros(2)})
    names = sorted(path.name for path in (tmp_path / "run").iterdir())
    assert names == ["client-3-round-4.npz", "client-3-round-5.npz", "client-30-round-5.npz"]
    np.testing.assert_array_equal(Drawer(tmp_path / "run", 3, 4).load()["a"], [4, 4])
    assert Drawer(tmp_path / "run", 3, 0).load() == {}
    for number in range(RUNS + 5):
        Drawer(tmp_path / str(number), 3, 0).save(1, {})
    assert len(list(tmp_path.iterdir())) == RUNS
