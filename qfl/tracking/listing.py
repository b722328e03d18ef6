"""Which runs a folder holds and what each came to, read quickly: a thousand in a few seconds.

A listing goes on with nothing, so rows are parsed by the plain parser; where that fails, or finds what cannot be, the
strict readers of `qfl.results` say in a sentence what is wrong with the folder.
"""

import fcntl
import json
import math
import os
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, NoReturn

from qfl.errors import Damaged, RunFolderError
from qfl.reading import read_bytes
from qfl.results import Row, RunFolder
from qfl.specs import TASKS

HEADER, LEFT = "run.json", ("rounds.jsonl", "clients.jsonl", "checkpoint.npz")
MOST_LEVELS = 4  # of folders below the one that is listed
STATES = ("completed", "running", "interrupted", "failed")
MOST_BYTES = 2**30  # of a table of rounds


@dataclass(frozen=True)
class Entry:
    """One run of a listing.

    Args:
        name: Its path from the folder that is listed.
        path: Its folder.
        date: When it was begun, as run.json has it (UTC, ISO 8601); empty where it does not say.
        kind: What was run: empty for a federation, else the kind of study.
        state: ``completed``, ``running``, ``interrupted``, ``failed`` or ``damaged``.
        settings: By flat key.
        done: Rounds that are done.
        metric: Name of the task's figure of merit; empty where there is none.
        last: The figure of merit at the last round that was tested.
        best: The largest that any round had.
        loss: The loss at the last round that was tested.
        seconds: That all rounds took together.
        source: Digest of the source that ran.
        fault: What is wrong with the folder, a sentence; empty where it is sound.
    """

    name: str
    path: Path
    date: str = ""
    kind: str = ""
    state: str = "damaged"
    settings: Mapping[str, Any] = field(default_factory=dict)
    done: int | None = None
    metric: str = ""
    last: float | None = None
    best: float | None = None
    loss: float | None = None
    seconds: float | None = None
    source: str = ""
    fault: str = ""

    def row(self) -> Row:
        """Return the entry as plain values, with task, model and strategy beside the settings that name them."""
        own = {name: getattr(self, name) for name in ("name", "date", "kind", "state")}
        return own | {
            "folder": str(self.path),
            **{key.partition(".")[0]: self.settings.get(key) for key in ("task", "model.name", "strategy.name")},
            "rounds": self.settings.get("rounds"),
            **{name: getattr(self, name) for name in ("done", "metric", "last", "best", "loss", "seconds", "source")},
            "settings": dict(self.settings),
            "fault": self.fault,
        }


def list_runs(folder: Path) -> list[Entry]:
    """Return the runs in a folder and in those below it, newest first; damaged ones, which have no date, come last.

    Args:
        folder: Such as ``runs``; it may be a run folder itself.

    Raises:
        RunFolderError: If there is no such folder, or it cannot be read.

    Example:
        >>> import tempfile
        >>> root = tempfile.mkdtemp()
        >>> run = RunFolder.create("toy", {"status": "completed", "settings": {"task": "classify"}}, root=root)
        >>> [(entry.name == run.path.name, entry.state) for entry in list_runs(Path(root))]
        [(True, 'completed')]
    """
    try:
        root = folder.resolve()
        found = [read_entry(path, _name(path, root)) for path in _run_folders(root, MOST_LEVELS)]
    except (OSError, ValueError, RuntimeError) as error:  # RuntimeError: links in a circle
        why = error.strerror if isinstance(error, OSError) else error
        raise RunFolderError(
            f"cannot list the runs in {str(folder)!r} ({why}); give a folder with run folders, such as runs"
        ) from None
    return sorted(found, key=lambda entry: (entry.date, entry.name), reverse=True)


