"""A SuperLink in memory for nodes under test: messages out, replies in, by Flower's own means; and a small app."""

import hashlib
import warnings
from types import SimpleNamespace

import pytest
from flwr.app import Message, MessageType, RecordDict
from flwr.cli.build import build_fab_from_disk
from flwr.supercore.inflatable.inflatable_object import get_all_nested_objects, get_object_tree
from flwr.supercore.inflatable.inflatable_utils import ObjectUnavailableError, inflate_object_from_contents

from qfl.federation.adapter import become, become_server, set_message_id
from qfl.federation.worker.fleet import Fleet

NODE, RUN = 42, 7
PROJECT = """
[project]
name = "tiny"
version = "1.0.0"
license = "Apache-2.0"
[tool.flwr.app]
publisher = "qfl"
[tool.flwr.app.components]
serverapp = "tiny.app:app"
clientapp = "tiny.app:app"
[tool.flwr.app.config]
rounds = 3
run.name = "by default"
"""
APP = """
import os, sys
from flwr.app import ConfigRecord, Message, RecordDict
from flwr.clientapp import ClientApp

app = ClientApp()

@app.query()
def query(message, context):
    said = dict(message.content["asked"])
    if said["what"] == "die":
        os._exit(3)
    if said["what"] == "exit":
        sys.exit("as it was asked to")
    if said["what"] == "raise":
        raise ZeroDivisionError("as it was asked to")
    found = {"pid": os.getpid(), "client": context.node_config["partition-id"], "node": context.node_id}
    found |= {"rounds": context.run_config["rounds"], "name": context.run_config["run.name"], **said}
    return Message(RecordDict({"said": ConfigRecord(found)}), reply_to=message)
"""


class SuperLink:
    """What a node's connection reaches, one message at a time."""

    def __init__(self, bundle: bytes):
        self.run = SimpleNamespace(fab_hash=hashlib.sha256(bundle).hexdigest(), override_config={"rounds": 5})
        self.bundle, self.waiting, self.objects, self.replies, self.confirmed = bundle, [], {}, [], []
        self.late = 0  # times that an object is asked for before it is there

    def fleet(self) -> Fleet:
        calls = (lambda run_id: self.run, lambda digest, run_id: SimpleNamespace(content=self.bundle))
        confirm = lambda run_id, name: self.confirmed.append(name)  # noqa: E731
        return Fleet(NODE, self.receive, self.send, *calls, self.pull, self.push, confirm)

    def ask(self, content: RecordDict) -> str:
        become_server(RUN)
        message = Message(content, NODE, MessageType.QUERY)
        set_message_id(message, message.object_id)
        self.objects |= {name: each.deflate() for name, each in get_all_nested_objects(message).items()}
        self.waiting.append((message, get_object_tree(message)))
        return message.metadata.message_id

    def receive(self):
        return self.waiting.pop(0) if self.waiting else None

    def pull(self, run_id, name):
        if self.late:
            self.late -= 1
            raise ObjectUnavailableError(name)
        return self.objects[name]

    def send(self, reply, tree, seconds):
        self.replies.append((reply.metadata.message_id, seconds))
        return {reply.metadata.message_id, *(each.object_id for each in _all(tree))}, "session"

    def push(self, run_id, session, name, content):
        assert (run_id, session) == (RUN, "session")
        self.objects[name] = content

    def reply(self) -> Message:
        """Return the last reply, as the server's grid would make it of its parts."""
        become(RUN, NODE)
        found = inflate_object_from_contents(self.replies[-1][0], dict(self.objects))
        assert isinstance(found, Message)
        return found


def _all(tree):
    return [tree, *(each for child in tree.children for each in _all(child))]


@pytest.fixture(scope="session")
def bundle(tmp_path_factory):
    """Give a bundle of an app that says what it was asked, where, and by which process; or ends as it is asked to."""
    root = tmp_path_factory.mktemp("tiny") / "tiny"
    (root / "tiny").mkdir(parents=True)
    (root / "pyproject.toml").write_text(PROJECT)
    (root / "tiny" / "__init__.py").write_text("")
    (root / "tiny" / "app.py").write_text(APP)
    (root / "LICENSE").write_text("Apache-2.0\n")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)  # Flower's use of pathspec
        return build_fab_from_disk(root)


@pytest.fixture
def superlink(bundle):
    return SuperLink(bundle)
