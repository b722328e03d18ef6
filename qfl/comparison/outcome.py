"""What a comparison says at its end: one JSON object, three CSV files, a picture and a page."""

import csv
import io
import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

from qfl.comparison.claims import PAPER_FASTER_PERCENT, PAPER_GAIN_PERCENT, claims
from qfl.comparison.curves import UNITS, curve_of
from qfl.comparison.figures import entries
from qfl.comparison.settings import ComparisonSettings
from qfl.comparison.summary import bound_mbps, spread, summarise, summarise_small, tight
from qfl.results import Row, RunFolder, write_atomically
from qfl.wireless.scenario import VARIANTS


def outcome(folder: RunFolder, settings: ComparisonSettings, rows: Sequence[Row]) -> dict[str, Any]:
    """Return the numbers of a comparison, ready for JSON: what is not finite is null."""
    cell, times = settings.scenario, folder.header["round_time"]
    found = {
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
        "methods": {name: asdict(summary) for name, summary in summarise(rows).items()},
        "paper": {"gain_percent": PAPER_GAIN_PERCENT, "faster_percent": PAPER_FASTER_PERCENT},
        "claims": [asdict(claim) for claim in claims(rows)],
        "round_time": {name: asdict(spread(values)) for name, values in times.items()},
        "small": {name: asdict(summary) for name, summary in summarise_small(rows).items()},
    }
    return _finite(found)


def write_tables(folder: RunFolder, rows: Sequence[Row]) -> None:
    """Write methods.csv, curves.csv and claims.csv into the run folder."""
    methods = [_flat(asdict(summary)) for summary in summarise(rows).values()]
    _write_csv(folder.path / "methods.csv", methods)
    _write_csv(folder.path / "claims.csv", [_flat(asdict(claim)) for claim in claims(rows)])
    _write_csv(folder.path / "curves.csv", _curve_rows(rows))


def _curve_rows(rows: Sequence[Row]) -> Iterable[dict[str, Any]]:
    for entry in entries(rows):
        for unit in UNITS:
            curve = curve_of(rows, entry.name, unit)
            for x, mean, low, high in zip(curve.x, curve.mean, curve.low, curve.high, strict=True):
                yield {
                    "method": entry.name,
                    "unit": unit,
                    "amount": f"{x:.6g}",
                    "percent_of_bound": f"{mean:.4f}",
                    "low": f"{low:.4f}",
                    "high": f"{high:.4f}",
                }


def _write_csv(path: Path, lines: Iterable[Mapping[str, Any]]) -> None:
    written = list(lines)
    with io.StringIO(newline="") as text:
        writer = csv.DictWriter(text, list(written[0]) if written else [])
        writer.writeheader()
        writer.writerows(written)
        write_atomically(path, text.getvalue().encode())


def _flat(node: Mapping[str, Any], prefix: str = "") -> dict[str, Any]:
    """Return nested tables as one, names joined by underscores.

    Example:
        >>> _flat({"value_mbps": {"mean": 1.0, "sd": 0.5}})
        {'value_mbps_mean': 1.0, 'value_mbps_sd': 0.5}
    """
    flat: dict[str, Any] = {}
    for key, value in node.items():
        flat |= _flat(value, f"{prefix}{key}_") if isinstance(value, Mapping) else {f"{prefix}{key}": value}
    return flat


def _finite(node: Any) -> Any:
    if isinstance(node, Mapping):
        return {key: _finite(value) for key, value in node.items()}
    if isinstance(node, list):
        return [_finite(value) for value in node]
    return None if isinstance(node, float) and not math.isfinite(node) else node
