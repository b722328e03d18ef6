"""What clients of one process make of a round's broadcasts: read once where they are the same, verified by each."""

from concurrent.futures import ThreadPoolExecutor

import pytest
from flwr.app import ConfigRecord

from qfl.errors import Rejection
from qfl.federation import instruction
from qfl.federation.client import train
from qfl.federation.instruction import Listener, TrainInstruction
from qfl.federation.records.messages import BROADCAST, own_copy
from qfl.federation.runtime.keys import load_roster
from qfl.security import signing
from qfl.tasks.build import build


@pytest.fixture
def heard(small, federate):
    """Give a listener of a federation of six clients, and what these were handed in its first round."""
    settings, asked = small(rounds=1), []

    def batch(messages, contexts):
        asked.append((messages, contexts))
        return train(messages, contexts)

    federate(settings, batch)
    return Listener(build(settings, as_read=True), load_roster(settings), None), *asked[0]


def counted(monkeypatch, owner, name):
    calls, function = [], getattr(owner, name)
    monkeypatch.setattr(owner, name, lambda *args, **named: calls.append(args) or function(*args, **named))
    return calls


def test_the_same_records_are_read_once_and_every_client_verifies_the_signature(heard, monkeypatch):
    listener, messages, contexts = heard
    assert len({id(message.content) for message in messages}) == 1
    read = counted(monkeypatch, instruction, "read_angles")
    keys = counted(monkeypatch, signing, "_loaded_public")  # asked for by each verification
    found = [listener.instruct(message.content, context) for message, context in zip(messages, contexts, strict=True)]
    assert all(isinstance(each, TrainInstruction) for each in found)
    assert len({id(each.broadcast) for each in found}) == 1
    assert (len(read), len(keys)) == (1, 6)


def test_equal_records_of_another_message_are_read_again_and_say_the_same(heard):
    listener, messages, contexts = heard
    first, copy = (listener.instruct(content, contexts[0]).broadcast for content in _with_a_copy(messages[0].content))
    assert first == copy and first is not copy and hash(first) == hash(copy)


def _with_a_copy(content):
    return content, own_copy(content)


def test_whoever_is_handed_a_forgery_refuses_it_whatever_others_heard(heard):
    listener, messages, contexts = heard
    cose = bytearray(messages[0].content[BROADCAST]["cose"])
    cose[-1] ^= 1
    forged = own_copy(messages[0].content)
    forged[BROADCAST] = ConfigRecord({"cose": bytes(cose)})
    for content, good in ((messages[0].content, True), (forged, False), (messages[0].content, True), (forged, False)):
        found = listener.instruct(content, contexts[0])
        assert isinstance(found, TrainInstruction) if good else found.reason == "bad-signature"


def test_a_known_broadcast_is_no_longer_heard_when_the_servers_key_does_not_verify_it(heard, monkeypatch):
    listener, messages, contexts = heard
    assert isinstance(listener.instruct(messages[0].content, contexts[0]), TrainInstruction)
    monkeypatch.setattr(listener, "_roster", _Strangers())
    assert listener.instruct(messages[1].content, contexts[1]).reason == "unknown-key"


class _Strangers:
    def server_key(self, kid):
        raise Rejection("unknown-key", "nobody")


def test_clients_that_listen_at_the_same_time_hear_the_same(heard):
    listener, messages, contexts = heard
    with ThreadPoolExecutor(6) as pool:
        found = list(pool.map(listener.instruct, [message.content for message in messages], contexts))
    assert len({each.broadcast for each in found}) == 1
