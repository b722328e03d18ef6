"""A grid whose clients live in this process: no Ray, no server, no random ids, and replies in the order of sending.

Flower's own apps and strategies run on it unchanged. Clients run one after another, or all at once when a vectorised
execution is given; where that raises, for whichever client's sake, they run one after another as well, so that a client
costs nobody's update but its own. Two runs of one seed give the same bits.
"""

import traceback
from collections.abc import Callable, Iterable, Iterator, Mapping
from pathlib import Path
from uuid import uuid4

from flwr.app import Context, Message, RecordDict
from flwr.clientapp import ClientApp
from flwr.serverapp import Grid

from qfl.federation.adapter import (
    NUM_PARTITIONS_KEY,
    PARTITION_ID_KEY,
    Run,
    become_server,
    new_run,
    redelivered,
    set_message_id,
)
from qfl.federation.records.messages import once_each, own_copy
from qfl.federation.records.reply_status import failed

FIRST_NODE_ID = 1000
Batch = Callable[[list[Message], list[Context]], list[Message]]


class InProcessGrid(Grid):
    """Run a Flower ClientApp for each of ``num_clients`` clients in this process.

    A message is worked on when it is first pulled, so a deadline can end a round between two clients.

    Args:
        client_app: Any Flower `ClientApp`.
        run_config: What clients find in ``context.run_config``.
        num_clients: Clients; client k is node ``1000 + k`` and finds ``partition-id = k`` in its node config.
        batch: Vectorised execution of the training messages of one push: all messages and contexts in, all replies out.
            Messages that were sent with the same records arrive with one copy of them, which it leaves as it is. If it
            raises, the messages of that push go to ``client_app`` one by one.
        run_id: Flower's number of the run.
    """

    def __init__(
        self,
        client_app: ClientApp,
        run_config: Mapping[str, bool | int | float | str],
        num_clients: int,
        batch: Batch | None = None,
        run_id: int = 1,
    ):
        become_server(run_id)
        self._app, self._batch, self._run = client_app, batch, new_run(run_id)
        self._waiting: dict[str, Message] = {}
        self._finished: dict[str, Message] = {}
        self._one_by_one = batch is None
        self._run_id, self._run_config, self._num_clients = run_id, dict(run_config), num_clients
        self._states: dict[int, RecordDict] = {}  # of the clients that keep anything in theirs

    @property
    def nodes(self) -> Mapping[int, int]:
        """The node id of each client, ascending."""
        return _Numbered(self._num_clients)

    @property
    def run(self) -> Run:
        """Flower's description of the run."""
        return self._run

    def set_run(self, run: Run) -> None:
        """Take Flower's description of the run."""
        self._run = run

    def create_message(
        self, content: RecordDict, message_type: str, dst_node_id: int, group_id: str, ttl: float | None = None
    ) -> Message:
        """Return a message from the server to a node.

        Args:
            content: Its records.
            message_type: Such as ``train``.
            dst_node_id: The node.
            group_id: Flower's name of what belongs together, such as a round.
            ttl: Seconds until nobody should read it any more; None takes Flower's.
        """
        return Message(content, dst_node_id, message_type, ttl=ttl, group_id=group_id)

    def get_node_ids(self) -> Iterable[int]:
        """Return the ids of all nodes, always in the same order."""
        return list(self.nodes.values())

    def push_messages(self, messages: Iterable[Message]) -> Iterable[str]:
        """Accept messages and return their ids; what was not pulled of the push before is dropped."""
        self._waiting, self._finished, self._one_by_one = {}, {}, self._batch is None
        for message in messages:
            set_message_id(message, str(uuid4()))
            self._waiting[message.metadata.message_id] = message
        return list(self._waiting)

    def pull_messages(self, message_ids: Iterable[str]) -> Iterable[Message]:
        """Return the replies that are ready: of the next client, or of all at once when vectorised."""
        wanted = set(message_ids)
        if not wanted & self._finished.keys():
            self._work([key for key in self._waiting if key in wanted])
        return [self._finished.pop(key) for key in list(self._finished) if key in wanted]

    def send_and_receive(self, messages: Iterable[Message], *, timeout: float | None = None) -> Iterable[Message]:
        """Return the reply of every message, in the order of sending (in process nothing is lost or late)."""
        ids = list(self.push_messages(messages))
        replies: list[Message] = []
        while len(replies) < len(ids):
            replies.extend(self.pull_messages(ids))
        return replies

    def _work(self, ids: list[str]) -> None:
        trains = bool(ids) and self._waiting[ids[0]].metadata.message_type.startswith("train")
        together = ids if trains and not self._one_by_one else ids[:1]
        messages = [self._waiting[key] for key in together]
        copies = once_each(own_copy, (message.content for message in messages))
        received = list(map(redelivered, messages, copies))
        contexts = [self._context(message.metadata.dst_node_id) for message in messages]
        if self._one_by_one or not trains:
            replies = list(map(self._one, received, contexts))
        elif (replies := self._at_once(received, contexts)) is None:
            self._one_by_one = True  # of what is left, the deadline sees one client at a time
            return self._work(ids)
        self._keep_states(contexts)
        for key, message, reply in zip(together, messages, replies, strict=True):
            del self._waiting[key]
            self._finished[message.metadata.message_id] = reply
        return None

    def _context(self, node_id: int) -> Context:
        """Return a client's context: what it is made of costs nothing until somebody asks, and its state is kept."""
        client, state = node_id - FIRST_NODE_ID, self._states.get(node_id, RecordDict())
        config = {PARTITION_ID_KEY: client, NUM_PARTITIONS_KEY: self._num_clients}
        return Context(self._run_id, node_id, {**config}, state, dict(self._run_config))

    def _keep_states(self, contexts: list[Context]) -> None:
        for context in contexts:
            if context.state:
                self._states[context.node_id] = context.state
            else:
                self._states.pop(context.node_id, None)

    def _one(self, message: Message, context: Context) -> Message:
        try:
            return self._app(message, context)
        except Exception as error:
            return failed(message, _sentence(error))

    def _at_once(self, messages: list[Message], contexts: list[Context]) -> list[Message] | None:
        """Return all replies, or None where the joint program failed: then who is to blame shows one by one."""
        assert self._batch is not None
        try:
            replies = self._batch(messages, contexts)
        except Exception:
            return None
        return replies if len(replies) == len(messages) else None


class _Numbered(Mapping[int, int]):
    """Node ids by client, counted up, for any number of clients."""

    def __init__(self, count: int):
        self._clients = range(count)

    def __getitem__(self, client: int) -> int:
        if client not in self._clients:
            raise KeyError(client)
        return FIRST_NODE_ID + client

    def __iter__(self) -> Iterator[int]:
        return iter(self._clients)

    def __len__(self) -> int:
        return len(self._clients)


def _sentence(error: Exception) -> str:
    where = traceback.extract_tb(error.__traceback__)[-1]
    return f"{type(error).__name__}: {error} ({Path(where.filename).name}:{where.lineno})"
