"""A run as the federation writes it: 30 rounds, 200 clients, some of them refused, late or broken."""

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from qfl.config import Settings
from qfl.results import RunFolder
from qfl.seeds import stream

DRAWING = """\
0: ─╭|Ψ⟩──RY─╭●─────────────╭X──RY─╭●─────────────╭X─┤ ╭<Z@Z>
1: ─├|Ψ⟩──RY─╰X─╭●──────────│───RY─╰X─╭●──────────│──┤ ╰<Z@Z>
2: ─├|Ψ⟩──RY────╰X─╭●───────│───RY────╰X─╭●───────│──┤  <Z>
3: ─├|Ψ⟩──RY───────╰X─╭●────│───RY───────╰X─╭●────│──┤  <Z>
4: ─├|Ψ⟩──RY──────────╰X─╭●─│───RY──────────╰X─╭●─│──┤  <Z>
5: ─╰|Ψ⟩──RY─────────────╰X─╰●──RY─────────────╰X─╰●─┤  <Z>"""

FAULTS = (
    ("missing", "deadline", "no reply within 600 s"),
    ("missing", "deadline", "no reply within 600 s"),
    ("rejected", "bad-signature", "the signature does not hold for these bytes under this key"),
    ("rejected", "norm-cap", "an update of norm 31.4; at most 5 is accepted"),
    ("failed", "client-error", "ValueError: no samples"),
)
FATES = ("accepted", "rejected", "missing", "failed")
SECONDS = {
    "select": 0.001,
    "broadcast": 0.06,
    "train": 0.9,
    "verify": 0.16,
    "aggregate": 0.03,
    "evaluate": 0.05,
    "checkpoint": 0.02,
}
ANGLES = 360
PARTS = {"model": 4 * ANGLES, "signature": 3309, "envelope": 731}


def header(rounds: int, clients: int) -> dict:
    settings = Settings.from_flat(
        {
            "rounds": rounds,
            "clients.count": clients,
            "train.learning-rate": 0.3,
            "strategy.name": "circular",
            "strategy.learning-rate": 1.5,
        }
    )
    return {
        "schema": 1,
        "name": "quickstart-20261121-081500-1f3a",
        "created": "2026-11-21T08:15:00+00:00",
        "status": "completed",
        "settings": settings.to_flat(),
        "versions": {"qfl": "0.1.0", "python": "3.11.2", "flwr": "1.41.0", "pennylane": "0.45.0", "torch": "2.13.0"},
        "host": {"system": "Linux x86_64", "cores": 2},
        "source": "5f" * 32,
        "run_id": "0c" * 16,
        "model": {
            "name": "vqc",
            "parameters": ANGLES,
            "angles": ANGLES,
            "others": 0,
            "qubits": 6,
            "depth": 60,
            "drawing": DRAWING,
            "names": [f"RY.{index}" for index in range(ANGLES)],
        },
        "data": {"seed": 1, "partition": "labels", "clients": clients, "train": 1437, "test": 360},
        "uplink": {f"{part}_bytes": num for part, num in PARTS.items()},
        "baselines": [
            {"name": "logistic", "parameters": 650, "uplink_bytes": 2600},
            {"name": "mlp", "parameters": 2410, "uplink_bytes": 9640},
            {"name": "cnn", "parameters": 3786, "uplink_bytes": 15144},
        ],
    }


def client_rows(number: int, clients: int) -> list[dict]:
    draw = stream(1, "sample", number)
    fault_of = (
        dict(zip(draw.choice(clients, 5, replace=False).tolist(), FAULTS, strict=True)) if number % 4 == 1 else {}
    )
    learnt = 1 - np.exp(-number / 6)
    rows = []
    for client in range(clients):
        status, reason, detail = fault_of.get(client, ("accepted", None, None))
        known = status == "accepted"
        accuracy = float(np.clip(draw.normal(0.1 + 0.87 * learnt, 0.07 - 0.04 * learnt), 0, 1))
        rows.append(
            {
                "round": number,
                "client": client,
                "status": status,
                "reason": reason,
                "detail": detail,
                "num_examples": 7 if known else None,
                "train_loss": 2.3 * (1 - accuracy) if known else None,
                "loss": 2.4 * (1 - accuracy) if known else None,
                "accuracy": accuracy if known else None,
                "drift": float(draw.lognormal(-0.4 - 0.03 * number, 0.35)) if known else None,
                "bytes_up": PARTS if status != "missing" else None,
                "seconds": 0.4 if known else None,
                "noise": 0.0 if known else None,
            }
        )
    return rows


