"""What every strategy must be, ours, Flower's or a user's: judged on Flower's own messages.

::

    assert run(checks(lambda: make(settings, layout), angles)) == []
"""

import json
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Any

import numpy as np
from flwr.app import ConfigRecord, Context, Message
from flwr.clientapp import ClientApp
from flwr.serverapp.strategy import Strategy
from numpy.typing import NDArray

from qfl.config import Settings
from qfl.federation.adapter import PARTITION_ID_KEY
from qfl.federation.grids.in_process import InProcessGrid
from qfl.federation.records.messages import reply_content, to_record
from qfl.federation.strategy.global_draws import draws_of
from qfl.federation.strategy.player import Player
from qfl.federation.strategy.reply_order import in_order
from qfl.seeds import stream
from qfl.testing.kits import Check

CLIENTS = 7
Move = Callable[[NDArray, int], NDArray]
"""From the received angles and a client's number to the angles that it comes back with."""


def checks(
    make: Callable[[], Strategy], angles: NDArray, *, robust: Callable[[], Strategy] | None = None
) -> Iterator[Check]:
    """Yield what must be true of a strategy.

    Args:
        make: Makes the strategy anew, for seven clients; replies carry ``num-examples``, ``train_loss``, ``loss``,
            ``accuracy`` and ``noise``.
        angles: Where a run begins, of the strategy's layout, in double precision.
        robust: Makes one that survives a client that sends anything, where there is one.
    """
    kit = _Kit(make, angles)
    yield "if nobody moves the angles stay", kit.nobody
    yield "the angles go the way all clients went", kit.together
    yield "the same replies give the same bits, in whatever order they came", kit.order
    yield "a fleet with failed clients is aggregated without them", kit.failures
    yield "without any valid reply there is no aggregate", kit.nothing
    for dtype in (np.float32, np.float64):
        name = np.dtype(dtype).name
        yield f"a run resumed after any round ends with the same bits ({name})", lambda d=dtype: kit.resumed(d)
        yield f"a failed round leaves no trace ({name})", lambda d=dtype: kit.failed_round(d)
    if robust:
        yield "one client that sends anything has no say", _Kit(robust, angles).liar


def one_round(
    strategy: Strategy,
    angles: NDArray,
    round_number: int,
    move: Move,
    order: Callable[[Iterable[Message]], Sequence[Message]] = in_order,
) -> NDArray | None:
    """Return what a strategy makes of a round of seven clients, None where it makes nothing.

    Args:
        strategy: Any of Flower's.
        angles: What is broadcast.
        round_number: From 1.
        move: What each client does; one that raises answers with an error, as it would in any Flower run.
        order: In which order the replies reach the strategy.
    """
    grid = InProcessGrid(_client_app(move), {}, CLIENTS)
    messages = list(strategy.configure_train(round_number, to_record(angles), ConfigRecord(), grid))
    assert len(messages) == CLIENTS, f"{len(messages)} of {CLIENTS} clients are asked"
    record, _ = strategy.aggregate_train(round_number, order(grid.send_and_receive(messages)))
    return None if record is None else record["angles"].numpy().astype(angles.dtype)


def scatter(round_number: int, spread: float = 0.2) -> Move:
    """Return a move in which every client goes its own way, the same in every call."""
    return lambda received, client: received + stream(1, round_number, client).normal(0, spread, len(received))


