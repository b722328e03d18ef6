"""Numbers into files: nested tables as flat rows of CSV."""

import csv
import io
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from qfl.results import write_atomically


def write_csv(path: Path, rows: Iterable[Mapping[str, Any]]) -> None:
    """Write rows under the union of their keys, in the order in which keys appear; what a row lacks is left empty.

    No rows make an empty file.
    """
    written = list(rows)
    names = list(dict.fromkeys(key for row in written for key in row))
    with io.StringIO(newline="") as text:
        writer = csv.DictWriter(text, names)
        writer.writeheader()
        writer.writerows(written)
        write_atomically(path, text.getvalue().encode())


def flat(node: Mapping[str, Any], prefix: str = "") -> dict[str, Any]:
    """Return nested tables as one, names joined by underscores.

    Example:
        >>> flat({"value_mbps": {"mean": 1.0, "sd": 0.5}})
        {'value_mbps_mean': 1.0, 'value_mbps_sd': 0.5}
    """
    plain: dict[str, Any] = {}
    for key, value in node.items():
        plain |= flat(value, f"{prefix}{key}_") if isinstance(value, Mapping) else {f"{prefix}{key}": value}
    return plain
