"""Fleets of real processes on the loopback interface: SuperLink, SuperExec, front, SuperNodes, and a run on them."""

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

import qfl
from qfl.deployment.control import down, up
from qfl.deployment.create import Plan, create
from qfl.deployment.host import hosts_in, server_in
from qfl.deployment.operator import operator
from qfl.deployment.pieces import pieces
from qfl.deployment.processes import Piece, pid_of
from qfl.results import RunFolder

CHECKOUT = Path(qfl.__file__).parent.parent
QFL = [sys.executable, "-c", "import sys; from qfl.cli import main; sys.exit(main())"]
NODES = """
import json, sys
from qfl.deployment.operator import operator
from qfl.deployment.host import server_in
print(json.dumps(operator(*server_in(sys.argv[1])).answer("supernode", "list")["nodes"]))
"""
SMALL = {
    "rounds": 3,
    "precision": "double",
    "threads": 1,
    "model.layers": 2,
    "train.local-steps": 2,
    "train.batch-size": 8,
    "security.algorithm": "ML-DSA-44",
    "round.deadline-s": 300,
}


def wait_for(what: Callable[[], Any], limit_s: float = 240.0, about: str = "") -> Any:
    """Return the first true value; machines that run tests are slow at times, so limits are generous."""
    end = time.monotonic() + limit_s
    while not (found := what()):
        assert time.monotonic() < end, f"waited {limit_s:.0f} s for {about or what}"
        time.sleep(0.1)
    return found


def search_path() -> dict[str, str]:
    """Return the variable that lets a process find this checkout, after whatever tests put before it."""
    return {"PYTHONPATH": os.pathsep.join(filter(None, [os.environ.get("PYTHONPATH"), str(CHECKOUT)]))}


class Run:
    """``qfl deploy run`` in a process of its own."""

    def __init__(self, fleet: "Fleet", name: str, words: list[str]):
        self.fleet, self.path = fleet, fleet.root / "runs" / name
        self.process = subprocess.Popen(
            [*fleet.inside, *QFL, "deploy", "run", str(fleet.path), *words],
            cwd=fleet.root,
            env=os.environ | search_path(),
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )

    @property
    def folder(self) -> RunFolder:
        return RunFolder(self.path)

    def rounds(self) -> list[dict[str, Any]]:
        return self.folder.rounds() if (self.path / "run.json").is_file() else []

    def clients(self, number: int) -> dict[int, tuple[str, str | None]]:
        """Return status and reason of every client in a round."""
        return {
            row["client"]: (row["status"], row["reason"]) for row in self.folder.clients() if row["round"] == number
        }

    def wait_for_round(self, number: int, limit_s: float = 240.0) -> None:
        wait_for(lambda: any(row["round"] >= number for row in self.rounds()), limit_s, f"round {number}")

    def end(self, limit_s: float = 420.0) -> dict[str, Any]:
        """Return the JSON object that the command prints; CI reads the run's status, never an exit code alone."""
        output, errors = self.process.communicate(timeout=limit_s)
        assert self.process.returncode == 0, errors
        assert self.folder.header["status"] == "completed"
        return json.loads(output)


