"""Rows as a CSV file, for other programs."""

import csv
from collections.abc import Sequence
from pathlib import Path

from qfl.results import Row


def write_csv(path: Path, rows: Sequence[Row]) -> Path:
    """Write rows under the union of their keys, in the order in which keys appear; what a row lacks is left empty."""
    names = list(dict.fromkeys(key for row in rows for key in row))
    with open(path, "w", newline="", encoding="utf-8") as file:
        writer = csv.DictWriter(file, names)
        writer.writeheader()
        writer.writerows(rows)
    return path
