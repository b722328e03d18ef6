"""Leakage: how much of a client's digits its update gives away, and what protections leave of that."""

from typing import Any

from qfl.studies.csv_files import write_csv
from qfl.studies.request import Request
from qfl.studies.study import Study

from .grouped import means
from .leakage_measure import Row, attacked
from .leakage_page import leakage_page
from .leakage_picture import leakage_png
from .leakage_settings import LeakageStudy, cases_of, settings_of

TABLE = "leakage"
KEYS = ("model", "protection", "batch", "steps", "unknowns", "angles")
VALUES = ("rank", "psnr_db", "recovered", "residual", "mean_db", "nearest_db")


def run(request: Request, study: LeakageStudy) -> list[Row]:
    """Return the rows of all cases and seeds; what the folder holds is not attacked again."""
    done = {tuple(row[key] for key in ("seed", *KEYS[:4])) for row in request.folder.rows(TABLE)}
    for seed in study.seeds:
        for model in study.models:
            for case in cases_of(study, model):
                if (seed, model, case.protection, case.batch, case.steps) not in done:
                    request.folder.append(TABLE, [attacked(study, seed, model, case)])
            request.show(f"seed {seed}: {model}")
    return request.folder.rows(TABLE)


def summarise(request: Request, study: LeakageStudy, measured: list[Row]) -> dict[str, Any]:
    """Return means over the seeds, with intervals."""
    return {TABLE: means(measured, KEYS, VALUES)}


def draw(request: Request, study: LeakageStudy, measured: list[Row], found: dict[str, Any]) -> None:
    """Write the rows, and the picture."""
    write_csv(request.folder.path / f"{TABLE}.csv", measured)
    leakage_png(found[TABLE], study, request.folder.path / "leakage.png")


def tell(request: Request, study: LeakageStudy, measured: list[Row], found: dict[str, Any]) -> str:
    """Return the page."""
    return leakage_page(found[TABLE], study)


STUDY = Study(settings_of, run, summarise, draw, tell)
