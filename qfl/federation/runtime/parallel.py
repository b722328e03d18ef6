"""Signatures on all cores: `cryptography` lets other threads run while it signs and verifies."""

import os
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

Result = TypeVar("Result")


def on_all_cores(function: Callable[..., Result], *columns: Iterable) -> list[Result]:
    """Return ``[function(*row) for row in zip(*columns)]``, rows worked on at the same time, results in order.

    Example:
        >>> on_all_cores(pow, [2, 3], [5, 2])
        [32, 9]
    """
    rows = list(zip(*columns, strict=True))
    workers = min(len(rows), len(os.sched_getaffinity(0)))
    if workers < 2:
        return [function(*row) for row in rows]
    with ThreadPoolExecutor(workers) as pool:
        return list(pool.map(lambda row: function(*row), rows))
