"""The Flower ClientApp as Flower sees it."""

import subprocess
import sys
from pathlib import Path

from flwr.app import Context, Message, MessageType, RecordDict

from clients.app import app
from qfl.federation.adapter import become_server

ROOT = Path(__file__).resolve().parents[2]


def test_a_client_says_which_one_it_is():
    become_server(1)
    context = Context(1, 5, {"partition-id": 3, "num-partitions": 4}, RecordDict(), {})
    reply = app(Message(RecordDict(), 5, MessageType.QUERY), context)
    assert reply.content["qfl.identity"]["client"] == 3


def test_loading_the_app_imports_nothing_heavy():
    """Flower loads it in a new process, possibly for every message."""
    check = "import sys, clients.app; print(sorted({'torch', 'pennylane', 'sklearn', 'ray'} & set(sys.modules)))"
    done = subprocess.run([sys.executable, "-c", check], cwd=ROOT, capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
