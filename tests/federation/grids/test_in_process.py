import tracemalloc

import numpy as np
import pytest
from flwr.app import Context, Message, RecordDict
from flwr.clientapp import ClientApp
from flwr.serverapp.strategy import FedAvg

from qfl.federation.grids.in_process import InProcessGrid
from qfl.federation.records.messages import read_angles, to_record
from qfl.federation.records.reply_status import status_of


def test_replies_come_in_the_order_of_sending(echo_grid, ask):
    messages = ask(5)[::-1]
    replies = list(echo_grid(5).send_and_receive(messages))
    assert [reply.metadata.src_node_id for reply in replies] == [1004, 1003, 1002, 1001, 1000]
    assert [r.metadata.reply_to_message_id for r in replies] == [m.metadata.message_id for m in messages]


def test_flowers_own_strategy_runs_its_own_loop_on_it(echo_grid):
    """Client k adds (k+1)/10, so equal weights add 0.2 per round with three clients."""
    grid = echo_grid(3)
    result = FedAvg(fraction_evaluate=0.0).start(grid, to_record(np.zeros(4)), num_rounds=2, timeout=60.0)
    np.testing.assert_allclose(result.arrays["angles"].numpy(), 0.4, atol=1e-12)


def test_a_client_gets_record_containers_of_its_own(ask):
    app = ClientApp()

    @app.train()
    def train(message: Message, context: Context) -> Message:
        assert message.content["config"].pop("server-round") == 1
        return Message(RecordDict(), reply_to=message)

    replies = InProcessGrid(app, {}, 3).send_and_receive(ask(3))
    assert [status_of(reply).status for reply in replies] == ["accepted"] * 3


def test_a_client_that_raises_becomes_an_error_reply_that_says_where(ask):
    app = ClientApp()

    @app.train()
    def train(message: Message, context: Context) -> Message:
        raise ValueError("boom")

    (reply,) = InProcessGrid(app, {}, 1).send_and_receive(ask(1))
    assert (status_of(reply).status, status_of(reply).reason) == ("failed", "client-error")
    assert "ValueError: boom (test_in_process.py:" in str(status_of(reply).detail)


def test_clients_know_their_number_the_run_config_and_keep_their_state(ask):
    app = ClientApp()
    seen = []

    @app.train()
    def train(message: Message, context: Context) -> Message:
        seen.append((context.node_config["partition-id"], context.run_config["rounds"], len(context.state)))
        context.state["been-here"] = message.content["config"]
        return Message(RecordDict(), reply_to=message)

    grid = InProcessGrid(app, {"rounds": 9}, 2)
    list(grid.send_and_receive(ask(2)))
    list(grid.send_and_receive(ask(2)))
    assert seen == [(0, 9, 0), (1, 9, 0), (0, 9, 1), (1, 9, 1)]


def test_a_client_that_empties_its_state_begins_with_none(ask):
    app = ClientApp()
    found = []

    @app.train()
    def train(message: Message, context: Context) -> Message:
        found.append(len(context.state))
        context.state = RecordDict() if context.state else RecordDict({"been-here": message.content["config"]})
        return Message(RecordDict(), reply_to=message)

    grid = InProcessGrid(app, {}, 1)
    for _ in range(3):
        list(grid.send_and_receive(ask(1)))
    assert found == [0, 1, 0]


def test_a_client_that_is_not_asked_costs_nothing(echo_grid, ask):
    tracemalloc.start()
    try:
        grid = echo_grid(10**9)
        replies = list(grid.send_and_receive(ask(5)))
        assert len(replies) == 5 and tracemalloc.get_traced_memory()[1] < 2**20
    finally:
        tracemalloc.stop()
    assert (len(grid.nodes), grid.nodes[10**9 - 1]) == (10**9, 10**9 + 999)
    with pytest.raises(KeyError):
        grid.nodes[10**9]


def test_a_vectorised_execution_gets_all_training_messages_of_a_push_at_once(echo_grid, ask):
    sizes = []

    def batch(messages, contexts):
        sizes.append((len(messages), [context.node_config["partition-id"] for context in contexts]))
        return [Message(message.content, reply_to=message) for message in messages]

    replies = list(echo_grid(4, batch=batch).send_and_receive(ask(4)))
    assert sizes == [(4, [0, 1, 2, 3])]
    assert all(np.all(read_angles(reply.content, 4, "float64") == 0) for reply in replies)


def test_where_the_vectorised_execution_raises_clients_run_one_by_one_and_only_who_is_to_blame_fails(echo_grid, ask):
    sizes = []

    def batch(messages, contexts):
        sizes.append(len(messages))
        raise MemoryError("too many")

    def ill(reply):
        raise ValueError("ill")

    grid = echo_grid(3, {1: ill}, batch=batch)
    for _ in range(2):
        found = [status_of(reply) for reply in grid.send_and_receive(ask(3))]
        assert [each.status for each in found] == ["accepted", "failed", "accepted"]
        assert "ValueError: ill" in str(found[1].detail)
    assert sizes == [3, 3]
    ids = list(grid.push_messages(ask(3)))
    assert [len(list(grid.pull_messages(ids))) for _ in range(3)] == [1, 1, 1]


def test_work_happens_when_it_is_pulled_one_client_at_a_time(echo_grid, ask):
    grid = echo_grid(3)
    ids = list(grid.push_messages(ask(3)))
    assert len(grid.pull_messages(ids)) == 1
    assert len(grid.pull_messages(ids[2:])) == 1
    assert len(grid.pull_messages(ids)) == 1
    assert grid.pull_messages(ids) == []


def test_what_was_not_pulled_is_dropped_by_the_next_push(echo_grid, ask):
    grid = echo_grid(2)
    old = list(grid.push_messages(ask(2)))
    new = list(grid.push_messages(ask(2)))
    assert grid.pull_messages(old) == [] and len(grid.pull_messages(new)) == 1


@pytest.mark.parametrize("count", [1, 7])
def test_node_ids_are_stable(echo_grid, count):
    assert list(echo_grid(count).get_node_ids()) == list(range(1000, 1000 + count))