def round_row(number: int, asked: list[dict]) -> dict:
    draw = stream(1, "sample-round", number)
    learnt = 1 - np.exp(-number / 6)
    accuracies = sorted(row["accuracy"] for row in asked if row["status"] == "accepted")
    worst = accuracies[: max(1, len(accuracies) // 10)]
    ease = np.linspace(0.99, 0.9, 10)[[0, 8, 2, 5, 1, 6, 3, 4, 9, 7]]
    per_class = 0.1 + (ease - 0.1) * (1 - np.exp(-number / (64 - 60 * ease))) + draw.normal(0, 0.01, 10)
    per_class = np.clip(per_class, 0, 1)
    fates = {fate: sum(row["status"] == fate for row in asked) for fate in FATES}
    phases = SECONDS if asked else {"evaluate": SECONDS["evaluate"]}
    seconds = {phase: phases.get(phase, 0) * float(draw.uniform(0.85, 1.2)) for phase in SECONDS}
    heard = len(asked) - fates["missing"]
    return {
        "round": number,
        "loss": float(0.28 + 2.1 * (1 - learnt) + draw.normal(0, 0.01)),
        "accuracy": float(per_class.mean()),
        "per_class": per_class,
        "train_loss": float(0.22 + 2.1 * (1 - learnt)) if asked else None,
        "train_accuracy": float(np.mean(accuracies)) if asked else None,
        "worst_decile": float(np.mean(worst)) if asked else None,
        "asked": len(asked),
        **fates,
        "bytes_up": {part: num * heard for part, num in PARTS.items()},
        "bytes_down": {part: num * len(asked) for part, num in (PARTS | {"envelope": 402}).items()},
        "seconds": seconds | {"total": sum(seconds.values()) + 0.02},
        "update_norm": float(0.5 * np.exp(-number / 14) + draw.normal(0, 0.01)) if asked else 0.0,
        "angles_sha256": f"{number:02x}" * 32,
        "diagnostics": {"resultant_min": 0.9 + 0.003 * number, "fallbacks": 0.0} if asked else {},
        "failure": None,
    }


@pytest.fixture
def make_run(tmp_path) -> Callable[..., RunFolder]:
    """Return a function that writes a completed run of some rounds and clients."""

    def make(rounds: int = 3, clients: int = 10, **entries) -> RunFolder:
        return sample(tmp_path / "quickstart-20261121-081500-1f3a", rounds, clients, **entries)

    return make


@pytest.fixture(scope="session")
def small_run(tmp_path_factory) -> RunFolder:
    """Return a completed run of two rounds, to be read only."""
    run = sample(tmp_path_factory.mktemp("small") / "run", rounds=2, clients=10)
    run.update(model=run.header["model"] | {"names": []}, final=run.header["final"] | {"angles": []})
    return run


def sample(path: Path, rounds: int, clients: int, **entries) -> RunFolder:
    folder = RunFolder.create("quickstart", header(rounds, clients), path=path)
    for number in range(rounds + 1):
        asked = client_rows(number, clients) if number else []
        folder.append("clients", asked)
        folder.append("rounds", [round_row(number, asked)])
    rows = folder.rounds()
    final = {
        "accuracy": rows[-1]["accuracy"],
        "loss": rows[-1]["loss"],
        "rounds": rounds,
        "seconds": sum(row["seconds"]["total"] for row in rows) + 2,
        "angles": [0.0] * ANGLES,
        "angles_sha256": rows[-1]["angles_sha256"],
        "run": str(folder.path),
    }
    folder.update(**({"final": final} | entries))
    return folder
