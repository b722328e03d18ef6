"""``qfl bench round``: one whole signed round of 200 clients, beside the same round on Flower's Ray with PennyLane.

Both sides run the same server, the same checks and the same signatures on the same data: 8 principal components of the
embedded digits, angle-encoded on 8 qubits, 4 strongly entangling layers, one local step on all of a client's samples.
The peer runs one client per core under Ray, and PennyLane with backpropagation and its own broadcasting over a client's
samples. The first round, in which processes start, is left out on both sides.
"""

import os
import tempfile
from pathlib import Path
from typing import Any

from qfl.config import Settings
from qfl.federation.runtime.launch import run_app
from qfl.federation.runtime.progress import OnRound
from qfl.federation.runtime.timing import collected
from qfl.studies.bench.measure import ratio, summary
from qfl.studies.bench.round_parts import Told, medians, parts, processor_s, share_training
from qfl.studies.bench.signature_floor import signature_floor

ROUND = {
    "data.pca": 8,
    "data.partition": "iid",
    "clients.count": 200,
    "clients.selection": "full",
    "model.encoding": "angle",
    "model.ansatz": "strongly_entangling",
    "model.qubits": 8,
    "model.layers": 4,
    "train.local-steps": 1,
    "strategy.name": "fedavg",
}


def bench_round(app: Path, rounds: int = 4) -> dict[str, Any]:
    """Return seconds per round on both sides, their ratio, and what ours go into (`round_parts`).

    Of ours also the processor seconds, which other programs on the machine move less, and what the signatures alone
    take of them.

    Args:
        app: The checkout whose app both sides run.
        rounds: Rounds per side, the first of which does not count.
    """
    with collected() as spent:
        told: list[Told] = []
        vectorised = {"backend": "vectorised", "engine": "exact"}
        ours = _round_seconds(app, rounds, vectorised, lambda row: told.append(Told.now(spent, row)))
    own = parts(told[-rounds:])
    floor = signature_floor(Settings().security.algorithm, int(ROUND["clients.count"]))
    peer = _round_seconds(app, rounds, {"backend": "ray", "engine": "pennylane"})
    return {
        "ratio_ray_pennylane": ratio(peer, ours),
        "share_training": share_training(own),
        "parts_s": medians(own),
        "processor_s": {"round": processor_s(told[-rounds:]), "signatures": floor},
        "vectorised_exact": summary(ours),
        "ray_pennylane": summary(peer),
        "clients": ROUND["clients.count"],
        "signed": Settings().security.algorithm,
        "rounds": rounds - 1,
        "cores": len(os.sched_getaffinity(0)),
    }


def _round_seconds(app: Path, rounds: int, side: dict[str, Any], told: OnRound = lambda row: None) -> list[float]:
    with tempfile.TemporaryDirectory() as folder:
        settings = Settings.from_flat(ROUND | side | {"rounds": rounds, "run.folder": str(Path(folder) / "run")})
        run = run_app(settings, app, told)
        return [row["seconds"]["total"] for row in run.rounds() if row["round"] > 1]
