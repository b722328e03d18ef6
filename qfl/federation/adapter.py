"""The only file that imports what Flower does not promise to keep.

Everything else under ``qfl/federation`` uses Flower's public packages (``flwr.app``, ``flwr.clientapp``,
``flwr.serverapp``). A new minor version of Flower is a change here and in ``tests/federation/test_adapter.py``, which
says what each name is relied on for.
"""

import time

from flwr.app import Error, Message, RecordDict
from flwr.app.message.message import make_message
from flwr.app.metadata import Metadata
from flwr.common.constant import NUM_PARTITIONS_KEY, PARTITION_ID_KEY, SUPERLINK_NODE_ID, ErrorCode
from flwr.common.serde import recorddict_from_proto, recorddict_to_proto
from flwr.proto.node_pb2 import NodeInfo
from flwr.proto.recorddict_pb2 import RecordDict as PackedRecords
from flwr.supercore.constant import SYSTEM_MESSAGE_TYPE
from flwr.supercore.inflatable.inflatable_utils import pull_and_inflate_object_from_tree, pull_objects
from flwr.supercore.run import Run, RunNotRunningException
from flwr.supercore.task_identity import TaskIdentity

__all__ = [
    "NUM_PARTITIONS_KEY",
    "PARTITION_ID_KEY",
    "STOPS",
    "SUPERLINK_NODE_ID",
    "ErrorCode",
    "NodeInfo",
    "Run",
    "RunNotRunningException",
    "become",
    "become_server",
    "error_for",
    "new_run",
    "pack",
    "redelivered",
    "serialized_size",
    "set_message_id",
    "unpack",
]

# Flower announces a message before the objects in it are stored. Whoever is quick enough to ask for one in between
# waits, twice as long each time, up to 10 s; Flower would begin with 1 s, which is longer than a round.
FIRST_WAIT_S = 0.05
for _pull in (pull_objects, pull_and_inflate_object_from_tree):
    _pull.__kwdefaults__ = {**(_pull.__kwdefaults__ or {}), "initial_backoff": FIRST_WAIT_S}

# What ends a run, and is no fault of a reply; Flower's is no `Exception`.
STOPS = (KeyboardInterrupt, SystemExit, GeneratorExit, RunNotRunningException)


def become_server(run_id: int) -> None:
    """Give this process the identity without which Flower refuses to construct a `Message`."""
    become(run_id, SUPERLINK_NODE_ID)


def become(run_id: int, node_id: int) -> None:
    """Give this process the identity of a node of a run."""
    TaskIdentity.run_id, TaskIdentity.task_id, TaskIdentity.node_id = run_id, 1, node_id


def new_run(run_id: int) -> Run:
    """Return Flower's description of a run, empty but for its id."""
    return Run.create_empty(run_id)


def set_message_id(message: Message, message_id: str) -> None:
    """Name a message on its way out, as Flower's own grids do."""
    message.metadata.__dict__["_message_id"] = message_id


def redelivered(message: Message, content: RecordDict) -> Message:
    """Return the same message, by its metadata, with other records."""
    return make_message(message.metadata, content=content)


def error_for(message_id: str, error: Error) -> Message:
    """Return an error as the reply to a message of which only the id is at hand."""
    here = SUPERLINK_NODE_ID
    return make_message(Metadata(0, "", here, here, message_id, "", time.time(), 0.0, SYSTEM_MESSAGE_TYPE), error=error)


def pack(content: RecordDict) -> bytes:
    """Return records as bytes (Flower's protobuf form)."""
    return recorddict_to_proto(content).SerializeToString()


def unpack(packed: bytes) -> RecordDict:
    """Return the records of `pack`.

    Raises:
        google.protobuf.message.DecodeError: If the bytes are no records.
    """
    return recorddict_from_proto(PackedRecords.FromString(packed))


def serialized_size(content: RecordDict) -> int:
    """Return the bytes that a message's records take once serialized (Flower's protobuf form)."""
    return recorddict_to_proto(content).ByteSize()
