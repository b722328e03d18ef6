"""How many shots a piece of work takes of a device, counted where circuits are executed, gradients included.

The extra ones are those of circuits that are run beside the plain one for the sake of error mitigation, or of a cut.
"""

from collections.abc import Generator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from typing import Any


@dataclass
class ShotCount:
    """Shots so far.

    Args:
        shots: All of them.
        extra: Those among them that the plain circuits would not have taken.
    """

    shots: int = 0
    extra: int = 0


_count: ContextVar[ShotCount | None] = ContextVar("shot count", default=None)
_extra: ContextVar[bool] = ContextVar("extra shots", default=False)


@contextmanager
def counted() -> Generator[ShotCount, None, None]:
    """Count the shots of what is run within, on this thread.

    Example:
        >>> with counted() as found:
        ...     add_shots(100)
        ...     with beside_the_plain_one():
        ...         add_shots(50)
        >>> found
        ShotCount(shots=150, extra=50)
    """
    token = _count.set(found := ShotCount())
    try:
        yield found
    finally:
        _count.reset(token)


@contextmanager
def beside_the_plain_one(beside: bool = True) -> Generator[None, None, None]:
    """Count what is run within as extra."""
    token = _extra.set(beside)
    try:
        yield
    finally:
        _extra.reset(token)


def add_shots(shots: int, extra: int | None = None) -> None:
    """Add shots to the count, if somebody counts.

    Args:
        shots: How many were run.
        extra: How many of them are extra; None takes all or none, as `beside_the_plain_one` says.
    """
    if (found := _count.get()) is not None:
        found.shots += shots
        found.extra += shots * _extra.get() if extra is None else extra


def counting(device: Any) -> Any:
    """Return a PennyLane device whose shots are added to the count of this moment, whenever they are run."""
    found, beside, execute = _count.get(), _extra.get(), device.execute
    if found is None:
        return device

    def count_and_execute(circuits: Any, *given: Any, **named: Any) -> Any:
        shots = sum((each.shots.total_shots or 0) * (each.batch_size or 1) for each in circuits)
        found.shots += shots
        found.extra += shots * beside
        return execute(circuits, *given, **named)

    device.execute = count_and_execute
    return device
