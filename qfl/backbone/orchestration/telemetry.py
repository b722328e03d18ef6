"""What the orchestrator promised and what came of it: an append-only log in one SQLite file.

Every job, every decision and every outcome is a row; rows are added and never changed. A job is admitted once (its name
is the idempotency key), and ends once: its outcome and the decision behind it are one transaction. An orchestrator that
is killed at any moment leaves a file in which every admitted job has ended or waits; the next one goes on with those.
"""

import json
import sqlite3
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from math import isfinite
from pathlib import Path
from threading import Lock
from typing import Any

from qfl.errors import ConfigError, UserError
from qfl.writing import alone

FILE = "telemetry.sqlite"
SCHEMA = """
CREATE TABLE IF NOT EXISTS jobs (
    number INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE, admitted_s REAL NOT NULL, deadline_s REAL NOT NULL,
    payload TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS outcomes (
    number INTEGER PRIMARY KEY REFERENCES jobs, ended_s REAL NOT NULL, decision TEXT NOT NULL, outcome TEXT NOT NULL);
CREATE TRIGGER IF NOT EXISTS jobs_stay BEFORE UPDATE ON jobs BEGIN SELECT RAISE(ABORT, 'rows are not changed'); END;
CREATE TRIGGER IF NOT EXISTS outcomes_stay BEFORE UPDATE ON outcomes
    BEGIN SELECT RAISE(ABORT, 'rows are not changed'); END;
CREATE TRIGGER IF NOT EXISTS jobs_kept BEFORE DELETE ON jobs BEGIN SELECT RAISE(ABORT, 'rows are not removed'); END;
CREATE TRIGGER IF NOT EXISTS outcomes_kept BEFORE DELETE ON outcomes
    BEGIN SELECT RAISE(ABORT, 'rows are not removed'); END;
"""


@dataclass(frozen=True)
class Waiting:
    """A job that was admitted and has not ended.

    Args:
        number: In the order of admission, from 1 on.
        name: Its name.
        admitted_s: When it was admitted, in seconds of the orchestrator's clock.
        deadline_s: When its result must be there, by the same clock.
        payload: What is to be done, plain values.
    """

    number: int
    name: str
    admitted_s: float
    deadline_s: float
    payload: Mapping[str, Any]


class Taken(ConfigError):
    """A name that was given to a job of another content."""


