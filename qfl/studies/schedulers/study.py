"""The comparison of schedulers as a study: its rows, its numbers, its picture, and its page."""

from collections.abc import Mapping, Sequence
from typing import Any

from qfl.results import Row
from qfl.studies.request import Request
from qfl.studies.schedulers.claims import paper_of
from qfl.studies.schedulers.outcome import outcome, write_tables
from qfl.studies.schedulers.page import tell
from qfl.studies.schedulers.picture import comparison_png
from qfl.studies.schedulers.run import run as measure
from qfl.studies.schedulers.run import show_rows
from qfl.studies.schedulers.settings import ComparisonSettings, comparison_from
from qfl.studies.schedulers.summary_text import headline
from qfl.studies.study import Study


def _run(request: Request, settings: ComparisonSettings) -> list[Row]:
    """Measure every method on every instance, and return all rows."""
    return measure(request.folder, settings, show_rows(request.show))


def _summarise(request: Request, settings: ComparisonSettings, rows: Sequence[Row]) -> dict[str, Any]:
    """Return the numbers."""
    return outcome(request.folder, settings, rows, paper_of(request.checkout))


def _draw(request: Request, settings: ComparisonSettings, rows: Sequence[Row], numbers: Mapping[str, Any]) -> None:
    """Write comparison.png and three CSV files."""
    folder = request.folder
    write_tables(folder, rows, numbers)
    title = f"{headline(numbers)} ({numbers['variant']}, {numbers['seeds']} seeds)"
    comparison_png(rows, numbers, folder.header["round_time"], title, folder.path / "comparison.png")


STUDY = Study(lambda request: comparison_from(request.settings), _run, _summarise, _draw, tell, page="report.html")
