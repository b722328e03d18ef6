"""``qfl run FILE.toml --sweep KEY=VALUE,VALUE``: runs of every combination of a grid, over seeds, as one study."""

import json
from argparse import Namespace
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from qfl.api.checkout import find_checkout
from qfl.cli.border import complain
from qfl.cli.compare_learning import KIND, show
from qfl.cli.ending import mark_interrupted, short
from qfl.cli.parsing import Parser
from qfl.cli.streams import short_warnings, stdout_to_stderr
from qfl.config import Settings, flatten_toml, parse_override, read_toml
from qfl.errors import ConfigError

if TYPE_CHECKING:
    from qfl.results import RunFolder
    from qfl.studies.federations.settings import LearningSettings

SEEDS = 3


def add_sweep_options(parser: Parser) -> None:
    """Declare what makes a run a sweep."""
    parser.add_argument(
        "--sweep",
        metavar="KEY=VALUES",
        action="append",
        default=[],
        help="run every one of some values, such as model.layers=20,40; several keys are combined",
    )
    parser.add_argument("--seeds", metavar="N", type=int, help=f"seeds 1 to N of each combination (default {SEEDS})")
    parser.add_argument("--jobs", metavar="N", type=int, help="runs of a sweep at a time, each in a process of its own")


def is_sweep(options: Namespace) -> bool:
    """Return whether the options ask for a sweep: a new one, or one to go on with.

    Raises:
        ConfigError: If they say how a sweep is run, and ask for none.
    """
    if options.sweep or (options.resume is not None and _kind(options.resume) == KIND):
        if options.serve or options.port is not None:
            raise ConfigError("--serve shows one run while it trains; leave it and --port out of a sweep")
        return True
    for name in ("seeds", "jobs"):
        if getattr(options, name) is not None:
            raise ConfigError(f"--{name} is for a sweep; give --sweep KEY=VALUE,VALUE, or leave it out")
    return False


def sweep(options: Namespace) -> int:
    """Run what is missing of a sweep and say what it came to; return 1 if a run failed."""
    from qfl.api.sweep import measure
    from qfl.writing import alone

    jobs = 1 if options.jobs is None else options.jobs
    folder, settings, app = _again(options, jobs) if options.resume is not None else _new(options, jobs)
    try:
        with alone(folder.path), stdout_to_stderr(), short_warnings():
            numbers = measure(folder, settings, app, jobs, None if options.json else show)
    except KeyboardInterrupt:
        mark_interrupted(folder.path)
        return complain(f"stopped; continue with `qfl run --resume {short(folder.path)}`", 130)
    except Exception:
        folder.discard_unused()
        if folder.path.exists():
            complain(f"the runs that were finished are kept; go on with `qfl run --resume {short(folder.path)}`", 1)
        raise
    print(json.dumps(numbers) if options.json else "\n".join(ending(numbers)))
    return 1 if numbers["failures"] else 0


def ending(numbers: Mapping[str, Any]) -> list[str]:
    r"""Return one line per combination, then where the page and the picture are.

    Example:
        >>> cell = {"seeds": 2, "mean": 0.5, "low": 0.25, "high": 0.75}
        >>> told = {"metric": "accuracy", "combinations": {"a=1": {}}, "cells": [cell], "failures": []}
        >>> print("\n".join(ending({**told, "report": "r.html", "picture": "c.png"})[:2]))
        combination  test accuracy      95 % interval  seeds
        a=1                 0.5000   0.2500 to 0.7500      2
    """
    from qfl.studies.federations.summary_text import failure

    wide = max(len(label) for label in ("combination", *numbers["combinations"]))
    lines = [f"{'combination':{wide}s}  {'test ' + numbers['metric']:>13s}  {'95 % interval':>17s}  seeds"]
    for label, cell in zip(numbers["combinations"], numbers["cells"], strict=True):
        mean = "-" if cell["mean"] is None else f"{cell['mean']:.4f}"
        ends = "-" if cell["low"] is None else f"{cell['low']:.4f} to {cell['high']:.4f}"
        lines.append(f"{label:{wide}s}  {mean:>13s}  {ends:>17s}  {cell['seeds']:5d}")
    where = [f"{name:8s} {short(Path(numbers[name]))}" for name in ("report", "picture")]
    return [*lines, *map(failure, numbers["failures"]), *where]


def _new(options: Namespace, jobs: int) -> "tuple[RunFolder, LearningSettings, Path]":
    from qfl.api.sweep import open_folder, placed_in, require_jobs
    from qfl.studies.federations.sweep import grid_of, parse_axis

    if options.seed is not None:
        raise ConfigError(f"--seed {options.seed}: a sweep runs the seeds 1 to N; give --seeds N")
    if options.file is None:
        raise ConfigError("give a run file to sweep over, for example `qfl run my.toml --sweep model.layers=20,40`")
    file = Path(options.file)
    changes = dict(parse_override(text) for text in options.overrides)
    if options.backend is not None:
        changes["backend"] = options.backend
    if options.start_from is not None:
        from qfl.trained.start import require_trained

        require_trained(options.start_from)
        changes["run.start-from"] = str(Path(options.start_from).absolute())
    axes = [parse_axis(text) for text in options.sweep]
    grid = dict(axes)
    faults = [f"{key} has two --sweep; put all its values into one" for key in grid if _count(axes, key) > 1]
    faults += [f"{key} is what --sweep varies; leave --set {key}=... out" for key in grid if key in changes]
    if faults:
        raise ConfigError(faults)
    base = {**flatten_toml(read_toml(file)), **changes}
    path = Settings.from_flat({"run.folder": base.get("run.folder", "")}).run.folder or None
    app = find_checkout(file, Path.cwd())
    settings = placed_in(grid_of(base, grid, SEEDS if options.seeds is None else options.seeds), app, file)
    require_jobs(settings, jobs)
    return open_folder(settings, file.stem, path), settings, app


def _again(options: Namespace, jobs: int) -> "tuple[RunFolder, LearningSettings, Path]":
    from dataclasses import replace

    from qfl.api.sweep import require_jobs
    from qfl.results import RunFolder
    from qfl.studies.federations.run import settings_of
    from qfl.studies.federations.settings import faults_of

    if options.file or options.sweep or options.overrides or options.seed:
        raise ConfigError("--resume goes on with a sweep's own settings; leave out the file, --sweep, --set and --seed")
    folder = RunFolder(options.resume)
    settings = settings_of(folder)
    if options.seeds is not None:
        settings = replace(settings, seeds=options.seeds)
        if faults := faults_of(settings):
            raise ConfigError(faults)
    require_jobs(settings, jobs)
    return folder, settings, find_checkout(folder.path, Path.cwd())


def _count(axes: list[tuple[str, list[Any]]], key: str) -> int:
    return sum(each == key for each, _ in axes)


def _kind(path: str) -> Any:
    from qfl.results import RunFolder

    return RunFolder(path).header.get("kind")
