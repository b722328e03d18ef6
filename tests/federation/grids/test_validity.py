"""Whose key does not count in a round is not sent the model of that round: revoked, rotated away, or not valid yet."""

import pytest
from flwr.app import Message, RecordDict

from qfl.errors import RoundFailed
from qfl.federation.adapter import become_server
from qfl.federation.client import train
from qfl.federation.grids.base import GridDecorator
from qfl.federation.grids.validity import ValidityGrid
from qfl.federation.node_directory import absent_id
from qfl.federation.records.reply_status import outcome
from qfl.security import keystore, membership
from qfl.security.profiles import ML_DSA_44
from qfl.security.registry import Roster, RosterRow, admit, revoke
from qfl.security.signing import generate

SERVER, A, B, C, D, E = (generate(ML_DSA_44).key for _ in range(6))
ROSTER = Roster(
    1,
    2**40,
    SERVER,
    (
        RosterRow(0, A, 9, revoked_from=3),
        RosterRow(1, B, 9, not_before=4),
        RosterRow(2, C, 9, 0, 2),
        RosterRow(3, D, 9),
    ),
)
NODES = {70: 0, 71: 1, 72: 2, 73: 3, absent_id(4): 4}


class Recorder(GridDecorator):
    """Note who is sent a message, and answer for them."""

    def __init__(self):
        become_server(1)
        self.sent = []

    def send_and_receive(self, messages, *, timeout=None):
        messages = list(messages)
        self.sent += [NODES[message.metadata.dst_node_id] for message in messages]
        return [Message(RecordDict(), reply_to=message) for message in reversed(messages)]


def ask(roster, number):
    grid = Recorder()
    messages = [Message(RecordDict(), node, "train") for node in NODES]
    replies = ValidityGrid(grid, roster, NODES, number).send_and_receive(messages)
    return grid.sent, [(NODES[reply.metadata.src_node_id], outcome(reply).reason) for reply in replies]


@pytest.mark.parametrize(
    ("number", "sent", "reasons"),
    [
        (1, [0, 2, 3], [None, "not-valid-yet", None, None, "unknown-key"]),
        (2, [0, 2, 3], [None, "not-valid-yet", None, None, "unknown-key"]),
        (3, [3], ["revoked", "not-valid-yet", "no-longer-valid", None, "unknown-key"]),
        (4, [1, 3], ["revoked", None, "no-longer-valid", None, "unknown-key"]),
    ],
)
def test_only_whose_key_counts_is_sent_the_model_and_everybody_has_one_reply(number, sent, reasons):
    assert ask(ROSTER, number) == (sent, list(enumerate(reasons)))


def test_where_nobodys_key_counts_nothing_is_sent_at_all():
    roster = ROSTER
    for client in range(4):
        roster = revoke(roster, client, 0)
    assert ask(roster, 1) == ([], [(k, "revoked") for k in range(4)] + [(4, "unknown-key")])


def test_a_revoked_client_that_is_enrolled_again_is_sent_the_model_again():
    roster = admit(revoke(ROSTER, 3, 0), RosterRow(3, E, 9))
    assert 3 in ask(roster, 1)[0] and roster.counting(3, 1).key == E


@pytest.mark.parametrize("backend", ["sequential", "vectorised"])
def test_a_revoked_client_neither_receives_nor_trains_from_its_round_on(small, federate, tmp_path, backend):
    keys, trained = tmp_path / "keys", []
    keystore.new(keys, "ML-DSA-44", clients=4)
    membership.revoke(keys, 1, 0)
    membership.revoke(keys, 2, 2)
    key, proofs = membership.request_rotation(keys, 3, 2)
    membership.rotate(keys, 3, key, proofs, 2)

    def client(messages, contexts):
        trained.extend((messages[0].content["config"]["server-round"], c.node_config["partition-id"]) for c in contexts)
        return train(messages, contexts)

    settings = small(backend, backend=backend, clients__count=4, security__keys=str(keys))
    folder = federate(settings, client)
    assert trained == [(1, 0), (1, 2), (1, 3), (2, 0), (2, 3)]
    rows = {(row["round"], row["client"]): (row["status"], row["reason"]) for row in folder.clients()}
    accepted, revoked = ("accepted", None), ("rejected", "revoked")
    assert [rows[1, k] for k in range(4)] == [accepted, revoked, accepted, accepted]
    assert [rows[2, k] for k in range(4)] == [accepted, revoked, revoked, accepted]
    assert all(row["bytes_up"] is None for row in folder.clients() if row["reason"] == "revoked")


def test_a_run_whose_clients_are_all_revoked_says_so(small, federate, tmp_path):
    keystore.new(tmp_path / "keys", "ML-DSA-44", clients=2)
    for client in range(2):
        membership.revoke(tmp_path / "keys", client, 0)
    with pytest.raises(RoundFailed, match=r"0 of 2 clients gave a valid reply.*rejected, revoked"):
        federate(small("none", rounds=1, clients__count=2, security__keys=str(tmp_path / "keys")))
