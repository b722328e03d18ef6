"""What a comparison says at its end: one JSON object, three CSV files, a picture and a page."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict
from typing import Any

from qfl.config.cell import VARIANTS
from qfl.results import Row, RunFolder
from qfl.spread import finite, spread
from qfl.studies.csv_files import flat, write_csv
from qfl.studies.schedulers.claims import Paper, claims
from qfl.studies.schedulers.curves import UNITS, curve_of
from qfl.studies.schedulers.figures import entries
from qfl.studies.schedulers.settings import ComparisonSettings
from qfl.studies.schedulers.summary import bound_mbps, failures, summarise, summarise_small, tight


def outcome(
    folder: RunFolder, settings: ComparisonSettings, rows: Sequence[Row], paper: Paper | None = None
) -> dict[str, Any]:
    """Return the numbers of a comparison, ready for JSON: what is not finite is null.

    Args:
        folder: The comparison's, whose run.json has the times of a round.
        settings: What was compared.
        rows: One for each method and instance.
        paper: What a paper says; nothing if None.
    """
    cell, times, paper = settings.scenario, folder.header["round_time"], paper or Paper()
    numbers = {
        "run": str(folder.path),
        "objective": settings.objective,
        "variant": cell.variant,
        "variant_means": VARIANTS[cell.variant],
        "seeds": settings.seeds,
        "devices": cell.num_devices,
        "channels": cell.num_channels,
        "bound": {
            "value_mbps": asdict(bound_mbps(rows)),
            "tight": tight(rows),
            "holds_for": "the unweighted sum rate of every variant",
        },
        "methods": summarise(rows),
        "paper": {"gain_percent": paper.gain_percent, "faster_percent": paper.faster_percent},
        "claims": claims(rows),
        "round_time": {name: asdict(spread(values)) for name, values in times.items()},
        "small": summarise_small(rows),
        "failures": [{key: row.get(key) for key in ("case", "method", "seed", "error")} for row in failures(rows)],
    }
    return finite(numbers)


def write_tables(folder: RunFolder, rows: Sequence[Row], numbers: Mapping[str, Any]) -> None:
    """Write methods.csv, curves.csv and claims.csv into the run folder.

    Args:
        folder: The comparison's.
        rows: One for each method and instance.
        numbers: As `outcome` returned them.
    """
    write_csv(folder.path / "methods.csv", map(flat, numbers["methods"].values()))
    write_csv(folder.path / "claims.csv", map(flat, numbers["claims"]))
    write_csv(folder.path / "curves.csv", _curve_rows(rows))


def _curve_rows(rows: Sequence[Row]) -> Iterable[dict[str, Any]]:
    for entry in entries(rows):
        for unit in UNITS:
            curve = curve_of(rows, entry.name, unit)
            for line in curve.lines("percent_of_bound", 4) if curve else ():
                yield {"method": entry.name, "unit": unit} | line
