"""Membership inference: what the last model and single updates say of which digits were trained on."""

from typing import Any

from qfl.studies.csv_files import write_csv
from qfl.studies.request import Request
from qfl.studies.study import Study

from .grouped import means
from .membership_measure import LABELS, Row, inferred
from .membership_page import membership_page
from .membership_picture import membership_png
from .membership_settings import MembershipStudy, settings_of

TABLE = "membership"
KEYS = ("model", "entries", "labels", "view")
VALUES = ("area", "found", "inside", "outside")


def run(request: Request, study: MembershipStudy) -> list[Row]:
    """Return the rows of all models and seeds; what the folder holds is not trained again."""
    done = {(row["seed"], row["model"], row["labels"]) for row in request.folder.rows(TABLE)}
    for seed in study.seeds:
        for model in study.models:
            for labels in LABELS:
                if (seed, model, labels) not in done:
                    request.folder.append(TABLE, inferred(study, seed, model, labels))
                    request.show(f"seed {seed}: {model}, labels {labels}")
    return request.folder.rows(TABLE)


def summarise(request: Request, study: MembershipStudy, measured: list[Row]) -> dict[str, Any]:
    """Return means over the seeds, with intervals."""
    return {TABLE: means(measured, KEYS, VALUES)}


def draw(request: Request, study: MembershipStudy, measured: list[Row], found: dict[str, Any]) -> None:
    """Write the rows, and the picture."""
    write_csv(request.folder.path / f"{TABLE}.csv", measured)
    membership_png(found[TABLE], study, request.folder.path / "membership.png")


def tell(request: Request, study: MembershipStudy, measured: list[Row], found: dict[str, Any]) -> str:
    """Return the page."""
    return membership_page(found[TABLE], study)


STUDY = Study(settings_of, run, summarise, draw, tell)
