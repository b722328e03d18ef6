"""A run's rows for whoever computes with them: a DataFrame where pandas is installed, else dicts.

One rule: with pandas (the extra ``pandas``), nested values are columns with dotted names, ``seconds.total``; without
it, a row is the dict that its line of the ``.jsonl`` file holds.
"""

from importlib.util import find_spec
from typing import Any

from qfl.results import Row


def table(rows: list[Row]) -> Any:
    """Return rows as a ``pandas.DataFrame``, or as they are where pandas is not installed.

    Args:
        rows: Dicts of plain values, which may be nested.

    Example:
        >>> found = table([{"round": 1, "seconds": {"total": 2.0}}])
        >>> found[0]["seconds"]["total"] if isinstance(found, list) else float(found["seconds.total"][0])
        2.0
    """
    if find_spec("pandas") is None:
        return rows
    import pandas  # type: ignore[import-not-found]

    return pandas.json_normalize(rows)
