"""What the clients' quantum devices ran, as a table of the report: shots, and those that mitigation or cuts cost."""

import numpy as np
from numpy.typing import NDArray

from qfl.report.formatting import count, percent
from qfl.report.record import Record, table


def device_facts(record: Record) -> list[tuple[str, str]]:
    """Return names and values of what devices ran; nothing where no device counted a shot."""
    shots, extra = record.column("shots"), record.column("extra_shots")
    tested = table(record.rounds, "test_shots")
    of_tests = tested if tested.shape[1] == 2 else np.full((len(record.rounds), 2), np.nan)
    if not np.nansum([np.nansum(shots), np.nansum(of_tests)]):
        return []
    mitigation = str(record.settings.get("device.mitigation", "none"))
    named = [
        ("errors undone by", "" if mitigation == "none" else mitigation),
        ("shots of the clients", _sum(shots)),
        ("extra ones among them", _extra(shots, extra)),
        ("shots of the tests", _sum(of_tests[:, 0])),
        ("extra ones of the tests", _extra(of_tests[:, 0], of_tests[:, 1])),
    ]
    return [(name, value) for name, value in named if value]


def _sum(values: NDArray[np.float64]) -> str:
    total = float(np.nansum(values))
    return count(total) if total else ""


def _extra(shots: NDArray[np.float64], extra: NDArray[np.float64]) -> str:
    total, more = float(np.nansum(shots)), float(np.nansum(extra))
    return f"{count(more)} ({percent(more / total)})" if total and more else ""
