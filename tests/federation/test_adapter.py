"""The names that Flower does not promise to keep, and what we rely on them for."""

import inspect
import time

import numpy as np
import pytest
from flwr.app import Array, ArrayRecord, ConfigRecord, Message, MessageType, RecordDict
from flwr.serverapp import Grid
from flwr.serverapp.strategy import Strategy
from flwr.supercore.inflatable.inflatable_utils import ObjectUnavailableError, pull_objects
from flwr.superlink.grid import http_grid

from qfl.federation import adapter


def test_the_grid_interface_is_the_one_our_grids_implement():
    assert Grid.__abstractmethods__ == {
        "set_run",
        "run",
        "create_message",
        "get_node_ids",
        "push_messages",
        "pull_messages",
        "send_and_receive",
    }
    assert list(inspect.signature(Grid.send_and_receive).parameters) == ["self", "messages", "timeout"]


def test_the_strategy_interface_is_the_one_our_loop_calls():
    train, aggregate = Strategy.configure_train, Strategy.aggregate_train
    assert list(inspect.signature(train).parameters) == ["self", "server_round", "arrays", "config", "grid"]
    assert list(inspect.signature(aggregate).parameters) == ["self", "server_round", "replies"]


def test_a_message_can_be_made_once_the_process_is_the_server():
    adapter.become_server(7)
    message = Message(RecordDict(), 5, MessageType.TRAIN)
    assert (message.metadata.run_id, message.metadata.src_node_id) == (7, adapter.SUPERLINK_NODE_ID)
    adapter.set_message_id(message, "m1")
    reply = Message(RecordDict(), reply_to=message)
    assert (reply.metadata.reply_to_message_id, reply.metadata.src_node_id) == ("m1", 5)


def test_redelivery_keeps_the_metadata():
    adapter.become_server(7)
    message = Message(RecordDict(), 5, MessageType.TRAIN)
    content = RecordDict({"config": ConfigRecord({"a": 1})})
    assert adapter.redelivered(message, content).metadata is message.metadata


@pytest.mark.parametrize("length", [1, 1000])
def test_the_serialized_size_grows_by_the_bytes_of_the_array(length):
    def size(n: int) -> int:
        return adapter.serialized_size(RecordDict({"arrays": ArrayRecord({"angles": Array(np.zeros(n))})}))

    assert 8 * length <= size(length) - size(0) <= 8 * length + 8


def test_who_asks_for_an_object_before_it_is_stored_has_it_soon_after():
    asked = []

    def pull(name):
        asked.append(name)
        if len(asked) < 3:
            raise ObjectUnavailableError(name)
        return b"stored by now"

    began = time.monotonic()
    assert pull_objects(["a"], pull) == {"a": b"stored by now"} and len(asked) == 3
    assert time.monotonic() - began < 1.0  # Flower's own first wait is 0.8 s at least, its second 1.6 s
    assert http_grid.pull_objects is pull_objects  # the server's grid asks through it


def test_flower_still_names_its_error_codes():
    codes = [getattr(adapter.ErrorCode, name) for name in vars(adapter.ErrorCode) if name.isupper()]
    assert len(set(codes)) == len(codes) >= 9 and max(codes) < 1000


def test_an_empty_run_has_the_given_number():
    assert adapter.new_run(42).run_id == 42
