import time

import pytest
from flwr.app import Error

from qfl.errors import RoundFailed
from qfl.federation.adapter import error_for, redelivered
from qfl.federation.grids.base import GridDecorator
from qfl.federation.grids.deadline import DeadlineGrid, check_quorum
from qfl.federation.records.reply import Asked


class LateGrid(GridDecorator):
    """Simulate a network: the reply of a slow client is on its way for some seconds."""

    def __init__(self, base, delay_s):
        super().__init__(base)
        self.delay_s, self.underway, self.pushed_at = delay_s, [], 0.0

    def push_messages(self, messages):
        messages = list(messages)
        self.pushed_at = time.monotonic()
        self.underway = list(self.base.send_and_receive(messages))
        return [message.metadata.message_id for message in messages]

    def pull_messages(self, message_ids):
        here = [r for r in self.underway if time.monotonic() > self.pushed_at + self.delay_s(r.metadata.src_node_id)]
        self.underway = [r for r in self.underway if r not in here]
        return here


def statuses(found):
    return [reply.status.status for reply in found.replies]


def test_a_slow_client_is_reported_missing_and_the_others_count(echo_grid, exchange):
    slow = LateGrid(echo_grid(4), lambda node: 9.0 if node == 1002 else 0.0)
    found = exchange(DeadlineGrid(slow, 0.1, poll_s=0.01), 4)
    assert statuses(found) == ["accepted", "accepted", "missing", "accepted"]
    late = found.replies[2].status
    assert late.reason == "deadline" and "0.1 s" in str(late.detail)
    assert found.replies[2].to_message().metadata.src_node_id == 1002
    assert [reply.seconds is None for reply in found.replies] == [False, False, True, False]
    assert [reply.bytes_up is None for reply in found.replies] == [False, False, True, False]
    assert all(reply.bytes_down for reply in found.replies)


def test_replies_are_in_the_order_of_asking_however_they_arrive(echo_grid, ask):
    class Backwards(GridDecorator):
        def pull_messages(self, message_ids):
            return self.base.pull_messages(list(message_ids)[-1:])

    asked = [Asked(k, message) for k, message in enumerate(ask(4))]
    found = DeadlineGrid(Backwards(echo_grid(4)), 5.0).exchange(asked)
    assert [reply.client for reply in found.replies] == [0, 1, 2, 3]
    seconds = [reply.seconds for reply in found.replies]
    assert seconds == sorted(seconds, reverse=True) and seconds[0] > seconds[3]


def test_the_phases_are_timed(echo_grid, exchange):
    seconds = exchange(DeadlineGrid(echo_grid(2), 5.0), 2).seconds
    assert sorted(seconds) == ["broadcast", "train"] and all(number > 0 for number in seconds.values())


def test_an_in_process_round_can_end_between_two_clients(echo_grid, exchange):
    """On a clock that moves one second per look, sequential clients are cut off where the deadline falls."""
    ticks = iter(range(1000))
    found = exchange(DeadlineGrid(echo_grid(5), 5.5, now=lambda: float(next(ticks))), 5)
    assert statuses(found) == ["accepted", "accepted", "missing", "missing", "missing"]


def test_an_error_that_flower_sends_in_its_own_name_is_matched_by_the_message(echo_grid, exchange):
    class DeadNode(GridDecorator):
        def pull_messages(self, message_ids):
            return [self.dead(r) if r.metadata.src_node_id == 1001 else r for r in super().pull_messages(message_ids)]

        def dead(self, reply):
            return error_for(reply.metadata.reply_to_message_id, Error(5, "Node Unavailable"))

    found = exchange(DeadlineGrid(DeadNode(echo_grid(3)), 5.0), 3)
    assert statuses(found) == ["accepted", "failed", "accepted"]
    message = found.replies[1].to_message()
    assert (message.metadata.src_node_id, message.error.code) == (1001, 5)
    assert found.replies[1].status.reason == "node-unavailable"


def test_a_second_reply_to_one_message_and_a_reply_to_none_are_ignored(echo_grid, ask, exchange):
    class Babbler(GridDecorator):
        def pull_messages(self, message_ids):
            stray = ask(1)[0]
            return [
                m
                for reply in super().pull_messages(message_ids)
                for m in (stray, reply, redelivered(reply, stray.content))
            ]

    found = exchange(DeadlineGrid(Babbler(echo_grid(2)), 5.0), 2)
    assert len(found.replies) == 2 and all("metrics" in reply.content for reply in found.replies)


def test_a_message_that_flower_does_not_take_is_missing_at_once(echo_grid, exchange):
    class Full(GridDecorator):
        def push_messages(self, messages):
            return [*self.base.push_messages(messages)][:1]

    found = exchange(DeadlineGrid(Full(echo_grid(2)), 5.0), 2)
    assert [reply.status.reason for reply in found.replies] == [None, "not-sent"]


def test_a_round_needs_its_quorum_and_one_valid_reply_at_least(echo_grid, exchange):
    slow = LateGrid(echo_grid(4), lambda node: 9.0 if node > 1001 else 0.0)
    replies = exchange(DeadlineGrid(slow, 0.05, poll_s=0.01), 4).replies
    check_quorum(replies, 0.5)
    with pytest.raises(RoundFailed, match=r"2 of 4 .* quorum is 51%.*missing, deadline: no reply within 0.05 s"):
        check_quorum(replies, 0.51)
    with pytest.raises(RoundFailed, match="0 of 0"):
        check_quorum([], 0.0)
