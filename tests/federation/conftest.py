"""A small federation whose clients answer at once: client k moves every angle by k + 1 tenths of a radian."""

from collections.abc import Callable, Mapping

import numpy as np
import pytest
from flwr.app import ConfigRecord, Context, Message, MessageType, RecordDict
from flwr.clientapp import ClientApp

from qfl.federation.adapter import PARTITION_ID_KEY, become_server
from qfl.federation.in_process import InProcessGrid
from qfl.federation.messages import CONFIG, METRIC_NAMES, read_angles, reply_content, to_record

LENGTH = 4
METRICS = {name: 2 if name == "num-examples" else 0.5 for name in METRIC_NAMES}
Spoil = Callable[[RecordDict], RecordDict]


def honest_reply(content: RecordDict, client: int) -> RecordDict:
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
    """Give a grid of ``count`` honest clients, some replies spoiled on their way."""
    return lambda count, spoil={}, **options: InProcessGrid(echo_app(spoil), {}, count, **options)


@pytest.fixture
def ask():
    """Give one training message per client, all carrying the same records, as Flower's strategies make them."""

    def messages(count: int) -> list[Message]:
        become_server(1)
        shared = RecordDict({"arrays": to_record(np.zeros(LENGTH)), CONFIG: ConfigRecord({"server-round": 1})})
        return [Message(shared, 1000 + k, MessageType.TRAIN) for k in range(count)]

    return messages
