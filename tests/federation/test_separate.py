"""Replies come one by one, whatever becomes of the others."""

import threading
import time

import pytest
from flwr.app import Message, MessageType, RecordDict

from qfl.federation.adapter import become_server, set_message_id
from qfl.federation.decorator import GridDecorator
from qfl.federation.separate import SeparateGrid


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


def test_an_error_of_flowers_grid_is_raised():
    grid, ids = push(Slow(fault=RuntimeError("the run was stopped")), 1)
    with pytest.raises(RuntimeError, match="stopped"):
        collect(grid, ids, 1)
