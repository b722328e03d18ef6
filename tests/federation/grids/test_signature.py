"""What verification catches on the way, besides what the envelope's own tests show: replies swapped, kept, altered."""

import pytest
from flwr.app import ConfigRecord, Message, MetricRecord, RecordDict

from qfl.federation.client import train
from qfl.federation.records.messages import METRICS, UPDATE, own_copy, to_record
from qfl.federation.runtime.keys import load_roster
from qfl.security.envelope import UPDATE as PURPOSE
from qfl.security.envelope import open_envelope, sign
from qfl.security.profiles import profile
from qfl.security.signing import generate

VICTIM = 2


def with_update(reply, **changes):
    return RecordDict({**reply.content, UPDATE: ConfigRecord({**reply.content[UPDATE], **changes})})


def flip_one_bit(reply, kept):
    angles = reply.content["arrays"]["angles"].numpy()
    angles.view("u1")[0] ^= 1
    return RecordDict({**reply.content, "arrays": to_record(angles)})


def flip_a_bit_of_the_signature(reply, kept):
    cose = bytearray(reply.content[UPDATE]["cose"])
    cose[-1] ^= 1
    return with_update(reply, cose=bytes(cose))


def raise_the_accuracy(reply, kept):
    return RecordDict({**reply.content, METRICS: MetricRecord({**reply.content[METRICS], "accuracy": 1.0})})


def raise_the_weight(reply, kept):
    return RecordDict({**reply.content, METRICS: MetricRecord({**reply.content[METRICS], "num-examples": 9999})})


def send_last_rounds_reply_again(reply, kept):
    return kept[VICTIM]


def send_a_neighbours_reply(reply, kept):
    return kept[VICTIM + 1]


def strip_the_signature(reply, kept):
    return RecordDict({name: record for name, record in reply.content.items() if name != UPDATE})


def run_another_checkout(reply, kept):
    return with_update(reply, source="0" * 64)


def say_nothing_of_the_source(reply, kept):
    return RecordDict({**reply.content, UPDATE: ConfigRecord({"cose": reply.content[UPDATE]["cose"]})})


# what happens to one client's replies on their way, and the reason in round 1 and in round 2
TAMPERINGS = (
    (flip_one_bit, "tensor-digest", "tensor-digest"),
    (flip_a_bit_of_the_signature, "bad-signature", "bad-signature"),
    (raise_the_accuracy, "metrics-digest", "metrics-digest"),
    (raise_the_weight, "metrics-digest", "metrics-digest"),
    (send_last_rounds_reply_again, None, "wrong-round"),
    (send_a_neighbours_reply, "wrong-client", "wrong-client"),
    (strip_the_signature, "unsigned", "unsigned"),
    (run_another_checkout, "stale-source", "stale-source"),
    (say_nothing_of_the_source, "unsigned", "unsigned"),
)


@pytest.mark.parametrize(("tamper", "first", "second"), TAMPERINGS, ids=[each[0].__name__ for each in TAMPERINGS])
def test_a_reply_that_is_not_the_asked_clients_own_is_refused_with_its_reason(tamper, first, second, small, federate):
    kept = {}

    def batch(messages, contexts):
        replies = train(messages, contexts)
        new = {c.node_config["partition-id"]: own_copy(r.content) for c, r in zip(contexts, replies, strict=True)}
        old = kept if tamper is send_last_rounds_reply_again and kept else new
        altered = Message(tamper(replies[VICTIM], old), reply_to=messages[VICTIM])
        kept.clear()
        kept.update(new)
        return [*replies[:VICTIM], altered, *replies[VICTIM + 1 :]]

    rows = federate(small(), batch).clients()
    assert [row["reason"] for row in rows if row["client"] == VICTIM] == [first, second]
    assert all(row["status"] == "accepted" for row in rows if row["client"] != VICTIM)


def test_two_replies_of_one_client_count_once(small, federate):
    """A grid that delivers one client's reply for two messages cannot make it count twice."""

    def batch(messages, contexts):
        replies = train(messages, contexts)
        return [replies[0], Message(replies[0].content, reply_to=messages[1]), *replies[2:]]

    rows = federate(small(rounds=1), batch).clients()
    assert [row["reason"] for row in rows] == [None, "wrong-client", None, None, None, None]


def test_a_client_that_signs_with_a_key_nobody_enrolled_is_refused(small, federate):
    stranger = generate(profile("ML-DSA-44"))

    def batch(messages, contexts):
        replies = train(messages, contexts)
        content = replies[VICTIM].content
        payload, _ = open_envelope(content[UPDATE]["cose"], PURPOSE, lambda kid: load_roster(settings).owner(kid).key)
        forged = with_update(replies[VICTIM], cose=sign(payload, stranger, PURPOSE))
        return [*replies[:VICTIM], Message(forged, reply_to=messages[VICTIM]), *replies[VICTIM + 1 :]]

    settings = small(rounds=1)
    rows = federate(settings, batch).clients()
    assert [row["reason"] for row in rows] == [None, None, "unknown-key", None, None, None]


def test_every_broadcast_of_a_round_is_one_and_the_same_signature(small, federate):
    seen = {}

    def batch(messages, contexts):
        for message in messages:
            stamp = message.content["qfl.broadcast"]["cose"]
            seen.setdefault(message.content["config"]["server-round"], set()).add(stamp)
        return train(messages, contexts)

    federate(small(), batch)
    assert [len(seen[number]) for number in (1, 2)] == [1, 1] and not seen[1] & seen[2]
