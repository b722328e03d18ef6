"""Numbers into files: nested tables as flat rows of CSV."""

import csv
import io
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from qfl.results import write_atomically


def write_csv(path: Path, lines: Iterable[Mapping[str, Any]]) -> None:
    """Write rows with the same keys; no rows make an empty file."""
    written = list(lines)
    with io.StringIO(newline="") as text:
        writer = csv.DictWriter(text, list(written[0]) if written else [])
        writer.writeheader()
        writer.writerows(written)
        write_atomically(path, text.getvalue().encode())


def flat(node: Mapping[str, Any], prefix: str = "") -> dict[str, Any]:
    """Return nested tables as one, names joined by underscores.

    Example:
        >>> flat({"value_mbps": {"mean": 1.0, "sd": 0.5}})
        {'value_mbps_mean': 1.0, 'value_mbps_sd': 0.5}
    """
    found: dict[str, Any] = {}
    for key, value in node.items():
        found |= flat(value, f"{prefix}{key}_") if isinstance(value, Mapping) else {f"{prefix}{key}": value}
    return found
