"""Attacks by clients against defences: accuracy and attackers' success, every attack against every defence."""

from typing import Any

import numpy as np

from qfl.specs import ATTACKS
from qfl.studies.csv_files import write_csv
from qfl.studies.request import Request
from qfl.studies.study import Study

from .attacks_measure import Row, measured
from .attacks_page import attacks_page
from .attacks_picture import attacks_png
from .attacks_settings import NOBODY, AttackStudy, settings_of

CELLS = "cells"
TOLD = ("accuracy", "success", "accepted", "attackers_out", "honest_out", "chance", "stopped")


def run(request: Request, study: AttackStudy) -> list[Row]:
    """Return the rows of all cells and seeds; what the folder holds is not run again."""
    done = {(row["seed"], row["attack"], row["defence"]) for row in request.folder.rows(CELLS)}
    cells = [(seed, attack, own) for seed in study.seeds for attack in study.attacks for own in study.defences]
    for number, cell in enumerate(cells, start=1):
        if cell not in done:
            row = measured(study, *cell, request.checkout)
            request.folder.append(CELLS, [row])
            request.show(f"{number} of {len(cells)}: seed {cell[0]}, {cell[1]}, {cell[2]}: {row['accuracy']:.3f}")
    return [row for row in request.folder.rows(CELLS) if (row["seed"], row["attack"], row["defence"]) in cells]


def summarise(request: Request, study: AttackStudy, rows: list[Row]) -> dict[str, Any]:
    """Return the means over seeds, and the deviations, by attack and defence.

    ``success`` is, of attacks on samples, the share of altered test samples that get the attackers' label; of all
    others, the accuracy lost against the same defence and seed without attack.
    """
    clean = {(row["seed"], row["defence"]): row["accuracy"] for row in rows if row["attack"] == NOBODY}
    found: dict[str, Any] = {attack: {} for attack in study.attacks}
    for attack in study.attacks:
        for defence in study.defences:
            own = [row for row in rows if (row["attack"], row["defence"]) == (attack, defence)]
            full = [row | {"success": _success(row, clean)} for row in own]
            found[attack][defence] = {
                name: value for key in TOLD for name, value in _mean(key, [row[key] for row in full]).items()
            }
    return {"attacks": found}


def _success(row: Row, clean: dict[tuple[int, str], float]) -> float | None:
    if row["attack"] == NOBODY:
        return None
    if ATTACKS[row["attack"]].samples:
        return row["success"]
    return max(0.0, clean[row["seed"], row["defence"]] - row["accuracy"])


def _mean(key: str, values: list[float | None]) -> dict[str, float | None]:
    known = [value for value in values if value is not None]
    if not known:
        return {key: None}
    spread = {f"{key}_deviation": float(np.std(known, ddof=1))} if len(known) > 1 else {}
    return {key: float(np.mean(known)), **spread}


def draw(request: Request, study: AttackStudy, rows: list[Row], numbers: dict[str, Any]) -> None:
    """Write the rows, and the picture."""
    write_csv(request.folder.path / f"{CELLS}.csv", rows)
    attacks_png(numbers["attacks"], study, request.folder.path / "attacks.png")


def tell(request: Request, study: AttackStudy, rows: list[Row], numbers: dict[str, Any]) -> str:
    """Return the page."""
    return attacks_page(numbers["attacks"], study)


STUDY = Study(settings_of, run, summarise, draw, tell)
