"""Tell whoever started an in-process run about every finished round.

A ServerApp has no argument for this: it gets a grid and a context of plain values. So the listener rides along in a
context variable. (Under Ray the server is another process, and `qfl.federation.ray` follows the run folder.)
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any

OnRound = Callable[[dict[str, Any]], None]
_listener: ContextVar[OnRound | None] = ContextVar("listener", default=None)


@contextmanager
def listening(on_round: OnRound) -> Iterator[None]:
    """Have `tell` call ``on_round`` within the block."""
    token = _listener.set(on_round)
    try:
        yield
    finally:
        _listener.reset(token)


def tell(row: dict[str, Any]) -> None:
    """Pass a finished round's row to the listener, if there is one."""
    if listener := _listener.get():
        listener(row)
