"""Sealed runs end where open ones do; what is not sealed to this server for this round is refused."""

import pytest
from flwr.app import ConfigRecord, Message, RecordDict

from qfl.federation.adapter import redelivered
from qfl.federation.client import train
from qfl.federation.grids.encryption import SEALED
from qfl.federation.records.messages import own_copy


@pytest.mark.parametrize("backend", ["vectorised", "sequential"])
def test_sealing_changes_no_angle_and_the_bytes_are_counted_by_what_is_inside(small, federate, backend):
    plain = federate(small("plain", backend=backend))
    closed = federate(small("closed", backend=backend, security__seal="ML-KEM-768+X25519"))
    assert plain.header["final"]["angles"] == closed.header["final"]["angles"]
    up = [folder.clients()[-1]["bytes_up"] for folder in (plain, closed)]
    assert up[0]["model"] == up[1]["model"] and up[0]["signature"] == up[1]["signature"]
    assert 1100 < up[1]["envelope"] - up[0]["envelope"] < 1300  # ML-KEM ciphertext 1088, X25519 32, tag 16, framing


def swap(replies):
    boxes = [reply.content for reply in replies]
    return [boxes[1], boxes[0], *boxes[2:]]


def alter(replies):
    box = bytearray(replies[0].content[SEALED]["box"])
    box[-1] ^= 1
    return [RecordDict({SEALED: ConfigRecord({"box": bytes(box)})}), *(reply.content for reply in replies[1:])]


def oversize(replies):
    box = replies[0].content[SEALED]["box"] + bytes(2**20)
    return [RecordDict({SEALED: ConfigRecord({"box": box})}), *(reply.content for reply in replies[1:])]


def unbox(replies):
    return [RecordDict({SEALED: ConfigRecord({"bag": b""})}), *(reply.content for reply in replies[1:])]


@pytest.mark.parametrize(
    ("spoil", "reasons"),
    [(swap, ["bad-seal", "bad-seal"]), (alter, ["bad-seal"]), (oversize, ["too-large"]), (unbox, ["unsealed"])],
)
def test_a_seal_that_is_another_clients_or_altered_is_refused(small, federate, spoil, reasons):
    def batch(messages, contexts):
        replies = train(messages, contexts)
        return [Message(c, reply_to=m) for m, c in zip(messages, spoil(replies), strict=True)]

    folder = federate(small(security__seal="ML-KEM-768", rounds=1), batch)
    assert [row["reason"] for row in folder.clients()][: len(reasons)] == reasons
    assert {row["status"] for row in folder.clients()[len(reasons) :]} == {"accepted"}


def test_an_open_reply_is_refused_where_a_seal_is_asked_for(small, federate):
    def strip(messages, contexts):
        first = own_copy(messages[0].content)  # of the last client that still believes in open letters
        del first["config"]["seal"], first["config"]["seal-key"]
        return train([redelivered(messages[0], first), *messages[1:]], contexts)

    rows = federate(small(security__seal="ML-KEM-768", rounds=1), strip).clients()
    assert (rows[0]["status"], rows[0]["reason"]) == ("failed", "broadcast-refused")  # the signature covers the key
    assert "config-digest" in rows[0]["detail"] and rows[1]["status"] == "accepted"
