"""One reproduction from its request to its page: measured, drawn, and put beside what its paper says."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from time import perf_counter

from qfl.results import RunFolder, write_atomically
from qfl.spread import finite
from qfl.studies.claims import claims_of, rows_of, section, write_rows
from qfl.studies.examples import Placed
from qfl.studies.request import Request, finish
from qfl.studies.study import Result
from qfl.tables import count


def reproduce(placed: Placed, request: Request) -> Result:
    """Conduct a study, and leave its rows in the page, in rows.csv and under ``rows`` of the numbers.

    Args:
        placed: The example.
        request: What was asked for.
    """
    claims = claims_of(placed.folder, request.name)
    with _timed(request.folder):
        result = placed.study().conduct(request)
    rows = rows_of(claims, finite(result.numbers))
    write_rows(request.folder.path, rows)
    result = replace(result, numbers={**result.numbers, "rows": rows})
    if rows and result.page.suffix == ".md":
        result = replace(result, text=f"{result.text}\n\n{section(rows)}")
        write_atomically(result.page, f"{result.text}\n".encode())
    finish(request, result)
    return result


@contextmanager
def _timed(folder: RunFolder) -> Iterator[None]:
    """Add the seconds that pass to those that the folder took before."""
    began, told = perf_counter(), folder.header.get("seconds")
    before = float(told) if told and count(told) else 0.0
    try:
        yield
    finally:
        folder.update(seconds=before + perf_counter() - began)
