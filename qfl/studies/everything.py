"""Every study one after another in one folder, each in a folder of its own, and one page of all.

::

    runs/all-20261130-101500-1f3a/
        run.json         which studies, whether quick, the first seed, changes
        studies.jsonl    a row for each study that ended: name, status, seconds, folder, rows, error
        table1-.../      the folder of each study, as `qfl reproduce NAME` makes it
        README.md        the page: minutes, rows and verdicts of all

A study that ended is not run again; the one that a kill stopped goes on in its own folder.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from qfl.errors import ConfigError, RunFolderError, UserError
from qfl.results import RunFolder, write_atomically
from qfl.studies.all_page import page
from qfl.studies.examples import Placed
from qfl.studies.folder import create, other_source, same_source
from qfl.studies.reproduction import reproduce
from qfl.studies.request import KIND, Request, begin, to_stderr
from qfl.studies.study import Result

ALL, ENDED = "reproductions", "studies"
Row = dict[str, Any]
OnResult = Callable[[Placed, Request, Result], object]


@dataclass(frozen=True)
class Everything:
    """What was asked for.

    Args:
        studies: By name, in their order.
        quick: Less of everything.
        seed: The first seed.
        changes: ``key=value`` each, by study.
    """

    studies: Mapping[str, Placed]
    quick: bool
    seed: int
    changes: Mapping[str, Sequence[str]]


def asked_for(
    there: Mapping[str, Placed], only: Sequence[str], quick: bool, seed: int, changes: Sequence[str]
) -> Everything:
    """Return what to run.

    Args:
        there: All studies.
        only: Names of those that are to be run; all if there is none.
        quick: Less of everything.
        seed: The first seed.
        changes: ``NAME.key=value`` each.

    Raises:
        ConfigError: If a name is that of no study that is run.
    """
    names = list(only or there)
    if unknown := [name for name in names if name not in there]:
        raise ConfigError(f"--only names {unknown[0]!r}; give some of {', '.join(there)}")
    own: dict[str, list[str]] = {}
    for text in changes:
        name, _, change = text.partition(".")
        if name not in names or "=" not in change:
            raise ConfigError(f"--set {text}: with --all give NAME.key=value, NAME one of {', '.join(names)}")
        own.setdefault(name, []).append(change)
    return Everything({name: there[name] for name in names}, quick, seed, own)


def begin_all(asked: Everything, root: str | Path = "runs") -> RunFolder:
    """Return a new folder for them.

    Args:
        asked: What to run.
        root: Where it is made.
    """
    changes = {name: list(own) for name, own in asked.changes.items()}
    more = {"quick": asked.quick, "seed": asked.seed, "changes": changes}
    return create(ALL, "all", list(asked.studies), root=root, **more)


def again(there: Mapping[str, Placed], folder: RunFolder) -> Everything:
    """Return what an interrupted folder was begun for.

    Args:
        there: All studies.
        folder: As `begin_all` returned it.

    Raises:
        RunFolderError: If it is another folder, was begun by another version of the source, or names no studies.
    """
    header = folder.header
    if header.get("kind") != ALL:
        raise RunFolderError(f"{folder.path} is no folder of `qfl reproduce --all`; give one of those")
    if not same_source(folder):
        raise other_source(folder, "one with --all")
    try:
        changes = [f"{name}.{change}" for name, own in header["changes"].items() for change in own]
        return asked_for(there, header["settings"], bool(header["quick"]), int(header["seed"]), changes)
    except (KeyError, TypeError, ValueError, AttributeError, ConfigError) as error:
        raise RunFolderError(f"{folder.path / 'run.json'} names no studies that there are ({error})") from None


def run_everything(
    folder: RunFolder,
    asked: Everything,
    show: Callable[[str], None] = to_stderr,
    on_result: OnResult = lambda placed, request, result: None,
) -> dict[str, Any]:
    """Run what the folder lacks, rewrite the page after every study, and return the numbers.

    A study that fails costs no other: its row says why, and the next attempt begins it again.

    Args:
        folder: As `begin_all` returned it.
        asked: What to run.
        show: Takes a line about the progress.
        on_result: Told of every study that is whole.
    """
    done = {row["name"] for row in folder.rows(ENDED) if row["status"] == "completed"}
    folder.update(status="running")
    for number, (name, placed) in enumerate(asked.studies.items(), start=1):
        if name not in done:
            show(f"[{number}/{len(asked.studies)}] {name}: {placed.example.about}")
            folder.append(ENDED, [_one(folder, asked, name, placed, on_result)])
        write_all(folder, asked)
    numbers = write_all(folder, asked)
    folder.update(status="failed" if numbers["failures"] else "completed")
    return numbers


def write_all(folder: RunFolder, asked: Everything) -> dict[str, Any]:
    """Write the page of what ended so far, and return the numbers.

    Args:
        folder: As `begin_all` returned it.
        asked: What was asked for.
    """
    last = {row["name"]: row for row in folder.rows(ENDED)}
    studies = {name: last[name] for name in asked.studies if name in last}
    numbers = {
        "run": str(folder.path),
        "quick": asked.quick,
        "seconds": sum(row["seconds"] for row in studies.values()),
        "studies": studies,
        "missing": [name for name in asked.studies if name not in studies],
        "failures": {name: row["error"] for name, row in studies.items() if row["status"] != "completed"},
    }
    write_atomically(folder.path / "README.md", f"{page(numbers, folder.header)}\n".encode())
    return numbers | {"page": str(folder.path / "README.md")}


def _one(folder: RunFolder, asked: Everything, name: str, placed: Placed, on_result: OnResult) -> Row:
    """Return the row of a study, run or gone on with."""
    request = None
    try:
        request = _request(folder, asked, name, placed)
        result = reproduce(placed, request)
        on_result(placed, request, result)
    except Exception as error:
        why = str(error) if isinstance(error, UserError) else f"{type(error).__name__}: {error}"
        return _row(name, "failed", request, [], why)
    return _row(name, "completed", request, result.numbers["rows"], "")


def _row(name: str, status: str, request: Request | None, rows: list[Row], error: str) -> Row:
    seconds = request.folder.header.get("seconds", 0.0) if request else 0.0
    inside = request.folder.path.name if request else ""
    return {"name": name, "status": status, "seconds": seconds, "folder": inside, "rows": rows, "error": error}


def _request(folder: RunFolder, asked: Everything, name: str, placed: Placed) -> Request:
    checkout = placed.folder.parent.parent
    common = {"quick": asked.quick, "seed": asked.seed, "sources": placed.digest}
    if begun := _begun(folder, name):
        return begin(name, checkout, placed.file, **common, resume=str(begun))
    return begin(name, checkout, placed.file, **common, changes=asked.changes.get(name, ()), root=folder.path)


def _begun(folder: RunFolder, name: str) -> Path | None:
    """Return the folder in which a study was begun and not ended, the last one."""
    inside = sorted(path.parent for path in folder.path.glob(f"{name}-*/run.json"))
    own = [
        path for path in inside if (RunFolder(path).header.get("kind"), RunFolder(path).header["name"]) == (KIND, name)
    ]
    return own[-1] if own else None
