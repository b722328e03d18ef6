"""``qfl bench scale``: the same signed round of 100 clients out of 1,000, out of 10,000 and out of 100,000.

What a run costs should follow from the clients that are asked, not from those that there are. Every size has a process
of its own, from whose start the seconds count, and whose peak memory is therefore of that size alone. The samples are
Gaussian blobs from the seed, ten a client: 8 features, angle-encoded on 8 qubits, 4 strongly entangling layers, one
local step; every broadcast and every update is signed and verified.

The exponent is the slope of log seconds per round (or log peak memory) over log clients, least squares: 0 where nothing
grows, 1 where a tenfold number of clients costs tenfold.
"""

import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from itertools import pairwise
from pathlib import Path
from typing import Any

from qfl.config import Settings
from qfl.errors import RoundFailed
from qfl.federation.runtime.environment import child_environment
from qfl.studies.bench.measure import summary
from qfl.studies.bench.schedule import exponent

CLIENTS, ASKED, SAMPLES = (1_000, 10_000, 100_000), 100, 10  # the last of each client
SCALE = {
    "data.name": "blobs",
    "data.partition": "iid",
    "clients.selection": "uniform",
    "model.encoding": "angle",
    "model.ansatz": "strongly_entangling",
    "model.qubits": 8,
    "model.layers": 4,
    "train.local-steps": 1,
    "strategy.name": "fedavg",
}


def bench_scale(
    app: Path, clients: Sequence[int] = CLIENTS, asked: int = ASKED, rounds: int = 5, samples: int = SAMPLES
) -> dict[str, Any]:
    """Return seconds per round, peak memory and start-up of the largest federation, and how they grow with clients.

    Args:
        app: The checkout whose app runs.
        clients: How many there are, ascending.
        asked: Clients of a round.
        rounds: Of each size; the first, which pays for the first use of everything, does not count.
        samples: Training samples per client.

    Returns:
        Of the largest: ``seconds_per_round`` (median, a round's rows and checkpoint included), ``peak_mib`` (resident
        memory, 2^20 bytes), ``startup_s`` (from the start of the process to that of the first round). The exponents
        of ``time`` and ``memory``, and under ``sizes`` what each size took.

    Raises:
        RoundFailed: If a run fails.
    """
    found = {str(count): _in_own_process(app, count, asked, rounds, samples) for count in clients}
    largest = found[str(clients[-1])]
    medians = {count: one["round"]["median_s"] for count, one in found.items()}
    return {
        "seconds_per_round": largest["round"]["median_s"],
        "peak_mib": largest["peak_mib"],
        "startup_s": largest["startup_s"],
        "exponent_clients": {
            "time": exponent(medians),
            "memory": exponent({count: one["peak_mib"] for count, one in found.items()}),
        },
        "sizes": found,
        "asked": asked,
        "samples_per_client": samples,
        "rounds": rounds - 1,
        "signed": Settings().security.algorithm,
        "cores": len(os.sched_getaffinity(0)),
    }


def _in_own_process(app: Path, clients: int, asked: int, rounds: int, samples: int) -> dict[str, Any]:
    own = {"clients.count": clients, "clients.per-round": asked, "data.samples": samples * clients, "rounds": rounds}
    with tempfile.TemporaryDirectory() as folder:
        settings = SCALE | own | {"run.folder": str(Path(folder) / "run")}
        given = json.dumps({"app": str(app), "settings": settings, "began": time.time()})
        command = [sys.executable, "-m", "qfl.studies.bench.scale"]
        done = subprocess.run(
            command, input=given, capture_output=True, text=True, env=child_environment(), check=False
        )
    if done.returncode:
        raise RoundFailed(f"the run of {clients} clients failed: {done.stderr.strip()[-800:]}")
    return json.loads(done.stdout.splitlines()[-1])


def measured(app: Path, settings: dict[str, Any], began: float) -> dict[str, Any]:
    """Run a federation in this process and return what it took: its rounds after the first, memory, and start-up.

    Args:
        app: The checkout.
        settings: Flat.
        began: Unix time at which the process was started, s.
    """
    from qfl.federation.runtime.launch import run_app

    told: list[float] = []  # when each round was over, from round 0 on, which only tests the first angles
    run_app(Settings.from_flat(settings), app, lambda row: told.append(time.time()))
    seconds = [later - earlier for earlier, later in pairwise(told)]
    return {
        "startup_s": told[0] - began,
        "first_round_s": seconds[0],
        "peak_mib": _peak_mib(),
        "round": summary(seconds[1:]),
    }


def _peak_mib() -> float:
    """Return the peak of this program's resident memory; unlike ``ru_maxrss``, not that of who started it."""
    status = Path("/proc/self/status").read_text().splitlines()
    return next(int(line.split()[1]) / 1024 for line in status if line.startswith("VmHWM:"))


if __name__ == "__main__":
    order = json.load(sys.stdin)
    print(json.dumps(measured(Path(order["app"]), order["settings"], order["began"])))
