"""Replies come one by one, whatever becomes of the others."""

import threading
import time

import pytest
from flwr.app import Message, MessageType, RecordDict
from google.protobuf.message import DecodeError
from httpx import ConnectError

from qfl.federation.adapter import RunNotRunningException, become_server, set_message_id
from qfl.federation.grids.base import GridDecorator
from qfl.federation.grids.concurrent_pull import SeparateGrid


class Slow(GridDecorator):
    """A grid whose replies to some messages never arrive whole, as when a node stops in the middle of sending."""

    def __init__(self, stuck=(), fault=None):
        self.stuck, self.fault, self.release = set(stuck), fault, threading.Event()

    def push_messages(self, messages):
        self.sent = {str(number): message for number, message in enumerate(messages)}
        for number, message in self.sent.items():
            set_message_id(message, number)
        return [message.metadata.message_id for message in self.sent.values()]

    def pull_messages(self, ids):
        (message_id,) = ids
        message = self.sent[message_id]
        if message_id in self.stuck:
            self.release.wait(60)
        if self.fault:
            raise self.fault
        return [Message(RecordDict(), reply_to=message)]


def push(base, count):
    become_server(1)
    grid = SeparateGrid(base)
    return grid, list(grid.push_messages([Message(RecordDict(), 1000 + k, MessageType.TRAIN) for k in range(count)]))


def collect(grid, ids, count):
    found, end = [], time.monotonic() + 60
    while len(found) < count and time.monotonic() < end:
        found += [reply.metadata.reply_to_message_id for reply in grid.pull_messages(ids)]
    return sorted(found)


def test_a_reply_that_never_arrives_whole_keeps_no_other_waiting():
    base = Slow(stuck=["1"])
    grid, ids = push(base, 3)
    assert collect(grid, ids, 2) == ["0", "2"]
    base.release.set()
    assert collect(grid, ids, 1) == ["1"]


def test_what_is_late_does_not_come_in_the_next_round():
    base = Slow(stuck=["0"])
    grid, ids = push(base, 1)
    base.stuck.clear()
    become_server(1)
    ids = list(grid.push_messages([Message(RecordDict(), 1000, MessageType.TRAIN)]))
    assert collect(grid, ids, 1) == ["0"]
    base.release.set()
    time.sleep(0.1)
    assert list(grid.pull_messages(ids)) == []


class Running(Slow):
    """A grid that is there, whatever becomes of a reply."""

    def get_node_ids(self):
        return [1000]


@pytest.mark.parametrize("fault", [RuntimeError("the run was stopped"), ConnectError("refused"), OSError(5, "I/O")])
def test_an_error_of_a_grid_that_is_gone_is_raised(fault):
    grid, ids = push(Slow(fault=fault), 1)
    with pytest.raises(type(fault)):
        collect(grid, ids, 1)


@pytest.mark.parametrize("stop", [RunNotRunningException, KeyboardInterrupt, SystemExit])
def test_what_stops_the_run_is_raised_although_it_is_no_exception(stop):
    grid, ids = push(Running(fault=stop()), 1)
    with pytest.raises(stop):
        collect(grid, ids, 1)


@pytest.mark.parametrize("fault", [DecodeError("x"), RuntimeError("x"), ConnectError("x"), MemoryError(), KeyError()])
def test_an_error_of_one_reply_is_that_reply(fault):
    grid, ids = push(Running(fault=fault), 1)
    end = time.monotonic() + 60
    while not (found := list(grid.pull_messages(ids))) and time.monotonic() < end:
        pass
    (reply,) = found
    assert reply.has_error() and reply.metadata.reply_to_message_id == ids[0]
    assert type(fault).__name__ in reply.error.reason


def test_a_message_that_flower_did_not_take_is_not_looked_for():
    class Half(Slow):
        def push_messages(self, messages):
            return [None, *super().push_messages(messages)]

    grid, ids = push(Half(), 2)
    assert ids == ["0", "1"] and collect(grid, ids, 2) == ["0", "1"]
