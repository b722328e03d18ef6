"""Keys and errors of simulated exchanges over distance, and every eavesdropper at one distance."""

from typing import Any

import numpy as np

from qfl.qkd.key_rate import one_way_threshold
from qfl.studies.csv_files import write_csv
from qfl.studies.request import Request
from qfl.studies.study import Study

from .qkd_measure import CURVES, TABLE, Row, measured, planned
from .qkd_page import qkd_page
from .qkd_picture import qkd_png
from .qkd_settings import QkdStudy, settings_of

ROWS = "exchanges"


def run(request: Request, study: QkdStudy) -> list[Row]:
    """Return the rows of all exchanges; what the folder holds is not simulated again."""
    done = {(row["case"], row["distance_km"], row["seed"]) for row in request.folder.rows(ROWS)}
    for name, case, distance_km, seed in planned(study):
        if (name, distance_km, seed) not in done:
            request.folder.append(ROWS, [measured(name, case, distance_km, seed, study)])
            request.show(f"seed {seed}: {name}, {distance_km:g} km")
    return request.folder.rows(ROWS)


def summarise(request: Request, study: QkdStudy, rows: list[Row]) -> dict[str, Any]:
    """Return the points of each curve, and of each eavesdropper."""
    groups: dict[tuple[str, float], list[Row]] = {}
    for row in rows:
        groups.setdefault((row["case"], row["distance_km"]), []).append(row)
    curves = {name: [_point(groups[name, km]) for km in study.distances_km] for name in CURVES}
    return {"curves": curves, "table": {name: _point(groups[name, study.table_km]) for name in TABLE}}


def _point(rows: list[Row]) -> dict[str, Any]:
    errors = [row["error_rate"] for row in rows if row["error_rate"] is not None]
    bits = [row["secure_bits"] for row in rows]
    return {
        "distance_km": rows[0]["distance_km"],
        "secure_bits": float(np.mean(bits)),
        "secure_bits_least": min(bits),
        "secure_bits_most": max(bits),
        "keys": sum(number > 0 for number in bits),
        "rate": float(np.mean(bits)) / rows[0]["pulses"],
        "expected_bits": rows[0]["expected_bits"],
        "error_rate": float(np.mean(errors)) if errors else None,
        "bell": None if rows[0]["bell"] is None else float(np.mean([row["bell"] for row in rows])),
        "known": float(np.mean([row["known"] for row in rows])),
        "statuses": sorted({row["status"] for row in rows}),
    }


def draw(request: Request, study: QkdStudy, rows: list[Row], found: dict[str, Any]) -> None:
    """Write the rows, and the picture."""
    write_csv(request.folder.path / "qkd.csv", rows)
    qkd_png(found["curves"], one_way_threshold(), request.folder.path / "qkd.png")


def tell(request: Request, study: QkdStudy, rows: list[Row], found: dict[str, Any]) -> str:
    """Return the page."""
    return qkd_page(found, study)


STUDY = Study(settings_of, run, summarise, draw, tell)
