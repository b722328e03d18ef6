"""How long parts of a client's work take, for whoever wants to know: `qfl bench deploy`."""

import time
from collections import defaultdict
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar

_seconds: ContextVar[defaultdict[str, float] | None] = ContextVar("seconds", default=None)


@contextmanager
def collected() -> Iterator[defaultdict[str, float]]:
    """Collect what `timed` measures within the block."""
    seconds: defaultdict[str, float] = defaultdict(float)
    token = _seconds.set(seconds)
    try:
        yield seconds
    finally:
        _seconds.reset(token)


@contextmanager
def timed(part: str) -> Iterator[None]:
    """Add the time spent within to a part, if anybody collects.

    Example:
        >>> with collected() as seconds, timed("crypto"):
        ...     pass
        >>> list(seconds)
        ['crypto']
    """
    start = time.perf_counter()
    try:
        yield
    finally:
        if (seconds := _seconds.get()) is not None:
            seconds[part] += time.perf_counter() - start
