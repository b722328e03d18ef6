"""What one run of an attack against a defence comes to."""

from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np

from qfl.config import Settings
from qfl.errors import RoundFailed
from qfl.federation.attacking.attack import attack_of
from qfl.federation.attacking.poisoned import success
from qfl.federation.runtime.launch import run_app
from qfl.results import RunFolder
from qfl.tasks.build import build

from .attacks_settings import NOBODY, AttackStudy

Row = dict[str, Any]
TRIGGER = "backdoor"


def measured(study: AttackStudy, seed: int, attack: str, defence: str, checkout: Path) -> Row:
    """Return the row of one run.

    It has the final ``accuracy``; the ``success`` that the run's last row tells, of attacks on samples; the shares of
    attackers' updates that were ``accepted``, and of all attackers' and honest updates that the strategy left out
    (``attackers_out``, ``honest_out``; None where it does not say); of nobody's attack, how many triggered samples go
    to the target all the same (``chance``); and whether failed rounds ``stopped`` the run, as where admission leaves a
    rule too few updates: then its last model counts.

    Args:
        study: The sizes.
        seed: Of the run.
        attack: Its name, or that of nobody's.
        defence: Its name.
        checkout: Whose app trains.
    """
    with TemporaryDirectory() as folder:
        settings = study.settings(seed, attack, defence, f"{folder}/run")
        run, stopped = _ended(settings, checkout)
        last = next(row for row in reversed(run.rounds()) if "accuracy" in row)
        told = last.get("attack") or {}
        return {
            "seed": seed,
            "attack": attack,
            "defence": defence,
            "accuracy": last["accuracy"],
            "success": told.get("success"),
            "chance": _chance(study, settings, run) if attack == NOBODY else None,
            "stopped": stopped,
            **_became(run),
        }


def _ended(settings: Settings, checkout: Path) -> tuple[RunFolder, bool]:
    """Return a run, and whether failed rounds stopped it."""
    try:
        return run_app(settings, checkout), False
    except RoundFailed:
        return RunFolder(settings.run.folder), True


def _became(run: RunFolder) -> Row:
    """Return what became of updates, as shares."""
    rows = run.clients()
    bad, good = ([row for row in rows if row.get("attack", False) is which] for which in (True, False))
    out = {
        name: float(np.mean([row["left_out"] for row in own])) if own and "left_out" in own[0] else None
        for name, own in (("attackers_out", bad), ("honest_out", good))
    }
    accepted = float(np.mean([row["status"] == "accepted" for row in bad])) if bad else None
    return {"accepted": accepted, **out}


def _chance(study: AttackStudy, settings: Settings, run: RunFolder) -> float | None:
    """Return the share of triggered test samples that an honest model sends to the target."""
    federation = build(study.settings(settings.seed, TRIGGER, "fedavg", ""))
    if "final" not in run.header:
        return None
    angles = np.array(run.header["final"]["angles"], dtype=np.float32)
    return success(federation, attack_of(federation.settings), angles)
