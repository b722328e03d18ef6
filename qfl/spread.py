"""Mean, deviation and median of values of which some may be absent: a run that failed, a radio that was off.

Absent is None, NaN and what is infinite; it is left out and never counted as 0. The standard library's functions raise
on NaN or give another number for every order of the values.
"""

import math
import statistics
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

NAN = math.nan


@dataclass(frozen=True)
class Spread:
    """Mean and sample standard deviation over what is known.

    Args:
        mean: NaN where nothing is known.
        sd: NaN below two values.
        count: Values that are known.
    """

    mean: float
    sd: float
    count: int


def spread(values: Iterable[Any]) -> Spread:
    """Return mean, sample standard deviation and number of the known values.

    Example:
        >>> spread([1.0, None, 3.0])
        Spread(mean=2.0, sd=1.4142135623730951, count=2)
        >>> spread([float("nan")])
        Spread(mean=nan, sd=nan, count=0)
    """
    found = known_values(values)
    return Spread(mean(found), deviation(found), len(found))


def mean(values: Iterable[Any]) -> float:
    """Return the mean of the known values, NaN where there is none."""
    found = known_values(values)
    return statistics.fmean(found) if found else NAN


def deviation(values: Iterable[Any]) -> float:
    """Return the sample standard deviation of the known values, NaN below two."""
    found = known_values(values)
    return statistics.stdev(found) if len(found) > 1 else NAN


def median(values: Iterable[Any]) -> float:
    """Return the median of the known values, NaN where there is none."""
    found = known_values(values)
    return statistics.median(found) if found else NAN


def median_time(times: Iterable[float | None]) -> float | None:
    """Return the median of times of which some never came; None where that is half of them or more.

    Args:
        times: None or infinite = never came; NaN = not measured, and left out.

    Example:
        >>> median_time([1.0, 2.0, None]), median_time([1.0, None]), median_time([])
        (2.0, None, None)
    """
    found = [math.inf if time is None else float(time) for time in times if time is None or not math.isnan(time)]
    middle = statistics.median(found) if found else math.inf
    return middle if math.isfinite(middle) else None


def known_values(values: Iterable[Any]) -> list[float]:
    """Return the values that are finite numbers.

    Example:
        >>> known_values([1, None, float("inf"), True, "2"])
        [1.0]
    """
    return [
        float(value)
        for value in values
        if isinstance(value, (int, float)) and not isinstance(value, bool) and math.isfinite(value)
    ]


def or_none(value: float) -> float | None:
    """Return a number, or None for NaN: as JSON and tables keep it."""
    return value if math.isfinite(value) else None


def finite(node: Any) -> Any:
    """Return nested plain values with null for every number that is not finite."""
    if isinstance(node, Mapping):
        return {key: finite(value) for key, value in node.items()}
    if isinstance(node, list | tuple):
        return [finite(value) for value in node]
    return None if isinstance(node, float) and not math.isfinite(node) else node
