"""``qfl run FILE.toml``: train a federation, show how it goes, and say where the results are."""

import json
import os
import secrets
import time
from argparse import Namespace
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from qfl.api.checkout import find_checkout
from qfl.api.progress import show_progress
from qfl.api.resume import resumed_settings
from qfl.cli.border import complain
from qfl.cli.ending import ending, mark_interrupted, short
from qfl.cli.examples import example, examples_page
from qfl.cli.parsing import Commands, Parser, add_changes, add_command
from qfl.cli.serve import add_serve_options, check_serve_options, served
from qfl.cli.settings_page import settings_page, settings_rows
from qfl.cli.streams import short_warnings, stdout_to_stderr
from qfl.cli.sweep import add_sweep_options, is_sweep, sweep
from qfl.config import Settings, parse_override, read_run_file
from qfl.config.fields import as_toml
from qfl.config.references import placed
from qfl.errors import ConfigError, RoundFailed, RunFolderError
from qfl.specs import metric_of

if TYPE_CHECKING:
    from qfl.federation.runtime.progress import OnRound
    from qfl.results import RunFolder

EXAMPLES = """
qfl run examples/quickstart/quickstart.toml
qfl run examples/quickstart/quickstart.toml --seed 2 --set train.local-steps=10 --set model.layers=40
qfl run examples/quickstart/quickstart.toml --json
qfl run --resume runs/quickstart-20261121-081500-1f3a
qfl run examples/quickstart/quickstart.toml --start-from digits.npz --set strategy.name=median
qfl run --example quickstart
qfl run --example quickstart --serve
qfl run --example
qfl run examples/quickstart/quickstart.toml --sweep model.layers=20,40,60 --seeds 5 --jobs 2
qfl run --settings
"""


Start = Callable[["Settings", Path, "OnRound"], "RunFolder"]


def register(commands: Commands) -> None:
    """Declare ``qfl run``."""
    parser = add_command(commands, "run", "train a federation of quantum classifiers", EXAMPLES, run)
    add_run_options(parser)
    add_sweep_options(parser)
    parser.add_argument(
        "--backend", metavar="NAME", help="the same as --set backend=NAME: vectorised, sequential or ray"
    )
    parser.add_argument(
        "--settings", action="store_true", help="print every setting with default, type and meaning, and stop"
    )


def add_run_options(parser: Parser) -> None:
    """Declare what every command that trains takes."""
    parser.add_argument(
        "file", metavar="FILE.toml", nargs="?", help="a run file; without it, --resume says what to run"
    )
    parser.add_argument(
        "--example", metavar="NAME", nargs="?", const=True, help="run an example's file; without a NAME, list them"
    )
    add_changes(parser)
    parser.add_argument("--seed", metavar="N", help="the same as --set seed=N")
    parser.add_argument(
        "--resume", metavar="RUN", help="continue a run folder from its last checkpoint, with its own settings"
    )
    parser.add_argument(
        "--start-from", metavar="MODEL", help="begin at a trained model: a model file (`qfl export`) or a run folder"
    )
    add_serve_options(parser)
    parser.add_argument("--json", action="store_true", help="print one JSON object at the end, and no progress lines")


def run(options: Namespace) -> int:
    """Train as the run file says; print its figure of merit, run folder and report."""
    if options.settings:
        print(json.dumps(settings_rows(), indent=2) if options.json else settings_page(), end="")
        return 0
    if is_sweep(options):
        options.file = None if options.example is True else _file(options)
        return sweep(options)
    return execute(options, _here, "qfl run --resume")


def _here(settings: Settings, app: Path, on_round: "OnRound") -> "RunFolder":
    from qfl.federation.runtime.launch import run_app

    return run_app(settings, app, on_round)


