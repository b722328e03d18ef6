"""Differential privacy: accuracy over epsilon for each way of adding noise, and what shots hide by themselves."""

from typing import Any

import numpy as np

from qfl.studies.csv_files import write_csv
from qfl.studies.request import Request
from qfl.studies.study import Study

from .privacy_measure import Row, cells, federation, shots
from .privacy_page import privacy_page
from .privacy_picture import privacy_png
from .privacy_settings import PrivacyStudy, settings_of

Measured = dict[str, list[Row]]
FEDERATIONS, SHOTS = "federations", "shots"


def run(request: Request, study: PrivacyStudy) -> Measured:
    """Return the rows of all federations and of all pairs; what the folder holds is not run again."""
    done = {(row["seed"], row["mechanism"], row["epsilon"]) for row in request.folder.rows(FEDERATIONS)}
    asked = {row["seed"] for row in request.folder.rows(SHOTS)}
    for seed in study.seeds:
        if seed not in asked:
            request.folder.append(SHOTS, shots(study, seed))
        for mechanism, epsilon in cells(study):
            if (seed, mechanism, epsilon) in done:
                continue
            folder = request.folder.path / "runs" / f"{mechanism}-{epsilon:g}-{seed}"
            row = federation(study, seed, mechanism, epsilon, folder)
            request.folder.append(FEDERATIONS, [row])
            request.show(f"seed {seed}: {mechanism} {epsilon:g}: accuracy {row['accuracy']:.3f}")
    return {name: request.folder.rows(name) for name in (FEDERATIONS, SHOTS)}


def summarise(request: Request, study: PrivacyStudy, measured: Measured) -> dict[str, Any]:
    """Return accuracies by mechanism and budget, over seeds, and quantiles of what shots tell, over pairs."""
    learned = [
        _accuracy(measured[FEDERATIONS], mechanism, epsilon) | {"mechanism": mechanism, "epsilon": epsilon}
        for mechanism, epsilon in cells(study)
    ]
    told = [_told([row for row in measured[SHOTS] if row["shots"] == number]) for number in study.shots]
    return {FEDERATIONS: learned, SHOTS: told}


def _accuracy(rows: list[Row], mechanism: str, epsilon: float) -> Row:
    own = [row for row in rows if (row["mechanism"], row["epsilon"]) == (mechanism, epsilon)]
    found = np.array([row["accuracy"] for row in own])
    spread = {"deviation": float(found.std(ddof=1))} if len(own) > 1 else {}
    return {"accuracy": float(found.mean()), "noise_rad": own[0]["noise_rad"], "spent": own[0]["spent"]} | spread


def _told(rows: list[Row]) -> Row:
    advantage = np.array([row["advantage"] for row in rows])
    lost = np.array([np.inf if row["epsilon"] is None else row["epsilon"] for row in rows])
    middle = float(np.quantile(lost, 0.5, method="lower"))
    return {
        "shots": rows[0]["shots"],
        "advantage_median": float(np.median(advantage)),
        "advantage_largest": float(advantage.max()),
        "epsilon_median": middle if np.isfinite(middle) else None,
        "pairs": len(rows),
        "unbounded": int(np.isinf(lost).sum()),
    }


def draw(request: Request, study: PrivacyStudy, measured: Measured, found: dict[str, Any]) -> None:
    """Write the rows, and the picture."""
    for name, rows in measured.items():
        write_csv(request.folder.path / f"{name}.csv", rows)
    privacy_png(found, study, request.folder.path / "privacy.png")


def tell(request: Request, study: PrivacyStudy, measured: Measured, found: dict[str, Any]) -> str:
    """Return the page."""
    return privacy_page(found, study)


STUDY = Study(settings_of, run, summarise, draw, tell)
