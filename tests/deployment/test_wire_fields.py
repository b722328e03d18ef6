"""What the front reads of Flower's requests is what Flower's own classes write."""

import os

import pytest
from flwr.proto.fleet_pb2 import PullMessagesRequest, PushMessagesRequest, PushMessagesResponse
from flwr.proto.message_pb2 import Message, Metadata
from flwr.proto.node_pb2 import Node
from hypothesis import given
from hypothesis import strategies as st

from qfl.deployment.wire_fields import MOST_BYTES, answered_messages, asking_node, fields, wanted_objects


@given(node=st.integers(0, 2**64 - 1))
def test_the_node_that_asks(node):
    assert asking_node(PullMessagesRequest(node=Node(node_id=node)).SerializeToString()) == (node or None)


@given(ids=st.lists(st.text("0123456789abcdef", min_size=1, max_size=64), max_size=4), ttl=st.floats(0, 1e6))
def test_the_messages_that_are_answered(ids, ttl):
    heads = [Metadata(run_id=2**63, message_id="x", src_node_id=7, reply_to_message_id=each, ttl=ttl) for each in ids]
    request = PushMessagesRequest(node=Node(node_id=7), messages_list=[Message(metadata=head) for head in heads])
    assert answered_messages(request.SerializeToString()) == ids


@given(wanted=st.lists(st.text(max_size=70), max_size=9), session=st.text(max_size=40))
def test_the_objects_that_are_still_to_come(wanted, session):
    answer = PushMessagesResponse(objects_to_push=wanted, session_id=session, results={"a": 1})
    assert wanted_objects(answer.SerializeToString()) == len(wanted)


@given(data=st.binary(max_size=300))
def test_bytes_of_strangers_are_read_to_some_end(data):
    for number, value in fields(data):
        assert number >= 0 and isinstance(value, int | bytes)
    asking_node(data), answered_messages(data), wanted_objects(data)


@pytest.mark.parametrize("cut", [1, 5, 20])
def test_what_is_cut_off_is_left_out(cut):
    whole = PullMessagesRequest(node=Node(node_id=2**63)).SerializeToString()
    assert asking_node(whole[:-cut]) != 2**63


def test_a_long_body_is_not_read():
    long = PushMessagesResponse(objects_to_push=["0" * 1000] * (MOST_BYTES // 1000 + 1)).SerializeToString()
    assert wanted_objects(long) == 0 and list(fields(os.urandom(MOST_BYTES + 1))) == []