class Telemetry:
    """The log of one orchestrator; `telemetry_in` opens it. Threads may share it.

    Args:
        connection: To the file, in autocommit mode.
    """

    def __init__(self, connection: sqlite3.Connection):
        self._connection, self._lock = connection, Lock()

    def admit(self, name: str, payload: Mapping[str, Any], *, now_s: float, deadline_s: float) -> int:
        """Admit a job and return its number; one that was admitted before, with the same payload, keeps its own.

        Args:
            name: The idempotency key.
            payload: Plain values.
            now_s: Seconds of the orchestrator's clock.
            deadline_s: By the same clock, after now.

        Raises:
            ConfigError: If the deadline is past.
            Taken: If the name was given to another payload.
        """
        if not name or not (isfinite(now_s) and isfinite(deadline_s) and deadline_s > now_s):
            raise ConfigError(
                f"job {name!r} has the deadline {deadline_s:g} s, and it is {now_s:g} s; give a name and a finite "
                "deadline that is still to come"
            )
        text = _plain(payload)
        added = "INSERT OR IGNORE INTO jobs (name, admitted_s, deadline_s, payload) VALUES (?, ?, ?, ?)"
        self._rows(added, (name, now_s, deadline_s, text))
        ((number, before),) = self._rows("SELECT number, payload FROM jobs WHERE name = ?", (name,))
        if before != text:
            raise Taken(f"job {name!r} was admitted with another content; give this one another name")
        return int(number)

    def waiting(self, most: int | None = None) -> list[Waiting]:
        """Return the jobs that have not ended, the earliest deadline first; all, or so many."""
        rows = self._rows(
            "SELECT number, name, admitted_s, deadline_s, payload FROM jobs "
            "WHERE number NOT IN (SELECT number FROM outcomes) ORDER BY deadline_s, number LIMIT ?",
            (-1 if most is None else most,),
        )
        return [Waiting(number, name, at, deadline, json.loads(text)) for number, name, at, deadline, text in rows]

    def end(self, number: int, outcome: Mapping[str, Any], decision: Mapping[str, Any], *, now_s: float) -> bool:
        """Write what came of a job, and say whether it had not ended yet; a second outcome is not written.

        Args:
            number: Of the job.
            outcome: Plain values.
            decision: The policy's row.
            now_s: Seconds of the orchestrator's clock.

        Raises:
            ConfigError: If no such job was admitted.
        """
        row = (number, now_s, _plain(decision), _plain(outcome))
        try:
            with self._lock:
                added = self._connection.execute("INSERT OR IGNORE INTO outcomes VALUES (?, ?, ?, ?)", row)
                return added.rowcount == 1
        except sqlite3.IntegrityError:
            raise ConfigError(f"job {number} was never admitted; give the number that `admit` returned") from None

    def count_waiting(self) -> int:
        """Return how many jobs have not ended."""
        return int(self._rows("SELECT (SELECT count(*) FROM jobs) - (SELECT count(*) FROM outcomes)")[0][0])

    def outcomes(self, name: str | None = None, last: int | None = None) -> Iterator[dict[str, Any]]:
        """Yield every job that has ended, in the order of admission, with its decision and its outcome.

        Args:
            name: Only the job of this name.
            last: Only so many, those that ended last, the latest first.
        """
        rows = self._rows(
            "SELECT number, name, admitted_s, deadline_s, ended_s, decision, outcome FROM jobs JOIN outcomes "
            f"USING (number) WHERE ? IS NULL OR name = ? ORDER BY {'ended_s DESC' if last else 'number'} LIMIT ?",
            (name, name, last or -1),
        )
        keys = ("number", "name", "admitted_s", "deadline_s", "ended_s")
        for *values, decision, outcome in rows:
            yield dict(zip(keys, values, strict=True)) | {
                "in_time": values[4] <= values[3],
                "decision": json.loads(decision),
                "outcome": json.loads(outcome),
            }

    def solved(self, most: int) -> list[dict[str, Any]]:
        """Return what was asked in the jobs that were solved, those of the last ``most``, in the order of admission."""
        rows = self._rows(
            "SELECT payload FROM (SELECT number, payload, outcome FROM jobs JOIN outcomes USING (number) "
            "ORDER BY number DESC LIMIT ?) WHERE json_extract(outcome, '$.status') = 'solved' ORDER BY number",
            (most,),
        )
        return [json.loads(payload) for (payload,) in rows]

    def admitted(self, name: str) -> bool:
        """Return whether a job of a name was admitted."""
        return bool(self._rows("SELECT 1 FROM jobs WHERE name = ?", (name,)))

    def _rows(self, query: str, values: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
        with self._lock:
            return self._connection.execute(query, values).fetchall()


@contextmanager
def telemetry_in(folder: Path) -> Iterator[Telemetry]:
    """Open the log of a folder, for this process alone; it is made if there is none.

    Raises:
        UserError: If another process holds the folder, or the file is no such log.

    Example:
        >>> import tempfile
        >>> with telemetry_in(Path(tempfile.mkdtemp())) as log:
        ...     number = log.admit("a", {"x": 1}, now_s=0.0, deadline_s=2.0)
        ...     log.end(number, {"energy": -1.0}, {"asked": []}, now_s=0.5), log.end(number, {}, {}, now_s=0.6)
        (True, False)
    """
    with alone(folder):
        connection = sqlite3.connect(folder / FILE, isolation_level=None, check_same_thread=False)
        try:
            connection.execute("PRAGMA journal_mode = WAL")
            connection.execute("PRAGMA synchronous = FULL")
            connection.execute("PRAGMA foreign_keys = ON")
            connection.executescript(SCHEMA)
            yield Telemetry(connection)
        except sqlite3.DatabaseError as error:
            raise UserError(f"{folder / FILE} cannot be used ({error}); put a backup there, or move it away") from None
        finally:
            connection.close()


def _plain(values: Mapping[str, Any]) -> str:
    try:
        return json.dumps(dict(values), sort_keys=True, allow_nan=False)
    except (TypeError, ValueError) as error:
        raise ConfigError(
            f"a job holds what is no plain value ({error}); give numbers, texts, lists and tables"
        ) from None
