"""``qfl bench ray``: the same rounds on a Ray cluster of one, two and four machines, one of which is lost in mid-round.

The machines are raylets of one core each, all on this one: `ray.cluster_utils.Cluster` starts what a host would run. So
more raylets than cores gain nothing, and an efficiency is of the cores that were there. The last run has the most
raylets and loses one while it trains.
"""

import os
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from threading import Event, Timer
from typing import Any

from qfl.config import Settings
from qfl.errors import RoundFailed
from qfl.federation.runtime.cluster import require_ray
from qfl.federation.runtime.environment import OFFLINE
from qfl.federation.runtime.launch import run_app
from qfl.results import RunFolder
from qfl.studies.bench.measure import summary
from qfl.studies.bench.round import ROUND

WORK = ROUND | {"train.local-steps": 20, "backend": "ray", "ray.group": 25}
RAYLETS = (1, 2, 4)
LOST_AFTER = 0.4  # of a round


def bench_ray(app: Path, rounds: int = 4, raylets: tuple[int, ...] = RAYLETS, **changes: Any) -> dict[str, Any]:
    """Return seconds per round by number of raylets, and whether losing one changes the angles.

    Args:
        app: The checkout whose app is run.
        rounds: Rounds per run, the first of which does not count: processes start in it.
        raylets: Machines of one core, for each run.
        **changes: Of `WORK`, by flat key.

    Raises:
        MissingExtra: If Ray is not installed.
    """
    runs = {count: _run(app, rounds, count, changes) for count in raylets}
    seconds = {count: _seconds(run) for count, run in runs.items()}
    lost = _run(app, rounds, max(raylets), changes, lose=True)
    cores, medians = len(os.sched_getaffinity(0)), {count: each["median_s"] for count, each in seconds.items()}
    return {
        "raylets": {str(count): each for count, each in seconds.items()},
        "efficiency": {
            str(count): medians[min(raylets)] * min(raylets) / (median * min(count, cores))
            for count, median in medians.items()
        },
        "digest_unchanged": len({_digest(run) for run in runs.values()}) == 1,
        "digest_unchanged_after_loss": _digest(lost) == _digest(runs[max(raylets)]),
        "seconds_with_loss": _seconds(lost),
        "clients": WORK["clients.count"],
        "rounds": rounds - 1,
        "cores": cores,
    }


def _run(app: Path, rounds: int, count: int, changes: dict[str, Any], lose: bool = False) -> list[dict[str, Any]]:
    """Return the rows of a run on a new cluster, which loses a machine in the last round."""
    with tempfile.TemporaryDirectory() as folder, _machines(count) as (address, remove):
        flat = WORK | changes | {"rounds": rounds, "ray.address": address, "run.folder": str(Path(folder) / "run")}

        gone = Event()

        def on_round(row: dict[str, Any]) -> None:
            if lose and row["round"] == rounds - 1:
                Timer(LOST_AFTER * row["seconds"]["total"], lambda: (gone.set(), remove())).start()

        run: RunFolder = run_app(Settings.from_flat(flat), app, on_round)
        if lose and not gone.is_set():
            raise RoundFailed("the last round was over before a machine was lost in it; give more clients")
        return run.rounds()


@contextmanager
def _machines(count: int) -> Iterator[tuple[str, Callable[[], None]]]:
    """Start raylets; give the cluster's address and what ends the last of them as a failure would."""
    require_ray()
    os.environ |= OFFLINE
    from ray.cluster_utils import Cluster

    cluster = Cluster(initialize_head=True, head_node_args={"num_cpus": 1, "include_dashboard": False})
    try:
        nodes = [cluster.head_node, *(cluster.add_node(num_cpus=1) for _ in range(count - 1))]
        yield str(cluster.address), lambda: cluster.remove_node(nodes[-1], allow_graceful=False)
    finally:
        cluster.shutdown()


def _seconds(rows: list[dict[str, Any]]) -> dict[str, float]:
    return summary([row["seconds"]["total"] for row in rows if row["round"] > 1])


def _digest(rows: list[dict[str, Any]]) -> str:
    return rows[-1]["angles_sha256"]
