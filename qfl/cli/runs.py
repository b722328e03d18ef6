"""``qfl runs [FOLDER]``: which runs there are, and what each came to; how two differ; removal of some."""

import json
import os
import sys
from argparse import Namespace
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from qfl.cli.ending import short
from qfl.cli.parsing import Commands, add_command
from qfl.config.fields import as_toml
from qfl.errors import ConfigError, RunFolderError
from qfl.printable import printable

if TYPE_CHECKING:
    from qfl.tracking.listing import Entry

EXAMPLES = """
qfl runs
qfl runs --filter model.name=vqc --filter "accuracy>0.9" --sort accuracy
qfl runs --filter state=interrupted
qfl runs --best accuracy
qfl runs --diff quickstart-20261121-081500-1f3a quickstart-20261122-101112-2b4c
qfl runs --remove quickstart-20261121-081500-1f3a
"""
HEADS = ("run", "begun (UTC)", "task", "model", "strategy", "rounds", "last", "best", "state")
UNKNOWN = "-"


def register(commands: Commands) -> None:
    """Declare ``qfl runs``."""
    parser = add_command(commands, "runs", "list runs and what they came to; compare or remove some", EXAMPLES, runs)
    parser.add_argument("folder", metavar="FOLDER", nargs="?", default="runs", help="where runs are (default: runs)")
    parser.add_argument(
        "--filter",
        metavar="CONDITION",
        action="append",
        default=[],
        help="list runs with this setting or figure: = != < <= > >=, and * in words (any number of times)",
    )
    parser.add_argument("--sort", metavar="KEY", help="by a setting or a figure, best first (default: newest first)")
    parser.add_argument("--best", metavar="FIGURE", help="list the run alone that ended best: accuracy, loss, ...")
    parser.add_argument("--diff", metavar="NAME", nargs=2, help="print the settings in which two runs differ")
    parser.add_argument("--remove", metavar="NAME", nargs="+", help="remove run folders, after asking")
    parser.add_argument("--yes", action="store_true", help="with --remove: do not ask")
    parser.add_argument("--json", action="store_true", help="print JSON: a list of runs, or what differs")


def runs(options: Namespace) -> int:
    """List the runs of a folder, or do with some of them what the options say."""
    from qfl.tracking.listing import list_runs
    from qfl.tracking.query import best, check_key, condition, ordered

    _refuse_mixtures(options)
    conditions = [condition(text) for text in options.filter]
    if options.sort is not None:
        check_key(options.sort, "--sort")
    found = list_runs(Path(options.folder))
    if options.diff:
        return _diff(options, found)
    if options.remove:
        return _remove(options, found)
    found = [entry for entry in found if all(each.holds(entry) for each in conditions)]
    if options.sort is not None:
        found = ordered(found, options.sort)
    if options.best is not None:
        found = [best(found, options.best)]
    print(json.dumps([entry.row() for entry in found]) if options.json else "\n".join(_page(found, options)))
    return 0


def _refuse_mixtures(options: Namespace) -> None:
    given = [name for name in ("filter", "sort", "best", "diff", "remove") if getattr(options, name)]
    alone = [name for name in ("diff", "remove") if name in given]
    if alone and len(given) > 1:
        raise ConfigError(f"--{alone[0]} names its runs itself; leave out {_options(given, alone[0])}")
    if options.best is not None and options.sort is not None:
        raise ConfigError("--best lists one run; leave out --sort")
    if options.yes and not options.remove:
        raise ConfigError("--yes answers what --remove asks; give --remove NAME, or leave it out")
    if options.json and options.remove:
        raise ConfigError("--remove prints no JSON; leave out --json")


def _options(names: Sequence[str], but: str) -> str:
    return " and ".join(f"--{name}" for name in names if name != but)


def _page(entries: Sequence["Entry"], options: Namespace) -> Iterator[str]:
    """Yield the lines of the table, and a sentence for each damaged folder."""
    sound = [entry for entry in entries if not entry.fault]
    if not entries:
        yield f"no runs in {printable(options.folder)}" + (" fulfil this" if options.filter else "")
    if sound:
        yield from _table([HEADS, *map(_cells, sound)])
    for entry in entries:
        if entry.fault:
            yield f"damaged  {printable(entry.name)}: {printable(entry.fault, 500)}"


