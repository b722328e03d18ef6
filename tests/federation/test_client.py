"""What a client does with a broadcast, honest or not."""

import numpy as np
import pytest
from flwr.app import ConfigRecord, Context, Message, RecordDict

from qfl.federation.client import train
from qfl.federation.records.messages import BROADCAST, CONFIG, UPDATE, own_copy, read_angles, to_record
from qfl.federation.records.reply_status import status_of
from qfl.provenance import source_digest
from qfl.tasks.build import build
from qfl.tasks.local import train_clients


def altered(message, name, record):
    copy = own_copy(message.content)
    copy[name] = record
    return copy


def another_model(message):
    angles = message.content["arrays"]["angles"].numpy()
    return altered(message, "arrays", to_record(angles + 1e-9))


def another_round(message):
    return altered(message, CONFIG, ConfigRecord({**message.content[CONFIG], "server-round": 7}))


def another_config(message):
    return altered(message, CONFIG, ConfigRecord({**message.content[CONFIG], "proximal-mu": 1e9}))


def no_signature(message):
    return RecordDict({name: record for name, record in message.content.items() if name != BROADCAST})


def no_bytes(message):
    return altered(message, BROADCAST, ConfigRecord({"cose": "text"}))


def another_signature(message):
    cose = bytearray(message.content[BROADCAST]["cose"])
    cose[-1] ^= 1
    return altered(message, BROADCAST, ConfigRecord({"cose": bytes(cose)}))


FORGERIES = (
    (another_model, "tensor-digest"),
    (another_round, "wrong-round"),
    (another_config, "config-digest"),
    (no_signature, "unsigned"),
    (no_bytes, "unsigned"),
    (another_signature, "bad-signature"),
)


@pytest.mark.parametrize(("forge", "reason"), FORGERIES, ids=[each[0].__name__ for each in FORGERIES])
def test_a_client_refuses_a_forged_broadcast_and_the_others_train(forge, reason, small, federate):
    def batch(messages, contexts):
        received = [Message(forge(m), reply_to=m) if k == 1 else m for k, m in enumerate(messages)]
        return [
            Message(r.content, reply_to=m) if r.has_content() else Message(r.error, reply_to=m)
            for m, r in zip(messages, train(received, contexts), strict=True)
        ]

    rows = federate(small(rounds=1), batch).clients()
    assert [row["status"] for row in rows] == ["accepted", "failed", *["accepted"] * 4]
    assert rows[1]["reason"] == "broadcast-refused" and rows[1]["detail"].startswith(reason)


def test_a_client_with_another_model_refuses_to_train(small, federate):
    def batch(messages, contexts):
        other = {**contexts[0].run_config, "train.learning-rate": 0.5}
        mine = [Context(1, 1, contexts[0].node_config, RecordDict(), other), *contexts[1:]]
        return [*train(messages[:1], mine[:1]), *train(messages[1:], contexts[1:])]

    rows = federate(small(rounds=1), batch).clients()
    assert rows[0]["reason"] == "broadcast-refused" and rows[0]["detail"].startswith("wrong-task")


def test_a_reply_carries_exactly_what_training_gave_and_the_source_that_ran(small, federate):
    settings, seen = small(rounds=1), []

    def batch(messages, contexts):
        replies = train(messages, contexts)
        seen.extend((own_copy(m.content), own_copy(r.content)) for m, r in zip(messages, replies, strict=True))
        return replies

    federate(settings, batch)
    setup = build(settings)
    start = setup.model.initial(settings.seed)
    expected = train_clients(setup, start, 1, list(range(6)))
    for (asked, reply), update in zip(seen, expected, strict=True):
        np.testing.assert_array_equal(read_angles(asked, len(start), "float64"), start)
        np.testing.assert_array_equal(read_angles(reply, len(start), "float64"), update.angles)
        assert reply["metrics"]["num-examples"] == len(setup.parts[update.client])
        assert reply["metrics"]["train_loss"] == update.train_loss
        assert reply[UPDATE]["source"] == source_digest()


def test_clients_asked_for_different_things_are_trained_apart(small, federate):
    """Orders differ if the signed claims differ: two rounds' messages in one batch give the same as one by one."""
    settings, rounds = small(), []

    def batch(messages, contexts):
        rounds.append(([own_copy(m.content) for m in messages], messages, contexts))
        return train(messages, contexts)

    federate(settings, batch)
    (first, messages, contexts), (second, _, _) = rounds
    mixed = [*first[:3], *second[3:]]
    received = [Message(content, reply_to=m) for content, m in zip(mixed, messages, strict=True)]
    together = train(received, contexts)
    apart = [train([m], [c])[0] for m, c in zip(received, contexts, strict=True)]
    for one, other in zip(together, apart, strict=True):
        assert status_of(one).status == "accepted"
        a, b = (read_angles(r.content, len(r.content["arrays"]["angles"].numpy()), "float64") for r in (one, other))
        np.testing.assert_allclose(a, b, atol=1e-12)
