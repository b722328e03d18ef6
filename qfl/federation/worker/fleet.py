"""A client's connection to the SuperLink: whole messages in, whole replies out, and the app of a run.

It is the one that Flower's SuperNode makes (authentication, heartbeats, tries again), so that SuperLink and front see
no difference. Like `qfl.federation.adapter`, this file depends on names that Flower does not promise to keep;
``tests/federation/worker/test_fleet.py`` says which.
"""

import hashlib
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from io import BytesIO
from pathlib import Path
from typing import Any, NamedTuple
from zipfile import ZipFile

from cryptography.hazmat.primitives.asymmetric.ec import EllipticCurvePrivateKey
from flwr.app import Message
from flwr.common.config import get_fab_config, get_fused_config_from_fab
from flwr.proto.message_pb2 import ObjectTree
from flwr.supercore.fab import Fab
from flwr.supercore.inflatable.inflatable_object import (
    get_all_nested_objects,
    get_object_tree,
    no_object_id_recompute,
)
from flwr.supercore.inflatable.inflatable_utils import (
    pull_and_inflate_object_from_tree,
    push_object_contents_from_iterable,
)
from flwr.supernode.fleet_http_connection import http_request_response

from qfl.federation.adapter import Run, become, set_message_id
from qfl.writing import draft_of


class App(NamedTuple):
    """What the SuperLink wants a client to run.

    Args:
        root: The folder of its code.
        component: Its ClientApp, as ``module:name``.
        config: The run config.
    """

    root: Path
    component: str
    config: Mapping[str, Any]


@dataclass(frozen=True)
class Fleet:
    """A connection to the SuperLink, by the functions that Flower gives for one, in Flower's order.

    Args:
        node_id: The SuperLink's number of this node.
        receive: Returns a message that waits, without its content, and the tree of the objects in it; or None.
        send: Announces a reply, the tree of its objects, and for how many seconds it was worked on; returns which
            objects are to be sent, and under which session.
        get_run: Returns what the SuperLink knows of a run.
        get_fab: Returns an app's bundle by its SHA-256 and a run's number.
        pull: Returns an object by a run's number and its own name.
        push: Stores one by a run's number, session and its own name.
        confirm: Says that all of a message has arrived, which the SuperLink then forgets.
    """

    node_id: int
    receive: Callable[[], tuple[Message, ObjectTree] | None]
    send: Callable[[Message, ObjectTree, float], tuple[set[str], str]]
    get_run: Callable[[int], Run]
    get_fab: Callable[[str, int], Fab]
    pull: Callable[[int, str], bytes]
    push: Callable[[int, str, str, bytes], None]
    confirm: Callable[[int, str], None]

    def whole(self, head: Message, tree: ObjectTree) -> Message:
        """Return a message that `receive` announced, with its content; this process is its run's node from now on."""
        run_id = head.metadata.run_id
        become(run_id, self.node_id)
        message = pull_and_inflate_object_from_tree(
            tree, partial(self.pull, run_id), partial(self.confirm, run_id), return_type=Message
        )
        set_message_id(message, head.metadata.message_id)
        return message

    def answer(self, reply: Message, seconds: float) -> None:
        """Send a reply that took so many seconds to make."""
        set_message_id(reply, reply.object_id)
        with no_object_id_recompute():
            wanted, session = self.send(reply, get_object_tree(reply), seconds)
            objects = get_all_nested_objects(reply)
            contents = ((name, objects[name].deflate()) for name in wanted)
            push_object_contents_from_iterable(contents, partial(self.push, reply.metadata.run_id, session))

    def app(self, run_id: int, apps: Path) -> App:
        """Return a run's app, unpacked in a folder of ``apps`` that is named by the bundle's SHA-256.

        Raises:
            ValueError: If the bundle is not the one that the run names.
        """
        run = self.get_run(run_id)
        bundle = self.get_fab(run.fab_hash, run_id).content
        if hashlib.sha256(bundle).hexdigest() != run.fab_hash:
            raise ValueError(f"the bundle of run {run_id} is not the one that the run names; ask who runs the server")
        root = apps / run.fab_hash
        if not root.exists():
            with draft_of(root) as draft:
                ZipFile(BytesIO(bundle)).extractall(draft)
        component = get_fab_config(bundle)["tool"]["flwr"]["app"]["components"]["clientapp"]
        return App(root, component, get_fused_config_from_fab(bundle, run))


@contextmanager
def connected(server: str, ca: Path, key: EllipticCurvePrivateKey) -> Iterator[Fleet]:
    """Give a connection to the SuperLink; an exception within ends it, is logged, and goes no further.

    Args:
        server: ``address:port`` of the fleet's front.
        ca: Certificate of the authority that signed the front's.
        key: The node's, whose public half the SuperLink knows.
    """
    with http_request_response(server, False, str(ca), (key, key.public_key())) as functions:
        yield Fleet(*functions)