class _Kit:
    """The checks of one strategy."""

    def __init__(self, make: Callable[[], Strategy], angles: NDArray):
        self.make, self.angles = make, angles

    def first(self, move: Move, order: Any = in_order) -> NDArray:
        """Return the angles after a new strategy's first round."""
        found = one_round(self.make(), self.angles, 1, move, order)
        assert found is not None, "there is no aggregate"
        return found

    def player(self) -> Player:
        """Return a new strategy at work."""
        return Player.of(self.make(), Settings())

    def rounds(self, player: Player, angles: NDArray, numbers: Iterable[int]) -> NDArray:
        """Return the angles after rounds in which every client goes its own way."""
        for number in numbers:
            with draws_of(1, number):
                found = one_round(player.strategy, angles, number, scatter(number))
            assert found is not None, f"round {number} has no aggregate"
            angles = found
        return angles

    def nobody(self) -> None:
        error = np.abs(self.first(lambda received, client: received) - self.angles).max()
        assert error <= 1e-12, f"an angle moves by {error:.3g}"

    def together(self) -> None:
        step = 0.1 * np.where(np.arange(len(self.angles)) % 3, 1.0, -0.5)
        moved = self.first(lambda received, client: received + step) - self.angles
        assert np.all(moved * step > 0), f"{int((moved * step <= 0).sum())} angles do not"

    def order(self) -> None:
        """Flower asks the nodes in an order drawn from a global generator; a run sorts the replies."""
        turned = [lambda replies, k=k: in_order(_rolled(list(replies), k)) for k in range(4)]
        results = {self.first(scatter(1), order).tobytes() for order in turned}
        assert len(results) == 1, f"{len(results)} results of 4 orders"

    def failures(self) -> None:
        def some_fail(received: NDArray, client: int) -> NDArray:
            return received + 0.1 if client < 4 else _fail()

        assert np.all(self.first(some_fail) > self.angles), "not all angles go the way of those that answered"

    def nothing(self) -> None:
        found = one_round(self.make(), self.angles, 1, lambda received, client: _fail())
        assert found is None, f"it makes {found} of nothing"

    def resumed(self, dtype: type) -> None:
        start = self.angles.astype(dtype)
        whole = self.rounds(self.player(), start, (1, 2, 3, 4))
        for done in (1, 2, 3):
            before, after = self.player(), self.player()
            angles = self.rounds(before, start, range(1, done + 1))
            after.begin(through_a_file(before.memory()))
            end = self.rounds(after, angles, range(done + 1, 5))
            assert end.tobytes() == whole.tobytes(), f"resumed after round {done} it ends {_apart(end, whole)}"

    def failed_round(self, dtype: type) -> None:
        start = self.angles.astype(dtype)
        whole = self.rounds(self.player(), start, (1, 2, 3))
        player = self.player()
        angles = self.rounds(player, start, (1,))
        memory = player.memory()
        self.rounds(player, angles, (7,))
        player.begin(memory)
        end = self.rounds(player, angles, (2, 3))
        assert end.tobytes() == whole.tobytes(), f"it ends {_apart(end, whole)}"

    def liar(self) -> None:
        found = self.first(lambda received, client: received + (1e6 if client == 3 else 0.1))
        error = np.abs(found - self.angles - 0.1).max()
        assert error <= 1e-9, f"an angle is off by {error:.3g}"


def through_a_file(memory: tuple[dict[str, NDArray], dict[str, Any]]) -> tuple[dict[str, NDArray], dict[str, Any]]:
    """Return a state as it comes back from a checkpoint: other arrays of the same bytes, and what JSON holds."""
    arrays, plain = memory
    copies = {key: np.frombuffer(each.tobytes(), each.dtype).reshape(each.shape) for key, each in arrays.items()}
    return copies, json.loads(json.dumps(plain))


def _client_app(move: Move) -> ClientApp:
    app = ClientApp()

    @app.train()
    def train(message: Message, context: Context) -> Message:
        client = int(context.node_config[PARTITION_ID_KEY])
        received, loss = message.content.array_records["arrays"]["angles"].numpy(), 1.0 + client / 10
        metrics = {"num-examples": 10 + client, "train_loss": loss, "loss": loss, "accuracy": 0.5, "noise": client / 10}
        metrics |= {"shots": 0, "extra-shots": 0}
        angles = move(received, client).astype(received.dtype)
        return Message(reply_content(angles, metrics, b"", ""), reply_to=message)

    return app


def _fail() -> NDArray:
    raise RuntimeError("out of memory")


def _rolled(replies: list[Message], places: int) -> list[Message]:
    return replies[places:] + replies[:places]


def _apart(one: NDArray, other: NDArray) -> str:
    return f"up to {np.abs(one.astype(np.float64) - other).max():.3g} away"
