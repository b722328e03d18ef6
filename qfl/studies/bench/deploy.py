"""``qfl bench deploy``: a round over a SuperLink and four nodes on this machine, ours and Flower's, and what it takes.

The same run in one process, with the same seed and partition ids, must end at the same angles. The first round, in
which trainers start, is left out. A round is as long as its slowest client, so each part is the largest over clients:

* process start: Flower's SuperNode starts a process per message; until our ClientApp runs, and has reached its trainer;
* training and crypto (verify the broadcast, sign, seal; at the server sign, open, verify): measured where they happen;
* polling: all the rest, which is Flower passing a message on and asking whether there is one.

Processor seconds and memory are those of all processes of the fleet, the server's among them. All hosts share the cores
of this machine, so a deployment on hosts of its own is faster.
"""

import os
import statistics
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np

from qfl.config import Settings
from qfl.deployment.control import down, status, up
from qfl.deployment.create import Plan, create
from qfl.deployment.host import NODES as KINDS
from qfl.deployment.host import OWN
from qfl.deployment.run import run_deployed
from qfl.federation.runtime.environment import child_environment
from qfl.federation.runtime.launch import run_app
from qfl.reading import read_rows
from qfl.results import RunFolder
from qfl.studies.bench.footprint import Footprint, footprint
from qfl.studies.bench.measure import summary

NODES = 4
RUN = {
    "precision": "double",
    "clients.count": NODES,
    "model.layers": 4,
    "train.local-steps": 5,
    "threads": 1,
    "round.deadline-s": 300.0,
}
BARE = "import clients.app, flwr.supernode.runtime.run_clientapp"  # what Flower's process for a message imports
WHOLE = BARE + ", qfl.federation.client"  # what it would import if it trained by itself


def bench_deploy(app: Path, rounds: int = 5) -> dict[str, Any]:
    """Return the figures of a deployed run beside those of the run in one process.

    Args:
        app: The checkout whose app both sides run.
        rounds: Rounds, the first of which does not count.
    """
    with tempfile.TemporaryDirectory() as name:
        here = run_app(Settings.from_flat(RUN | {"rounds": rounds, "run.folder": str(Path(name) / "here")}), app)
        found = {kind: _deployed(app, rounds, Path(name) / kind, kind, here) for kind in KINDS}
        together = summary([row["seconds"]["total"] for row in here.rounds()[2:]])
    return {
        "seconds_per_round": found[OWN]["seconds_per_round"]["total"]["median_s"],
        "angles_equal": all(found[kind]["max_abs_angle_diff"] == 0 for kind in KINDS),
        "nodes": NODES,
        "rounds": rounds - 1,
        **found,
        "in_one_process": together,
        "cpu_s_of_a_message": {"resident_trainer": _cpu_s(app, BARE), "fresh_process": _cpu_s(app, WHOLE)},
        "seal": "ML-KEM-768+X25519",
        "cores": len(os.sched_getaffinity(0)),
    }


def _deployed(app: Path, rounds: int, folder: Path, kind: str, here: RunFolder) -> dict[str, Any]:
    """Return the figures of a run whose messages one kind of node carries."""
    taken: list[Footprint] = []
    settings = Settings.from_flat(RUN | {"rounds": rounds, "run.folder": str(folder / "run")})
    with _fleet(folder / "fleet", kind) as fleet:
        leaders = [row["pid"] for row in status(fleet) if row["pid"]]
        run = run_deployed(fleet, settings, app, lambda row: taken.append(footprint(leaders)))
        messages = [_train_messages(fleet / "nodes" / str(client)) for client in range(NODES)]
    return {
        "max_abs_angle_diff": _difference(run, here),
        "seconds_per_round": _split(run, messages),
        "cpu_s_per_round": (taken[-1].cpu_s - taken[-rounds].cpu_s) / max(rounds - 1, 1),
        "memory_mb": taken[-1].memory_mb,
    }


@contextmanager
def _fleet(folder: Path, kind: str) -> Iterator[Path]:
    create(folder, Plan(NODES, port=0, node=kind))
    try:
        up(folder)
        yield folder
    finally:
        down(folder)


def _difference(one: RunFolder, other: RunFolder) -> float:
    angles = [np.array(folder.header["final"]["angles"]) for folder in (one, other)]
    return float(np.abs(angles[0] - angles[1]).max())


def _train_messages(node: Path) -> list[dict[str, float]]:
    return [row for _, row in read_rows(node / "logs" / "messages.jsonl") if row["kind"] == "train"]


def _split(run: RunFolder, messages: Sequence[Sequence[dict[str, float]]]) -> dict[str, Any]:
    rounds = run.rounds()[1:]
    parts = [_parts(row, [own[number] for own in messages]) for number, row in enumerate(rounds)][1:]
    medians = {name: statistics.median(each[name] for each in parts) for name in parts[0]}
    return medians | {"total": summary([row["seconds"]["total"] for row in rounds[1:]])}


def _parts(row: dict[str, Any], clients: Sequence[dict[str, float]]) -> dict[str, float]:
    server, total = row["seconds"], row["seconds"]["total"]
    parts = {
        "process_start": max(each["process_start"] + each["connect"] for each in clients),
        "training": max(each.get("build", 0.0) + each.get("train", 0.0) for each in clients),
        "crypto": max(each.get("crypto", 0.0) for each in clients) + server["verify"],
        "server": server["aggregate"] + server["evaluate"] + server["checkpoint"],
    }
    return parts | {"polling": max(total - sum(parts.values()), 0.0)}


def _cpu_s(app: Path, imports: str) -> float:
    """Return the processor seconds of a process that imports what a message needs; the median of three."""
    environment = child_environment({"PYTHONPATH": str(app)})
    spent = []
    for _ in range(3):
        before = os.times()
        subprocess.run([sys.executable, "-c", imports], env=environment, check=True)
        after = os.times()
        spent.append(after.children_user + after.children_system - before.children_user - before.children_system)
    return statistics.median(spent)
