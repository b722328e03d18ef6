"""One round of a small federation, through Flower's own messages."""

from math import inf

import pytest
from flwr.app import ConfigRecord, Context, Message
from flwr.clientapp import ClientApp

from qfl.angles import TWO_PI, AngleLayout
from qfl.config import Settings
from qfl.federation.adapter import PARTITION_ID_KEY
from qfl.federation.grids.in_process import InProcessGrid
from qfl.federation.records.messages import reply_content, to_record
from qfl.federation.strategy.reply_order import in_order

LAYOUT = AngleLayout(tuple("abcdef"), (TWO_PI,) * 5 + (inf,), ((0, 1, 2),))
NUM_CLIENTS = 7


def client_app(move):
    app = ClientApp()

    @app.train()
    def train(message: Message, context: Context) -> Message:
        client = int(context.node_config[PARTITION_ID_KEY])
        received = message.content["arrays"]["angles"].numpy()
        loss = 1.0 + client / 10
        metrics = {"num-examples": 10 + client, "train_loss": loss, "loss": loss, "accuracy": 0.5, "noise": client / 10}
        angles = move(received, client).astype(received.dtype)
        return Message(reply_content(angles, metrics, b"", ""), reply_to=message)

    return app


@pytest.fixture
def layout():
    return LAYOUT


@pytest.fixture
def settings():
    """Give settings of a strategy for the fleet of seven clients."""

    def of(name, **values):
        flat = {f"strategy.{key.replace('_', '-')}": value for key, value in values.items()}
        return Settings.from_flat({"strategy.name": name, "clients.count": NUM_CLIENTS, "rounds": 10} | flat)

    return of


@pytest.fixture
def run_round():
    """Give a function that broadcasts angles, lets each client ``move`` them, and returns the aggregate or None.

    A client whose ``move`` raises answers with an error, as it would in any Flower run.
    """

    def run(strategy, angles, round_number, move, order=in_order):
        grid = InProcessGrid(client_app(move), {}, NUM_CLIENTS)
        messages = list(strategy.configure_train(round_number, to_record(angles), ConfigRecord(), grid))
        assert len(messages) == NUM_CLIENTS
        record, _ = strategy.aggregate_train(round_number, order(grid.send_and_receive(messages)))
        return None if record is None else record["angles"].numpy().astype(angles.dtype)

    return run