def _cells(entry: "Entry") -> tuple[str, ...]:
    words = [
        entry.kind or entry.settings.get("task"),
        *(entry.settings.get(f"{of}.name") for of in ("model", "strategy")),
    ]
    asked = entry.settings.get("rounds")
    done = UNKNOWN if entry.done is None else f"{entry.done}/{asked}" if type(asked) is int else str(entry.done)
    last, best = (f"{number:.4f}" if number is not None else UNKNOWN for number in (entry.last, entry.best))
    named = f"{entry.metric} {last}" if entry.metric else last
    date = entry.date[:16].replace("T", " ")
    cells = (entry.name, date, *(word or UNKNOWN for word in words), done, named, best, entry.state)
    return tuple(printable(cell, 120) for cell in cells)


def _table(rows: Sequence[Sequence[str]]) -> Iterator[str]:
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    for row in rows:
        yield "  ".join(f"{cell:<{width}}" for cell, width in zip(row, widths, strict=True)).rstrip()


def _diff(options: Namespace, found: Sequence["Entry"]) -> int:
    from qfl.tracking.query import differences

    one, other = (_named(name, options.folder, found) for name in options.diff)
    differing = differences(one, other)
    if options.json:
        print(json.dumps({"runs": [one.name, other.name], "settings": differing, "source": [one.source, other.source]}))
        return 0
    rows = [(key, *map(_written, pair)) for key, pair in differing.items()]
    if one.source != other.source:
        rows.append(("source", *(entry.source[:12] or UNKNOWN for entry in (one, other))))
    names = ("", one.name, other.name)
    print("\n".join(_table([tuple(printable(cell, 120) for cell in row) for row in (names, *rows)])))
    if not differing:
        print("the settings are the same")
    return 0


def _written(value: Any) -> str:
    return UNKNOWN if value is None else as_toml(value)


def _named(name: str, folder: str, found: Sequence["Entry"]) -> "Entry":
    """Return the sound run of a name in the listing, or of a path."""
    from qfl.tracking.listing import read_entry

    path = _path(name, folder).resolve()
    entry = next((entry for entry in found if entry.path == path), None) or read_entry(path, name)
    if entry.fault:
        raise RunFolderError(entry.fault)
    return entry


def _path(name: str, folder: str) -> Path:
    """Return the folder of a run: of that name in the listed folder, else at that path.

    Raises:
        RunFolderError: If there is no run at either.
    """
    from qfl.results import RunFolder

    inside = Path(folder, name)
    if not os.path.lexists(inside / "run.json"):
        RunFolder(name)
        inside = Path(name)
    return inside.absolute()


def _remove(options: Namespace, found: Sequence["Entry"]) -> int:
    """Remove what is named, all or none: whatever cannot be removed is refused before anything is."""
    from qfl.report.formatting import size
    from qfl.tracking.listing import is_running
    from qfl.tracking.removal import check_removable, remove, size_of

    paths = list(dict.fromkeys(_path(name, options.folder) for name in options.remove))
    for path in paths:
        check_removable(path)
        if is_running(path):
            raise RunFolderError(f"{path} is still running; stop it first")
    num_bytes = size(sum(map(size_of, paths))).replace("\N{NO-BREAK SPACE}", " ")
    what = f"{len(paths)} run{'s' if len(paths) > 1 else ''}, {num_bytes}"
    if not options.yes and not _agreed(f"remove {what}: {', '.join(str(short(path)) for path in paths)}? [y/N] "):
        print("nothing was removed")
        return 0
    for path in paths:
        remove(path)
        print(f"removed {short(path)}")
    return 0


def _agreed(question: str) -> bool:
    if not sys.stdin.isatty():
        raise ConfigError("--remove asks before it removes, and nobody is at the terminal; give --yes")
    print(printable(question, 2000), end="", file=sys.stderr, flush=True)
    return sys.stdin.readline().strip().lower() in ("y", "yes")
