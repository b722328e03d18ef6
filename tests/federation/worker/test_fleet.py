"""The names of Flower that a node's connection stands on, and what comes and goes over it."""

import inspect
import re
import time

import numpy as np
import pytest
from flwr.app import Array, ArrayRecord, ConfigRecord, Message, RecordDict
from flwr.supernode import start_client_internal
from flwr.supernode.fleet_http_connection import http_request_response

from qfl.federation.worker.fleet import Fleet
from tests.federation.worker.conftest import NODE, RUN


def test_flower_still_gives_these_functions_in_this_order():
    given = re.findall(r"yield \(\s*([^)]*)\)", inspect.getsource(http_request_response))[-1]
    names = [word.strip() for word in given.split(",") if word.strip()]
    assert names == [
        "node.node_id",
        *("receive", "send", "get_run", "get_fab", "pull_object", "push_object", "confirm_message_received"),
    ]
    assert len(names) == len(Fleet.__dataclass_fields__)
    asked = list(inspect.signature(http_request_response).parameters)
    assert asked[:4] == ["server_address", "insecure", "root_certificates", "authentication_keys"]


def test_flowers_own_node_still_does_the_same_in_the_same_order():
    """It pulls, then confirms; it announces, then stores: what the SuperLink relies on."""
    taken = inspect.getsource(start_client_internal._pull_and_store_message)
    assert taken.index("pull_objects(") < taken.index("confirm_message_received(run_id, message.metadata.message_id)")
    given = inspect.getsource(start_client_internal._push_messages)
    assert given.index("send(message, object_tree, clientapp_runtime)") < given.index("partial(push_object, run_id,")


def test_a_message_comes_whole_and_its_reply_goes_whole(superlink):
    angles = np.linspace(0, 1, 1000)
    content = RecordDict({"arrays": ArrayRecord({"angles": Array(angles)}), "config": ConfigRecord({"round": 3})})
    fleet, asked = superlink.fleet(), superlink.ask(content)
    message = fleet.whole(*superlink.receive())
    assert (message.metadata.message_id, message.metadata.run_id, superlink.confirmed) == (asked, RUN, [asked])
    np.testing.assert_array_equal(message.content["arrays"]["angles"].numpy(), angles)
    reply = RecordDict({"arrays": ArrayRecord({"angles": Array(2 * angles)})})
    fleet.answer(Message(reply, reply_to=message), 1.5)
    found = superlink.reply()
    assert (found.metadata.reply_to_message_id, found.metadata.src_node_id) == (asked, NODE)
    assert superlink.replies[-1][1] == 1.5
    np.testing.assert_array_equal(found.content["arrays"]["angles"].numpy(), 2 * angles)


def test_a_message_that_is_announced_before_it_is_stored_is_there_soon_after(superlink):
    superlink.ask(RecordDict({"config": ConfigRecord({"round": 3})}))
    superlink.late, began = 2, time.monotonic()
    assert superlink.fleet().whole(*superlink.receive()).content["config"]["round"] == 3
    assert superlink.late == 0 and time.monotonic() - began < 0.7


def test_an_app_is_unpacked_once_and_what_a_run_asks_for_has_the_last_word(superlink, tmp_path):
    fleet = superlink.fleet()
    app = fleet.app(RUN, tmp_path)
    assert app.component == "tiny.app:app" and (app.root / "tiny" / "app.py").is_file()
    assert app.config == {"rounds": 5, "run.name": "by default"}
    (app.root / "marked").touch()
    assert (fleet.app(RUN, tmp_path).root / "marked").exists() and len(list(tmp_path.iterdir())) == 1


def test_a_bundle_that_is_not_the_runs_is_refused(superlink, tmp_path):
    superlink.bundle += b"\0"
    with pytest.raises(ValueError, match="not the one that the run names"):
        superlink.fleet().app(RUN, tmp_path)
    assert not list(tmp_path.iterdir())
