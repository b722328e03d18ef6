"""Who is not sent the model of a round: whose key is revoked, rotated away or not valid yet, and who is not there."""

import pytest
from flwr.app import Message, RecordDict

from qfl.errors import RoundFailed
from qfl.federation.adapter import become_server
from qfl.federation.client import train
from qfl.federation.grids.absence import AbsenceGrid
from qfl.federation.node_directory import absent_id
from qfl.federation.records.reply import Asked, Exchange, Reply
from qfl.security import keystore, membership
from qfl.security.profiles import ML_DSA_44
from qfl.security.roster import Roster, RosterRow, admit, revoke
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


class Recorder:
    """Note who is sent a message, and answer for them."""

    def __init__(self):
        become_server(1)
        self.sent = []

    def exchange(self, asked):
        self.sent += [each.client for each in asked]
        return Exchange(tuple(Reply(each) for each in asked)).spent(train=1.0)


def ask(roster, number, nodes=NODES):
    grid = Recorder()
    asked = [Asked(client, Message(RecordDict(), node, "train")) for node, client in nodes.items()]
    found = AbsenceGrid(grid, roster, number).exchange(asked)
    assert found.seconds == ({"train": 1.0} if grid.sent else {})
    return grid.sent, [(reply.client, reply.status.reason) for reply in found.replies]


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


def test_nothing_is_sent_to_who_is_absent_and_a_key_that_does_not_count_is_the_first_reason():
    away = {absent_id(0): 0, 71: 1, absent_id(2): 2, 73: 3}
    reasons = ["not-connected", "not-valid-yet", "not-connected", None]
    assert ask(ROSTER, 1, away) == ([3], list(enumerate(reasons)))
    assert ask(ROSTER, 3, away)[1][:3] == [(0, "revoked"), (1, "not-valid-yet"), (2, "no-longer-valid")]


def test_who_is_not_sent_the_model_is_rejected_or_missing():
    asked = [Asked(client, Message(RecordDict(), node, "train")) for node, client in ((70, 0), (absent_id(3), 3))]
    revoked, absent = AbsenceGrid(Recorder(), ROSTER, 3).exchange(asked).replies
    assert (revoked.status.status, absent.status.status) == ("rejected", "missing")
    assert absent.status.detail == "no node has proven to be this client"


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
