"""Strategies beside one another where clients differ: federations over data, noise and attackers, one table of all."""

import tempfile
from pathlib import Path
from typing import Any

from qfl.config import Settings
from qfl.federation.runtime.launch import check_app, run_app
from qfl.spread import or_none
from qfl.studies.csv_files import write_csv
from qfl.studies.jobs import run_jobs
from qfl.studies.request import Request
from qfl.studies.study import Study
from qfl.tables import Table, number, or_null, read_table, text, whole

from .heterogeneity_page import heterogeneity_page
from .heterogeneity_picture import heterogeneity_png
from .heterogeneity_settings import Cell, Heterogeneity, settings_of
from .heterogeneity_summary import numbers_of

Row = dict[str, Any]
CELLS = Table(
    "cells",
    ("strategy", "axis", "value", "seed"),
    {"strategy": text, "axis": text, "value": number, "seed": whole, "accuracy": or_null(number)},
)


def run(request: Request, study: Heterogeneity) -> list[Row]:
    """Return a row for every federation; those that the folder has are not trained again."""
    done = {tuple(row[key] for key in CELLS.key) for row in read_table(request.folder, CELLS)}
    missing = [cell for cell in study.cells() if cell.key not in done]
    for cell in {cell.strategy: cell for cell in missing}.values():  # of each strategy the last: all three at once
        check_app(Settings.from_flat(cell.settings), request.checkout)
    total = len(done) + len(missing)
    jobs = [(measure, (cell, request.checkout)) for cell in missing]
    for number_done, row in enumerate(run_jobs(jobs, study.processes), start=len(done) + 1):
        request.folder.append("cells", [row])
        request.show(f"[{number_done}/{total}] seed {row['seed']}: {row['strategy']}, {row['axis']} {row['value']:g}")
    return read_table(request.folder, CELLS)


def measure(cell: Cell, checkout: Path) -> Row:
    """Return what a federation comes to: the accuracy of its last angles, without noise, and under it.

    Args:
        cell: The federation.
        checkout: Whose app trains.
    """
    with tempfile.TemporaryDirectory() as place:
        folder = run_app(Settings.from_flat(cell.settings | {"run.folder": f"{place}/run"}), checkout)
        final, seconds = folder.header["final"], folder.header["final"]["seconds"]
    known = dict(zip(CELLS.key, cell.key, strict=True))
    exact = or_none(float(final.get("exact_accuracy", final["accuracy"])))
    return known | {"accuracy": exact, "scored": or_none(float(final["accuracy"])), "seconds": seconds}


def draw(request: Request, study: Heterogeneity, rows: list[Row], numbers: dict[str, Any]) -> None:
    """Write the federations and the means as CSV, and the heat maps."""
    path = request.folder.path
    write_csv(path / "cells.csv", rows)
    write_csv(path / "means.csv", numbers["cells"])
    heterogeneity_png(numbers, path / "heterogeneity.png")


STUDY = Study(
    settings_of,
    run,
    lambda request, study, rows: numbers_of(study, rows),
    draw,
    lambda request, study, rows, numbers: heterogeneity_page(numbers, study, request.quick),
)
