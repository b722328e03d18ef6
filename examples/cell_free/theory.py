"""The paper's theory, measured: Eq. (21) over layers and neurons, Lemmas 1 to 3, depth, dimensions, and a limit."""

from typing import Any

from qfl.studies.csv_files import flat, write_csv
from qfl.studies.request import Request
from qfl.studies.study import Study

from .theory_claims import claims
from .theory_measure import TABLES, Row, counts
from .theory_page import theory_page
from .theory_picture import theory_png
from .theory_settings import Theory, settings_of
from .theory_summary import numbers_of

Measured = dict[str, list[Row]]


def run(request: Request, study: Theory) -> Measured:
    """Return the rows of all seeds by table; what the folder holds is not measured again."""
    for seed in study.seeds:
        for name, measure in TABLES.items():
            if seed not in {row["seed"] for row in request.folder.rows(name)}:
                request.folder.append(name, list(measure(study, seed)))
                request.show(f"seed {seed}: {name}")
    if not request.folder.rows("counts"):
        request.folder.append("counts", list(counts(study)))
    return {name: request.folder.rows(name) for name in (*TABLES, "counts")}


def summarise(request: Request, study: Theory, measured: Measured) -> dict[str, Any]:
    """Return the numbers, and under ``claims`` a row for every statement of the paper."""
    numbers = numbers_of(study, measured)
    return numbers | {"claims": claims(numbers)}


def draw(request: Request, study: Theory, measured: Measured, numbers: dict[str, Any]) -> None:
    """Write gradients, counts and claims as CSV, and the picture."""
    path = request.folder.path
    write_csv(path / "gradients.csv", map(flat, numbers["gradients"]))
    write_csv(path / "counts.csv", numbers["counts"])
    write_csv(path / "claims.csv", numbers["claims"])
    theory_png(numbers, path / "theory.png")


STUDY = Study(
    settings_of, run, summarise, draw, lambda request, study, measured, numbers: theory_page(numbers, request.quick)
)
