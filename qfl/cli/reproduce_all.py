"""``qfl reproduce --all``: every figure and table, one after another, into one page."""

import json
from argparse import Namespace
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from qfl.cli.border import complain
from qfl.cli.ending import mark_interrupted, short
from qfl.cli.streams import short_warnings, stdout_to_stderr
from qfl.errors import ConfigError

if TYPE_CHECKING:
    from qfl.results import RunFolder
    from qfl.studies.everything import Everything
    from qfl.studies.examples import Placed


def reproduce_all(options: Namespace, studies: "Mapping[str, Placed]") -> int:
    """Run what is missing of all studies, and say how long each took and what it says; return 1 if one failed.

    Args:
        options: Of the command.
        studies: Those that there are.
    """
    from qfl.studies.everything import run_everything
    from qfl.studies.kept import keep
    from qfl.writing import alone

    asked, folder = _begin(options, studies)
    kept = keep if options.keep else lambda placed, request, result: None
    try:
        with alone(folder.path), stdout_to_stderr(), short_warnings():
            numbers = run_everything(folder, asked, on_result=kept)
    except KeyboardInterrupt:
        mark_interrupted(folder.path)
        return complain(f"stopped; continue with `qfl reproduce --all --resume {short(folder.path)}`", 130)
    print(json.dumps(numbers) if options.json else "\n".join(ending(numbers)))
    return 1 if numbers["failures"] else 0


def ending(numbers: Mapping[str, Any]) -> list[str]:
    """Return a line for each study and for each of its rows, then where the page is.

    Args:
        numbers: As `qfl.studies.everything.run_everything` returns them.
    """
    from qfl.report.formatting import duration

    lines = []
    for name, row in numbers["studies"].items():
        lines.append(f"{name:24s} {duration(row['seconds']):>9s}  {row['error'] or row['status']}")
        lines += [f"    {each['claim']}: paper {each['paper']}; {each['verdict']}" for each in row["rows"]]
    return [*lines, f"{'all':24s} {duration(numbers['seconds']):>9s}", f"page  {short(Path(numbers['page']))}"]


def _begin(options: Namespace, studies: "Mapping[str, Placed]") -> "tuple[Everything, RunFolder]":
    from qfl.results import RunFolder
    from qfl.studies.everything import again, asked_for, begin_all

    if options.name is not None:
        raise ConfigError(f"--all runs every study; leave {options.name} out, or give --only {options.name}")
    only = [name.strip() for name in options.only.split(",")] if options.only is not None else []
    if options.resume is not None:
        if only or options.overrides:
            raise ConfigError("--resume goes on with what was begun; leave out --only and --set")
        folder = RunFolder(options.resume)
        return again(studies, folder), folder
    asked = asked_for(studies, only, options.quick, options.seed, options.overrides)
    return asked, begin_all(asked)
