"""Rows of several seeds, as means over the seeds with the interval that holds the mean at 95 %."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from qfl.spread import mean, or_none
from qfl.studies.bands import interval

Row = Mapping[str, Any]


def means(rows: Iterable[Row], keys: Sequence[str], values: Sequence[str]) -> list[dict[str, Any]]:
    """Return one row for each setting: its keys, and of each value the mean, ``_low`` and ``_high``.

    Args:
        rows: One for each seed and setting.
        keys: What tells settings apart.
        values: What is averaged; None is left out.

    Example:
        >>> rows = [{"seed": seed, "model": "vqc", "accuracy": seed / 4} for seed in (1, 3)]
        >>> means(rows, ("model",), ("accuracy",))[0]["accuracy"]
        0.5
    """
    groups: dict[tuple[Any, ...], list[Row]] = {}
    for row in rows:
        groups.setdefault(tuple(row[key] for key in keys), []).append(row)
    return [dict(zip(keys, names, strict=True)) | _told(own, values) for names, own in groups.items()]


def _told(rows: Sequence[Row], values: Sequence[str]) -> dict[str, Any]:
    told: dict[str, Any] = {}
    for name in values:
        known = [row[name] for row in rows]
        low, high = interval(known)
        told |= {name: or_none(mean(known)), f"{name}_low": or_none(low), f"{name}_high": or_none(high)}
    return told


def chosen(rows: Iterable[Row], **wanted: Any) -> list[Row]:
    """Return the rows that have all of these values.

    Example:
        >>> chosen([{"a": 1, "b": 2}, {"a": 3, "b": 2}], a=3)
        [{'a': 3, 'b': 2}]
    """
    return [row for row in rows if all(row[key] == value for key, value in wanted.items())]