def execute(options: Namespace, start: Start, resume: str) -> int:
    """Train as the options say, wherever ``start`` does it; print accuracy, run folder and report.

    Args:
        options: What `add_run_options` declared.
        start: Runs an app with settings and a listener; returns the run folder.
        resume: The command that continues a run folder.
    """
    if options.example is True:
        print(examples_page(), end="")
        return 0
    check_serve_options(options)
    settings = _read_settings(options)
    near = [options.file] if options.file else [settings.run.folder]
    app, made = find_checkout(*map(Path, near), Path.cwd()), False
    if options.file:
        settings = placed(settings, app, Path(options.file).resolve().parent)
    if not settings.run.resume:
        settings, made = _with_folder(settings, Path(options.file).stem)
    try:
        with served(options, Path(settings.run.folder)):
            folder, report = _train(settings, app, options.json, start)
    except KeyboardInterrupt:
        return _interrupted(Path(settings.run.folder), resume)
    except RoundFailed as failure:
        rows = short(Path(settings.run.folder) / "clients.jsonl")
        raise RoundFailed(f"{failure}; {rows} says what became of each client") from failure
    finally:
        if made:
            with suppress(OSError):
                Path(settings.run.folder).rmdir()  # succeeds only where nothing was written
    if options.json:
        from qfl.api.outcome import outcome

        print(json.dumps(outcome(folder, report)))
    else:
        print(ending(folder, report))
    return 0


def _file(options: Namespace) -> str | None:
    if options.example is None:
        return options.file
    if options.file is not None:
        raise ConfigError(f"{options.file} and --example {options.example} are both given; leave one of them out")
    return str(example(options.example))


def _read_settings(options: Namespace) -> Settings:
    shorthands = (("seed", options.seed), ("backend", getattr(options, "backend", None)))
    words = [f"{key}={value}" for key, value in shorthands if value is not None]
    if options.start_from is not None and options.resume is not None:
        raise ConfigError(f"--resume {options.resume} goes on with its own angles; leave --start-from out")
    if options.start_from is not None:
        from qfl.trained.start import require_trained

        require_trained(options.start_from)
        words.append(f"run.start-from={as_toml(str(Path(options.start_from).absolute()))}")
    options.file = _file(options)
    _refuse_two(options.overrides, words)
    overrides = [*options.overrides, *words]
    if options.resume is not None:
        return resumed_settings(options.resume, options.file, overrides)
    if options.file is None:
        raise ConfigError("give a run file, for example `qfl run my.toml`, or --example quickstart, or --resume RUN")
    return read_run_file(options.file, overrides)


def _refuse_two(overrides: Sequence[str], words: Sequence[str]) -> None:
    """Refuse an option that is short for a setting beside a --set of another value: one of them would be ignored."""
    given = dict(parse_override(text) for text in overrides)
    faults = [
        f"--{key} {value} and --set {key}={as_toml(given[key])} are both given; leave one of them out"
        for key, value in map(parse_override, words)
        if key in given and given[key] != value
    ]
    if faults:
        raise ConfigError(faults)


def _with_folder(settings: Settings, name: str) -> tuple[Settings, bool]:
    """Return settings that name a run folder without a run by its absolute path, and whether it was made just now."""
    stamp = f"{name[:100]}-{time.strftime('%Y%m%d-%H%M%S', time.gmtime())}-{secrets.token_hex(2)}"
    path = Path(settings.run.folder or Path("runs") / stamp).absolute()
    try:
        path = path.resolve()
        if os.path.lexists(path / "run.json"):
            raise RunFolderError(
                f"{path} already holds a run; continue it with --resume {path}, or name another run.folder"
            )
        made = not path.is_dir()
        path.mkdir(parents=True, exist_ok=True)
    except (OSError, RuntimeError) as error:
        why = error.strerror if isinstance(error, OSError) else error
        raise RunFolderError(
            f"cannot make the run folder {path} ({why}); name another with --set run.folder=..."
        ) from None
    return replace(settings, run=replace(settings.run, folder=str(path))), made


def _train(settings: Settings, app: Path, quiet: bool, start: Start) -> tuple["RunFolder", Path]:
    with (
        show_progress(settings.rounds, metric_of(settings.task), quiet) as on_round,
        stdout_to_stderr(),
        short_warnings(),
    ):
        from qfl.report import write_report

        folder = start(settings, app, on_round)
        return folder, write_report(folder)


def _interrupted(path: Path, resume: str) -> int:
    kept = (path / "checkpoint.npz").is_file()
    remedy = f"continue with `{resume} {short(path)}`" if kept else "no round was finished, so nothing is kept"
    mark_interrupted(path)
    return complain(f"stopped; {remedy}", 130)
