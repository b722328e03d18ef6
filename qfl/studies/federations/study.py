"""The comparison of federations as a study: its runs, its numbers, its picture, and its page."""

from collections.abc import Mapping, Sequence
from typing import Any

from qfl.report.record import Record
from qfl.studies.federations.curves import read_runs
from qfl.studies.federations.outcome import outcome, write_tables
from qfl.studies.federations.page import tell
from qfl.studies.federations.picture import learning_png
from qfl.studies.federations.run import Check, OnMember, Train, by_label
from qfl.studies.federations.run import run as run_all
from qfl.studies.federations.settings import LearningSettings, from_tables
from qfl.studies.federations.summary_text import headline
from qfl.studies.request import Request
from qfl.studies.study import Study

Records = Mapping[str, Sequence[Record]]


def comparison_of(
    train: Train, on_member: OnMember | None = None, check: Check = lambda settings: None, processes: int = 1
) -> Study:
    """Return the study whose runs are trained by a function.

    Args:
        train: Runs one federation, or goes on with it.
        on_member: Told of every run that is done.
        check: Raises where a federation cannot be begun.
        processes: Runs at a time.
    """

    def run(request: Request, settings: LearningSettings) -> Records:
        return read_runs(by_label(run_all(request.folder, settings, train, on_member, check, processes)))

    return Study(lambda request: from_tables(request.settings), run, _summarise, _draw, tell, page="report.html")


def _summarise(request: Request, settings: LearningSettings, records: Records) -> dict[str, Any]:
    """Return the numbers."""
    return outcome(request.folder, records)


def _draw(request: Request, settings: LearningSettings, records: Records, numbers: Mapping[str, Any]) -> None:
    """Write comparison.png and two CSV files."""
    write_tables(request.folder, records, numbers)
    learning_png(records, numbers, headline(numbers), request.folder.path / "comparison.png")
