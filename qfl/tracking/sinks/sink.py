"""What a sink is: whatever takes a run's rows, one a round, as ``rounds.jsonl`` has them."""

import math
from collections.abc import Iterator, Mapping
from typing import Any, Protocol, runtime_checkable

from qfl.config import Settings
from qfl.results import Row


@runtime_checkable
class Sink(Protocol):
    """Takes the rows of one run. What it raises costs the run nothing: the sink is told no more, and a line says so."""

    def start(self, settings: Settings) -> None:
        """Begin, or go on where ``settings.run.resume`` says so.

        Args:
            settings: The run's; ``settings.run.folder`` is its folder, with run.json in it.
        """

    def row(self, row: Row) -> None:
        """Take one round's row. Rounds come in order, each once, however often the run was resumed."""

    def end(self, summary: Mapping[str, Any]) -> None:
        """End.

        Args:
            summary: ``status`` (completed, interrupted, failed); of a completed run its figure of merit, ``loss``,
                ``rounds``, ``seconds`` and ``angles_sha256``, too.
        """


def numbers(row: Mapping[str, Any]) -> dict[str, float]:
    """Return the numbers of a row by name, those within tables and lists as ``table/name`` and ``list/0``.

    The round's number is left out, and so is what is absent, a text, or not finite.

    Example:
        >>> numbers({"round": 3, "loss": 0.5, "per_class": [1.0, None], "seconds": {"total": 2}, "failure": None})
        {'loss': 0.5, 'per_class/0': 1.0, 'seconds/total': 2.0}
    """
    return {name: value for name, value in _leaves(row, "") if name != "round"}


def _leaves(node: Any, name: str) -> Iterator[tuple[str, float]]:
    if isinstance(node, Mapping | list):
        for key, inner in node.items() if isinstance(node, Mapping) else enumerate(node):
            yield from _leaves(inner, f"{name}/{key}" if name else str(key))
    elif type(node) in (int, float) and math.isfinite(node):
        yield name, float(node)
