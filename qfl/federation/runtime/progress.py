"""Tell whoever started an in-process run about every finished round.

A ServerApp has no argument for this: it gets a grid and a context of plain values. So the listener rides along in a
context variable. Without one, as under ``flwr run``, a line is printed: it goes to the run's log.
"""

from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any

from qfl.metric import Metric
from qfl.printable import printable

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


class Stopped(Exception):
    """What a listener raised: whoever started the run wants it to stop, and the run itself is sound.

    Args:
        error: That which it raised.
    """

    def __init__(self, error: Exception):
        super().__init__(f"on_round raised {type(error).__name__}: {error}")
        self.error = error


def tell(row: dict[str, Any], metric: Metric) -> None:
    """Pass a finished round's row to the listener, or print its main numbers.

    Raises:
        Stopped: If the listener raises.
    """
    listener = _listener.get()
    if listener is None:
        print(line(row, metric), flush=True)
        return
    try:
        listener(row)
    except Exception as error:
        raise Stopped(error) from error


def tell_refusals(rows: Iterable[dict[str, Any]]) -> None:
    """Print who was not accepted in a round, and why; a listener has the run folder for that."""
    for row in rows if _listener.get() is None else ():
        if row["status"] != "accepted":
            why = printable(f"{row['reason']}: {row['detail']}")
            print(f"round {row['round']}: client {row['client']} {row['status']}: {why}")


def line(row: dict[str, Any], metric: Metric) -> str:
    """Return a round in one line.

    Example:
        >>> from qfl.specs import metric_of
        >>> row = {"round": 3, "loss": 0.25, "accuracy": 0.9, "accepted": 19, "asked": 20, "failure": None}
        >>> line(row, metric_of("classify"))
        'round 3  loss 0.2500  accuracy 0.9000  19 of 20 replies accepted'
    """
    tested = "" if row["loss"] is None else f"  loss {row['loss']:.4f}  {metric.text(row[metric.name])}"
    if row.get("exact_loss") is not None:
        exact = metric.text(row.get(f"exact_{metric.name}"))
        tested += f"  on {row['scored_on']} (exact engine: loss {row['exact_loss']:.4f}  {exact})"
    if row.get("validation_loss") is not None:
        tested += f"  validation {metric.text(row[f'validation_{metric.name}'])}"
    spent = row.get("privacy")
    tested += f"  epsilon {spent['epsilon']:.3g}" if spent else ""
    failure = f"  failed: {printable(row['failure'])}" if row["failure"] else ""
    return f"round {row['round']}{tested}  {row['accepted']} of {row['asked']} replies accepted{failure}"