class Fleet:
    """A deployment under test."""

    def __init__(self, root: Path, clients: int, plan: Plan | None = None):
        self.root, self.path, self.clients = root, root / "fleet", clients
        self.inside: list[str] = []  # the words that enter the server's namespace, where there is one
        create(self.path, plan or Plan(clients, port=0, algorithm="ML-DSA-44"))

    wait_for = staticmethod(wait_for)

    def up(self, part: str = "") -> None:
        up(self.path / part)

    def up_inside(self, namespace: str, part: str) -> None:
        """Start one host's processes in a network namespace."""
        enter = ["ip", "netns", "exec", namespace]
        words = [*enter, *QFL, "deploy", "up", str(self.path / part)]
        done = subprocess.run(words, env=os.environ | search_path(), capture_output=True, text=True)
        assert done.returncode == 0, done.stderr
        self.inside = enter if part == "server" else self.inside

    def down(self) -> None:
        down(self.path)

    def piece(self, name: str) -> Piece:
        found = [piece for place, host in hosts_in(self.path) for piece in pieces(place, host)]
        return next(piece for piece in found if piece.name == name)

    def kill(self, name: str) -> None:
        """End one process of the fleet as a crash would."""
        pid = pid_of(self.piece(name))
        assert pid, f"{name} does not run"
        os.kill(pid, signal.SIGKILL)
        wait_for(lambda: pid_of(self.piece(name)) is None, about=f"the end of {name}")

    def write(self, name: str, **changes: Any) -> Path:
        flat = {**SMALL, "clients.count": self.clients} | {
            key.replace("__", ".").replace("_", "-"): value for key, value in changes.items()
        }
        path = self.root / f"{name}.toml"
        path.write_text("".join(f"{key} = {json.dumps(value)}\n" for key, value in flat.items()))
        return path

    def run(self, name: str, **changes: Any) -> Run:
        """Start a run; its folder is ``runs/<name>``."""
        folder = {"run__folder": str(self.root / "runs" / name)}
        return Run(self, name, [str(self.write(name, **changes, **folder)), "--json"])

    def resume(self, name: str) -> Run:
        return Run(self, name, ["--resume", str(self.root / "runs" / name), "--json"])

    def run_file(self, name: str, path: Path, *changes: str) -> Run:
        """Start the run of a run file."""
        words = [word for change in changes for word in ("--set", change)]
        return Run(self, name, [str(path), *words, "--set", f"run.folder={self.root / 'runs' / name}", "--json"])

    def file_here(self, name: str, path: Path, *changes: str) -> dict[str, Any]:
        """Run a run file in process; return the JSON object that the command prints."""
        words = [word for change in (*changes, f"run.folder={self.root / 'runs' / name}") for word in ("--set", change)]
        environment = os.environ | {"PYTHONPATH": str(CHECKOUT)}  # without the hooks of misbehaving clients
        command = [*QFL, "run", str(path), *words, "--json"]
        done = subprocess.run(command, cwd=self.root, env=environment, capture_output=True, text=True)
        assert done.returncode == 0, done.stderr
        return json.loads(done.stdout)

    def run_here(self, name: str, **changes: Any) -> dict[str, Any]:
        """Run the same settings in process; return the JSON object that the command prints."""
        return self.file_here(name, self.write(name, **changes))

    def hook(self, client: int, **rounds: dict[str, Any]) -> None:
        """Say what a client does from now on: ``r2={"kind": "tamper"}`` in round 2; ``r0`` is the roll call."""
        path = self.node(client) / "hook.json"
        path.write_text(json.dumps({name[1:].replace("_", "-"): what for name, what in rounds.items()}))

    def carry(self, client: int, node: str) -> None:
        """Let a client's messages be carried by another node, from its next start on."""
        path = self.node(client) / "host.json"
        path.write_text(json.dumps(json.loads(path.read_text()) | {"node": node}))

    def node(self, client: int) -> Path:
        return self.path / "nodes" / str(client)

    def at_work(self, client: int, number: int | str) -> None:
        """Wait until a client has begun to train for a round."""
        wait_for((self.node(client) / f"at-work-{number}").exists, about=f"client {client} in round {number}")

    def online(self) -> int:
        """Return how many nodes the SuperLink takes for reachable, asked where its control port is."""
        asked = subprocess.run(
            [*self.inside, sys.executable, "-c", NODES, str(self.path)],
            env=os.environ | search_path(),
            capture_output=True,
            text=True,
        )
        assert asked.returncode == 0, asked.stderr
        return sum(node["status"] == "online" for node in json.loads(asked.stdout))

    def server_log(self) -> str:
        """Return what the server apps printed, as Flower keeps it."""
        superlink = operator(*server_in(self.path))
        runs = json.loads(superlink.command("ls", "--format", "json"))["runs"]
        return "".join(superlink.command("log", run["run-id"], "--show") for run in runs)

    def log(self, name: str) -> str:
        return self.piece(name).log.read_text(errors="replace")


@pytest.fixture(scope="module")
def make_rogue_fleet(make_fleet) -> Iterator[Callable[..., Fleet]]:
    """Make deployments whose clients can be told to misbehave (`Fleet.hook`)."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("PYTHONPATH", str(Path(__file__).parent / "hooks"))

        def make(clients: int, plan: Plan | None = None) -> Fleet:
            fleet = make_fleet(clients, plan)
            patch.setenv("QFL_TEST_NODES", str(fleet.path / "nodes"))
            return fleet

        yield make


@pytest.fixture(scope="module")
def make_fleet(tmp_path_factory) -> Iterator[Callable[..., Fleet]]:
    """Make deployments; whatever they run is stopped when the module's tests are over."""
    fleets: list[Fleet] = []

    def make(clients: int, plan: Plan | None = None, root: Path | None = None) -> Fleet:
        fleets.append(Fleet(root or tmp_path_factory.mktemp("deployment"), clients, plan))
        return fleets[-1]

    yield make
    for fleet in fleets:
        fleet.down()
