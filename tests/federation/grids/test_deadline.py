import time

import pytest
from flwr.app import Error

from qfl.errors import RoundFailed
from qfl.federation.adapter import SUPERLINK_NODE_ID, error_instead, redelivered
from qfl.federation.grids.base import GridDecorator
from qfl.federation.grids.deadline import DeadlineGrid, check_quorum
from qfl.federation.records.reply_status import outcome
from qfl.federation.records.round_metrics import Ledger


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


def wrapped(base, count, deadline_s=5.0, **options):
    ledger = Ledger()
    return DeadlineGrid(base, {1000 + k: k for k in range(count)}, deadline_s, ledger, **options), ledger


def statuses(replies):
    return [outcome(reply).status for reply in replies]


def test_a_slow_client_is_reported_missing_and_the_others_count(echo_grid, ask):
    slow = LateGrid(echo_grid(4), lambda node: 9.0 if node == 1002 else 0.0)
    grid, ledger = wrapped(slow, 4, deadline_s=0.1, poll_s=0.01)
    replies = list(grid.send_and_receive(ask(4)))
    assert statuses(replies) == ["accepted", "accepted", "missing", "accepted"]
    assert outcome(replies[2]).reason == "deadline" and "0.1 s" in str(outcome(replies[2]).detail)
    assert replies[2].metadata.src_node_id == 1002
    assert set(ledger.arrival_s) == set(ledger.up) == {0, 1, 3} and set(ledger.down) == {0, 1, 2, 3}


def test_replies_are_sorted_by_client_however_they_arrive(echo_grid, ask):
    class Backwards(GridDecorator):
        def pull_messages(self, message_ids):
            return self.base.pull_messages(list(message_ids)[-1:])

    grid, ledger = wrapped(Backwards(echo_grid(4)), 4)
    replies = list(grid.send_and_receive(ask(4)[::-1]))
    assert [reply.metadata.src_node_id for reply in replies] == [1000, 1001, 1002, 1003]
    assert list(ledger.arrival_s) == [3, 2, 1, 0]


def test_an_in_process_round_can_end_between_two_clients(echo_grid, ask):
    """On a clock that moves one second per look, sequential clients are cut off where the deadline falls."""
    ticks = iter(range(1000))
    grid, _ = wrapped(echo_grid(5), 5, deadline_s=5.5, now=lambda: float(next(ticks)))
    assert statuses(grid.send_and_receive(ask(5))) == ["accepted", "accepted", "missing", "missing", "missing"]


def test_an_error_that_flower_sends_in_its_own_name_is_matched_by_the_message(echo_grid, ask):
    class DeadNode(GridDecorator):
        def pull_messages(self, message_ids):
            return [self.dead(r) if r.metadata.src_node_id == 1001 else r for r in super().pull_messages(message_ids)]

        def dead(self, reply):
            error = error_instead(reply, Error(5, "Node Unavailable"))
            error.metadata.__dict__["_src_node_id"] = SUPERLINK_NODE_ID
            return error

    grid, _ = wrapped(DeadNode(echo_grid(3)), 3)
    replies = list(grid.send_and_receive(ask(3)))
    assert statuses(replies) == ["accepted", "failed", "accepted"]
    assert (replies[1].metadata.src_node_id, outcome(replies[1]).reason) == (1001, "node-unavailable")


def test_a_second_reply_to_one_message_and_a_reply_to_none_are_ignored(echo_grid, ask):
    class Babbler(GridDecorator):
        def pull_messages(self, message_ids):
            stray = ask(1)[0]
            return [
                m
                for reply in super().pull_messages(message_ids)
                for m in (stray, reply, redelivered(reply, stray.content))
            ]

    grid, _ = wrapped(Babbler(echo_grid(2)), 2)
    replies = list(grid.send_and_receive(ask(2)))
    assert len(replies) == 2 and all("metrics" in reply.content for reply in replies)


def test_a_message_that_flower_does_not_take_is_missing_at_once(echo_grid, ask):
    class Full(GridDecorator):
        def push_messages(self, messages):
            return [*self.base.push_messages(messages)][:1]

    grid, _ = wrapped(Full(echo_grid(2)), 2)
    assert [outcome(reply).reason for reply in grid.send_and_receive(ask(2))] == [None, "not-sent"]


def test_a_round_needs_its_quorum_and_one_valid_reply_at_least(echo_grid, ask):
    slow = LateGrid(echo_grid(4), lambda node: 9.0 if node > 1001 else 0.0)
    grid, _ = wrapped(slow, 4, deadline_s=0.05, poll_s=0.01)
    replies = list(grid.send_and_receive(ask(4)))
    check_quorum(replies, 4, 0.5)
    with pytest.raises(RoundFailed, match=r"2 of 4 .* quorum is 51%.*missing, deadline: no reply within 0.05 s"):
        check_quorum(replies, 4, 0.51)
    with pytest.raises(RoundFailed, match="0 of 0"):
        check_quorum([], 0, 0.0)


def test_the_deadline_is_the_users_even_if_the_caller_would_wait_longer(echo_grid, ask):
    slow = LateGrid(echo_grid(1), lambda node: 9.0)
    grid, _ = wrapped(slow, 1, deadline_s=0.05, poll_s=0.01)
    assert statuses(grid.send_and_receive(ask(1), timeout=3600.0)) == ["missing"]
