"""Adversarial inputs: how small a change of a digit misleads a circuit, and what training on such changes costs."""

from typing import Any

from qfl.studies.csv_files import write_csv
from qfl.studies.request import Request
from qfl.studies.study import Study

from .adversarial_measure import Row, accuracies
from .adversarial_page import adversarial_page
from .adversarial_picture import adversarial_png
from .adversarial_settings import AdversarialStudy, settings_of
from .grouped import means

TABLE = "accuracy"
KEYS = ("model", "entries", "trained", "ball", "attack", "epsilon")


def run(request: Request, study: AdversarialStudy) -> list[Row]:
    """Return the rows of all models and seeds; what the folder holds is not trained again."""
    done = {(row["seed"], row["model"], row["trained"]) for row in request.folder.rows(TABLE)}
    for seed in study.seeds:
        for model in study.models:
            for trained in study.trained:
                if (seed, model, trained) not in done:
                    request.folder.append(TABLE, accuracies(study, seed, model, trained))
                    request.show(f"seed {seed}: {model}, trained against {trained:g}")
    return request.folder.rows(TABLE)


def summarise(request: Request, study: AdversarialStudy, measured: list[Row]) -> dict[str, Any]:
    """Return mean accuracies over the seeds, with intervals."""
    return {TABLE: means(measured, KEYS, ("accuracy",))}


def draw(request: Request, study: AdversarialStudy, measured: list[Row], found: dict[str, Any]) -> None:
    """Write the rows, and the picture."""
    write_csv(request.folder.path / f"{TABLE}.csv", measured)
    adversarial_png(found[TABLE], study, request.folder.path / "adversarial.png")


def tell(request: Request, study: AdversarialStudy, measured: list[Row], found: dict[str, Any]) -> str:
    """Return the page."""
    return adversarial_page(found[TABLE], study)


STUDY = Study(settings_of, run, summarise, draw, tell)
