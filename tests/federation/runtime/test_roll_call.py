import pytest
from flwr.clientapp import ClientApp

from qfl.errors import ConfigError
from qfl.federation.grids.in_process import InProcessGrid
from qfl.federation.runtime.roll_call import answer, call_roll


def grid_of(count, says=lambda client: client):
    app = ClientApp()

    @app.query()
    def query(message, context):
        context.node_config["partition-id"] = says(context.node_config["partition-id"])
        return answer(message, context)

    return InProcessGrid(app, {}, count)


def test_nodes_are_found_by_the_client_number_they_give():
    assert call_roll(grid_of(3, says=lambda client: 2 - client), 3) == {0: 1002, 1: 1001, 2: 1000}


@pytest.mark.parametrize("count", [2, 4])
def test_a_grid_of_another_size_is_refused_with_a_sentence(count):
    with pytest.raises(ConfigError, match=f"clients.count = 3, but {count} nodes are connected; start 3 nodes .*"):
        call_roll(grid_of(count), 3, sleep=lambda seconds: None)


def test_two_nodes_that_claim_one_number_are_refused():
    with pytest.raises(ConfigError, match=r"no node says it is client \[2\] and several say they are \[0\]"):
        call_roll(grid_of(3, says=lambda client: client % 2), 3)


def test_a_node_that_does_not_answer_is_reported():
    def says(client):
        return client or 1 // 0

    with pytest.raises(ConfigError, match=r"no node says it is client \[0\]"):
        call_roll(grid_of(2, says), 2)


def test_nodes_that_connect_late_are_waited_for():
    grid, naps = grid_of(3), []
    everybody = grid.get_node_ids
    grid.get_node_ids = lambda: list(everybody())[: 1 + len(naps)]
    assert len(call_roll(grid, 3, sleep=naps.append)) == 3 and len(naps) == 2
