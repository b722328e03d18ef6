"""A run folder, read for drawing: what is absent, null or of the wrong type is NaN or empty, never an error."""

import math
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from jaxtyping import Float
from numpy.typing import NDArray

from qfl.errors import RunFolderError
from qfl.gaps import gaps
from qfl.metric import Metric
from qfl.results import Row, RunFolder
from qfl.specs import TASKS, metric_of

PARTS = ("model", "signature", "envelope")
PHASES = ("train", "verify", "aggregate", "evaluate", "broadcast", "select", "checkpoint")
LAST_ROUND = 2**53  # of round numbers that a float holds exactly
MOST_ROUNDS = 1_000_000  # above, a round number is damage rather than a gap
LARGEST, SMALLEST = 1e100, 1e-100  # no measured number lies beyond; keeps sums, squares and ratios finite


@dataclass(frozen=True)
class Record:
    """One run.

    Args:
        header: run.json.
        rounds: One row per round, in order of rounds; round 0 evaluates the initial angles.
        clients: One row per round and asked client, in order of rounds.
    """

    header: Row
    rounds: Sequence[Row]
    clients: Sequence[Row]

    @property
    def metric(self) -> Metric:
        """What the run's task is measured by."""
        if (task := str(self.settings.get("task"))) in TASKS:
            return metric_of(task)
        return _own_metric(self.section("metric")) or metric_of("classify")

    @property
    def settings(self) -> Row:
        """The flat settings."""
        return self.section("settings")

    def section(self, name: str) -> Row:
        """Return a table of run.json, empty where there is none."""
        value = self.header.get(name)
        return value if isinstance(value, dict) else {}

    def word(self, *path: str) -> str:
        """Return a text of run.json, empty where there is none."""
        value = _follow(self.header, path)
        return value if isinstance(value, str) else ""

    def number(self, *path: str) -> float:
        """Return a number of run.json, NaN where there is none."""
        return as_number(_follow(self.header, path))

    def column(self, *path: str) -> NDArray[np.float64]:
        """Return one number per round, such as ``column("bytes_up", "model")``."""
        return column(self.rounds, *path)

    @property
    def gaps(self) -> list[str]:
        """What is missing of the rows, a sentence each."""
        last_round = max((row["round"] for row in self.rounds), default=0)
        done = self.number("final", "rounds")
        if 0 < done <= MOST_ROUNDS:
            last_round = max(last_round, int(done))
        return gaps(self.rounds, self.clients, last_round) if self.rounds and last_round <= MOST_ROUNDS else []

    @property
    def trained(self) -> "Record":
        """The same run without round 0, in which nobody was asked."""
        return Record(self.header, [row for row in self.rounds if row["round"] > 0], self.clients)


def read_record(run: RunFolder) -> Record:
    """Return what a run folder holds.

    A round that a killed run wrote and its resumption repeated counts once, as it was written last.

    Raises:
        RunFolderError: If run.json is no object, a row has no round number, or a file cannot be read.
    """
    header = run.header
    if not isinstance(header, dict):
        raise RunFolderError(f"{run.path / 'run.json'} holds no JSON object; the run folder is damaged")
    rounds = {row["round"]: row for row in _rows(run, "rounds")}
    clients = {(row["round"], str(row.get("client"))): row for row in _rows(run, "clients")}
    return Record(header, [rounds[key] for key in sorted(rounds)], [clients[key] for key in sorted(clients)])


def column(rows: Iterable[Row], *path: str) -> NDArray[np.float64]:
    """Return one number per row, NaN where there is none."""
    return np.array([as_number(_follow(row, path)) for row in rows], dtype=np.float64)


def table(rows: Sequence[Row], key: str) -> Float[np.ndarray, "row entry"]:
    """Return a list-valued column as a matrix, NaN where entries are absent."""
    lists = [entries if isinstance(entries := row.get(key), list) else [] for row in rows]
    matrix = np.full((len(lists), max(map(len, lists), default=0)), np.nan)
    for index, entries in enumerate(lists):
        matrix[index, : len(entries)] = [as_number(entry) for entry in entries]
    return matrix


def last(values: NDArray[np.float64]) -> float:
    """Return the last known value, NaN where there is none."""
    known = values[np.isfinite(values)]
    return float(known[-1]) if known.size else math.nan


def as_number(value: Any) -> float:
    """Return a number as it was written, NaN for anything else."""
    if isinstance(value, bool) or not isinstance(value, int | float) or not abs(value) < LARGEST:
        return math.nan
    return float(value) if abs(value) > SMALLEST else 0.0


def _follow(node: Any, path: Sequence[str]) -> Any:
    for key in path:
        node = node.get(key) if isinstance(node, dict) else None
    return node


def _rows(run: RunFolder, name: str) -> Iterator[Row]:
    try:
        rows = run.rows(name)
    except OSError as error:
        raise RunFolderError(f"cannot read {run.path / name}.jsonl ({error.strerror}); see its permissions") from None
    for index, row in enumerate(rows, start=1):
        if not _is_round(row.get("round")):
            raise RunFolderError(
                f"row {index} of {run.path / name}.jsonl has no round number; the run folder is damaged"
            )
        yield row


def _is_round(value: Any) -> bool:
    return type(value) is int and 0 <= value <= LAST_ROUND


def _own_metric(told: Row) -> Metric | None:
    """Return the metric of a user's own task, as run.json has it; None where it has none."""
    try:
        return Metric(**dict(told))
    except TypeError:
        return None
