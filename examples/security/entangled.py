"""Entangled aggregation by simulation: what a sum costs, what noise does to it, and what checks for tampering find."""

from typing import Any

import numpy as np

from qfl.studies.csv_files import write_csv
from qfl.studies.request import Request
from qfl.studies.study import Study

from .entangled_measure import TABLES, Row
from .entangled_page import entangled_page
from .entangled_picture import entangled_png
from .entangled_settings import EntangledStudy, settings_of

Measured = dict[str, list[Row]]


def run(request: Request, study: EntangledStudy) -> Measured:
    """Return the rows of all seeds by table; what the folder holds is not simulated again."""
    for name, measure in TABLES.items():
        done = {row["seed"] for row in request.folder.rows(name)}
        for seed in study.seeds:
            if seed not in done:
                request.folder.append(name, measure(study, seed))
                request.show(f"seed {seed}: {name}")
    return {name: request.folder.rows(name) for name in TABLES}


def summarise(request: Request, study: EntangledStudy, measured: Measured) -> dict[str, Any]:
    """Return the means over seeds, and the deviations of areas and detection rates."""
    keys = {
        "sums": ("clients", "depolarising", "transmittance"),
        "messages": ("depolarising", "transmittance"),
        "sources": ("checks",),
        "checks": ("attack", "check"),
    }
    return {name: _means(measured[name], keys[name]) for name in TABLES}


def _means(rows: list[Row], keys: tuple[str, ...]) -> list[Row]:
    groups: dict[tuple[Any, ...], list[Row]] = {}
    for row in rows:
        groups.setdefault(tuple(row[key] for key in keys), []).append(row)
    numbers = [key for key in rows[0] if key not in (*keys, "seed")]
    found = []
    for values, own in groups.items():
        table = {key: np.array([row[key] for row in own]) for key in numbers}
        means = {key: float(column.mean()) for key, column in table.items()}
        spread = {f"{key}_deviation": float(column.std(ddof=1)) for key, column in table.items() if len(own) > 1}
        found.append(dict(zip(keys, values, strict=True)) | means | spread)
    return found


def draw(request: Request, study: EntangledStudy, measured: Measured, found: dict[str, Any]) -> None:
    """Write the rows, and the picture."""
    for name, rows in measured.items():
        write_csv(request.folder.path / f"{name}.csv", rows)
    entangled_png(found, study, request.folder.path / "entangled.png")


def tell(request: Request, study: EntangledStudy, measured: Measured, found: dict[str, Any]) -> str:
    """Return the page."""
    return entangled_page(found, study)


STUDY = Study(settings_of, run, summarise, draw, tell)
