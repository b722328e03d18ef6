"""Another account of the same machine, against every door of a fleet's processes: nothing opens.

The intruder is a process that gives up root for uid 65534 once it has imported what it needs.
"""

import json
import os
import re
import ssl
import tempfile
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import httpx
import pytest
from flwr.proto.control_pb2 import ListRunsRequest, StartRunRequest
from flwr.proto.runtime_pb2 import AcquireTaskRequest

from qfl.deployment.credentials import CONTROL, RUNTIME_CA
from qfl.deployment.host import NodeHost, read_host, server_in

pytestmark = pytest.mark.deployment
NOBODY = 65534
OPERATORS = ("list-runs", "start-run", "stop-run", "register-node", "unregister-node", "list-nodes", "stream-logs")
TASKS = ("create-task", "get-nodes", "push-messages", "pull-messages", "push-object", "pull-object", "pull-task-input")
TOKEN = re.compile("[0-9a-f]{200}")


@pytest.fixture(scope="module")
def passable():
    """A folder whose parents everybody may pass: what hides there hides by itself."""
    if os.getuid():
        pytest.skip("only root can become another account")
    with tempfile.TemporaryDirectory() as name:
        Path(name).chmod(0o755)
        yield Path(name)


@pytest.fixture(scope="module")
def fleet(passable, make_fleet):
    """A fleet whose hosts' folders are as `scp` leaves them; client 0 is on Flower's SuperNode, which has a port."""
    fleet = make_fleet(2, root=passable)
    fleet.carry(0, "flower")
    for folder in (fleet.path, fleet.path / "server", *(fleet.path / "nodes").glob("*")):
        folder.chmod(0o755)
    fleet.up()
    return fleet


def as_nobody(work: Callable[[], Any]) -> Any:
    """Return what a function returns to another account, as JSON can hold it."""
    reading, writing = os.pipe()
    child = os.fork()
    if not child:
        try:
            os.setgroups([])
            os.setgid(NOBODY)
            os.setuid(NOBODY)
            found = work()
        except BaseException as error:
            found = {"raised": repr(error)}
        os.write(writing, json.dumps(found).encode())
        os._exit(0)
    os.close(writing)
    with os.fdopen(reading, "rb") as pipe:
        found = json.loads(pipe.read())
    os.waitpid(child, 0)
    return found


def poster(fleet, role: str) -> Callable[..., tuple[int, str]]:
    """Return what asks a SuperLink or a SuperNode; certificates are read while that is still allowed."""
    place, host = server_in(fleet.path)
    ca, port = place / "ca.crt", host.superlink_port
    if role == "node":
        node = read_host(fleet.node(0))
        assert isinstance(node, NodeHost)
        ca, port = fleet.node(0) / RUNTIME_CA, node.runtime_port
    context = ssl.create_default_context(cafile=str(ca))
    with httpx.Client(verify=context, trust_env=False) as client:  # it imports what it needs
        assert client.get(f"https://127.0.0.1:{port}/health").status_code == 200

    def post(path: str, body: bytes = b"", **more: str) -> tuple[int, str]:
        headers = {"content-type": "application/protobuf", **more}
        with httpx.Client(verify=context, trust_env=False, base_url=f"https://127.0.0.1:{port}") as client:
            answer = client.post(path, content=body, headers=headers)
        return answer.status_code, answer.text

    return post


def test_operators_requests_need_the_token(fleet):
    post = poster(fleet, "server")
    place, _ = server_in(fleet.path)
    bodies = {"list-runs": ListRunsRequest().SerializeToString(), "start-run": StartRunRequest().SerializeToString()}
    paths = [(f"/v1/control/{name}", bodies.get(name, b"")) for name in OPERATORS]
    for shown in ({}, {"authorization": "Bearer 00"}, {"authorization": "Bearer x"}, {"authorization": "Basic eDp4"}):
        answers = as_nobody(lambda more=shown: [post(path, body, **more)[0] for path, body in paths])
        assert answers == [401] * len(OPERATORS)
    token = {"authorization": f"Bearer {(place / CONTROL).read_text()}"}
    assert post("/v1/control/list-runs", bodies["list-runs"], **token)[0] == 200


@pytest.mark.parametrize("role", ["server", "node"])
def test_nobody_else_gets_a_task(fleet, role):
    post = poster(fleet, role)
    wish = AcquireTaskRequest(supported_task_types=["flwr-serverapp", "flwr-clientapp"]).SerializeToString()
    assert as_nobody(lambda: post("/v1/runtime/acquire-task", wish)[0]) == 401
    signed = {"flwr-superexec-auth-timestamp": "1", "flwr-superexec-auth-signature": "00"}
    assert as_nobody(lambda: post("/v1/runtime/acquire-task", wish, **signed)[0]) == 401
    assert as_nobody(lambda: [post(f"/v1/runtime/{name}")[0] for name in TASKS]) == [401] * len(TASKS)
    assert as_nobody(lambda: post("/v1/runtime/pull-task-input", **{"flwr-task-token": "0" * 256})[0]) in (401, 403)


def test_nobody_registers_a_node_on_the_loopback_interface(fleet):
    post = poster(fleet, "server")
    assert as_nobody(lambda: post("/v1/fleet/register-node")[0]) == 401


def test_a_run_leaves_nothing_that_others_can_read(fleet):
    """Tokens of tasks are looked for on every command line while a run goes on; then every file is tried."""
    seen, over = set(), threading.Event()

    def watch():
        while not over.is_set():
            for path in Path("/proc").glob("[0-9]*/cmdline"):
                try:
                    seen.add(path.read_bytes().replace(b"\0", b" ").decode(errors="replace"))
                except OSError:
                    continue
            time.sleep(0.05)

    watcher = threading.Thread(target=watch)
    watcher.start()
    try:
        fleet.run("watched", rounds=2).end()
    finally:
        over.set()
        watcher.join()
    apps = [line for line in seen if "flwr-serverapp" in line or "flwr-clientapp" in line]
    assert {"server", "client"} <= {word for line in apps for word in re.findall("flwr-(server|client)app", line)}
    assert all("--token-file /dev/fd/" in line and "--token " not in line for line in apps)
    assert not [line for line in seen if str(fleet.path) in line and TOKEN.search(line)]

    hosts = [*(fleet.path / "server").rglob("*"), *(fleet.path / "nodes").rglob("*")]
    files = [str(path) for path in (*hosts, *fleet.path.rglob("*.key")) if path.is_file()]
    assert {"state.db", "server.key", "node.key", "superlink.log", "0.key", CONTROL} <= {Path(f).name for f in files}
    assert as_nobody(lambda: [path for path in files if os.access(path, os.R_OK)]) == []
    assert (
        as_nobody(lambda: [str(path) for path in hosts if path.parent.name != "nodes" and os.path.exists(path)]) == []
    )
    assert all(path.stat().st_mode & 0o077 == 0 for path in (fleet.path / "server").glob("state.db*"))
