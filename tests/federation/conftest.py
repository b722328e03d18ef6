"""Two small federations: one that answers at once, to test decorators one by one, and one that trains and signs."""

from collections.abc import Callable, Mapping

import numpy as np
import pytest
from flwr.app import ConfigRecord, Context, Message, MessageType, RecordDict
from flwr.clientapp import ClientApp

from qfl.config import Settings
from qfl.federation.adapter import PARTITION_ID_KEY, become_server
from qfl.federation.client import train
from qfl.federation.grids.in_process import InProcessGrid
from qfl.federation.records.messages import CONFIG, metric_names, read_angles, reply_content, to_record
from qfl.federation.records.reply import Asked
from qfl.federation.runtime.roll_call import answer
from qfl.federation.server import serve
from strategies.registry import make

LENGTH = 4
METRICS = {name: 2 if name == "num-examples" else 0.5 for name in metric_names("accuracy")}
Spoil = Callable[[RecordDict], RecordDict]
SMALL = {
    "rounds": 2,
    "precision": "double",
    "clients.count": 6,
    "model.layers": 1,
    "train.local-steps": 1,
    "train.batch-size": 8,
    "security.algorithm": "ML-DSA-44",
}


def honest_reply(content: RecordDict, client: int) -> RecordDict:
    """Client k moves every angle by k + 1 tenths of a radian."""
    angles = read_angles(content, LENGTH, "float64") + (client + 1) / 10
    return reply_content(angles, METRICS, b"not checked here", "source")


def echo_app(spoil: Mapping[int, Spoil]) -> ClientApp:
    app = ClientApp()

    @app.train()
    def train(message: Message, context: Context) -> Message:
        client = int(context.node_config[PARTITION_ID_KEY])
        reply = honest_reply(message.content, client)
        return Message(spoil.get(client, lambda same: same)(reply), reply_to=message)

    return app


@pytest.fixture
def echo_grid():
    """Give a grid of ``count`` clients that answer at once, some replies spoiled on their way."""
    return lambda count, spoil={}, **options: InProcessGrid(echo_app(spoil), {}, count, **options)


@pytest.fixture
def ask():
    """Give one training message per client, all carrying the same records, as Flower's strategies make them."""

    def messages(count: int) -> list[Message]:
        become_server(1)
        shared = RecordDict({"arrays": to_record(np.zeros(LENGTH)), CONFIG: ConfigRecord({"server-round": 1})})
        return [Message(shared, 1000 + k, MessageType.TRAIN) for k in range(count)]

    return messages


@pytest.fixture
def exchange(ask):
    """Ask ``count`` clients through a grid of replies."""
    return lambda grid, count: grid.exchange([Asked(k, message) for k, message in enumerate(ask(count))])


@pytest.fixture
def small(tmp_path):
    """Give the settings of a federation of six clients with a circuit of one layer."""

    def settings(name: str = "run", **flat: object) -> Settings:
        changes = {key.replace("_", "-").replace("--", "."): value for key, value in flat.items()}
        return Settings.from_flat({**SMALL, "run.folder": str(tmp_path / name), **changes})

    return settings


@pytest.fixture
def federate():
    """Run a federation whose clients train and sign, or do what ``batch`` does; give its run folder."""

    def run(settings: Settings, batch=train, make_strategy=make):
        app = ClientApp()
        app.query()(answer)
        app.train()(lambda message, context: batch([message], [context])[0])
        vectorised = batch if settings.backend == "vectorised" else None
        grid = InProcessGrid(app, settings.to_flat(), settings.clients.count, vectorised)
        return serve(grid, settings, make_strategy)

    return run