def read_entry(path: Path, name: str) -> Entry:
    """Return what a run folder says of its run; a damaged one says why.

    Args:
        path: The folder.
        name: What it is called in the listing.
    """
    try:
        header = _object(read_bytes(path / HEADER))
        rows = [_object(line) for line in _lines(path / "rounds.jsonl")]
        return _entry(path, name, header, rows)
    except (Damaged, ValueError, TypeError, KeyError, RecursionError):
        return Entry(name, path, fault=_fault(path))


def is_running(path: Path) -> bool:
    """Return whether a process holds the lock of a run folder: its run is still going."""
    try:
        handle = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
    except OSError:
        return False
    try:
        fcntl.flock(handle, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except BlockingIOError:
        return True
    finally:
        os.close(handle)
    return False


def _run_folders(folder: Path, levels: int) -> Iterator[Path]:
    """Yield the run folders at and below a folder; what lies below a run folder is its own."""
    with os.scandir(folder) as entries:
        inside = sorted((each for each in entries if not each.name.startswith(".")), key=lambda each: each.name)
    names = {entry.name for entry in inside}
    own = HEADER in names or not names.isdisjoint(LEFT)
    if own:
        yield folder
    if levels and (not own or levels == MOST_LEVELS):
        for entry in inside:
            if entry.is_dir(follow_symlinks=False) and os.access(entry.path, os.R_OK | os.X_OK):
                yield from _run_folders(Path(entry.path), levels - 1)


def _entry(path: Path, name: str, header: Row, rows: list[Row]) -> Entry:
    settings, state, kind = header["settings"], header["status"], header.get("kind", "")
    if not isinstance(settings, dict) or state not in STATES or not isinstance(kind, str):
        raise ValueError
    task = TASKS.get(str(settings.get("task"))) if not kind else None
    metric = task.metric.name if task else ""
    scores, losses = _numbers(rows, metric), _numbers(rows, "loss")
    return Entry(
        name,
        path,
        _word(header, "created"),
        kind,
        "interrupted" if state == "running" and not is_running(path) else state,
        settings,
        max((_round(row) for row in rows), default=None if kind else 0),
        metric,
        scores[-1] if scores else None,
        max(scores, default=None),
        losses[-1] if losses else None,
        sum(_numbers([row["seconds"] for row in rows], "total")) if rows else None,
        _word(header, "source"),
    )


def _fault(path: Path) -> str:
    """Return what the strict readers say of a folder."""
    try:
        folder = RunFolder(path)
        header = folder.header
        for row in folder.rounds():
            if not isinstance(row.get("seconds"), dict):
                return f"{path / 'rounds.jsonl'} has a row with no seconds; the run folder is damaged"
    except RunFolderError as error:
        return str(error)
    absent = [key for key in ("settings", "status") if key not in header]
    what = f"has no {absent[0]!r}" if absent else "holds other entries than qfl writes"
    return f"{path / HEADER} {what}; the run folder is damaged, or another program's"


def _object(content: bytes) -> Row:
    found = json.loads(content, parse_constant=_refuse)
    if not isinstance(found, dict):
        raise ValueError
    return found


def _lines(path: Path) -> list[bytes]:
    """Return the whole lines of a table; a last one that was cut off by a kill is left out."""
    if not os.path.lexists(path):
        return []
    *lines, last = read_bytes(path, MOST_BYTES).split(b"\n")
    return [*lines, last] if last.endswith(b"}") else lines


def _numbers(rows: list[Row], name: str) -> list[float]:
    values = (row.get(name) for row in rows)
    return [value for value in values if isinstance(value, int | float) and math.isfinite(value)]


def _round(row: Row) -> int:
    if type(row["round"]) is not int:
        raise ValueError
    return row["round"]


def _word(header: Row, key: str) -> str:
    return value if isinstance(value := header.get(key), str) else ""


def _name(path: Path, root: Path) -> str:
    return path.relative_to(root).as_posix() if path != root else path.name


def _refuse(constant: str) -> NoReturn:
    raise ValueError(constant)
