"""``qfl check NAME``: whether an object of one's own is what it must be, in words, before anything is trained."""

import json
import logging
from argparse import Namespace
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

from qfl.api.checkout import find_checkout
from qfl.cli.parsing import Commands, add_changes, add_command
from qfl.cli.streams import short_warnings, stdout_to_stderr
from qfl.errors import ConfigError
from qfl.extend import EXAMPLE, is_reference
from qfl.printable import printable

if TYPE_CHECKING:
    from qfl.testing.own.cases import Named, Place

EXAMPLES = """
qfl check examples/own_strategy/rule.py:agreement_momentum --set strategy.my.decay=0.5
qfl check examples/own_scheduler/scheduler.py:solve --set radio.objective=sum_rate
qfl check examples/own_data/own_data.toml
qfl check dwave.samplers:SteepestDescentSolver --kind solver --json
qfl check fedadam
qfl check .
"""
KINDS = ("dataset", "encoding", "ansatz", "model", "task", "strategy", "rule", "solver", "channel", "links")
ENDING = """
An object is made as a run would make it, and judged by the kit of its kind (qfl.testing.kits). Exit code 0 says that
everything passed, 1 that something failed, 2 that there is no such object or that its kind has to be said.
A circuit or model by itself is given samples of 4 features and 3 classes; --set data.name=digits gives it those of a
data set, and a run file those of its own."""


def register(commands: Commands) -> None:
    """Declare ``qfl check``."""
    about = "say what an object of your own must be and is not: data, circuit, model, strategy, solver, channel"
    parser = add_command(commands, "check", about, EXAMPLES, check)
    parser.epilog = f"{parser.epilog}\n{ENDING}"
    parser.add_argument(
        "name", metavar="NAME", help=f"an object such as {EXAMPLE}, a name of ours, a run file, or an app's folder"
    )
    parser.add_argument("--kind", choices=KINDS, help="what it is, where neither a run file nor its arguments say it")
    add_changes(parser, "a setting that it is made with, its own among them (any number of times)")
    parser.add_argument("--json", action="store_true", help="print one JSON object")


def check(options: Namespace) -> int:
    """Print what became of every check; return 1 if one failed."""
    from qfl.federation.runtime.environment import go_offline
    from qfl.surroundings import own_surroundings

    with own_surroundings():
        go_offline()
        return _check(options)


def _check(options: Namespace) -> int:
    with stdout_to_stderr(), short_warnings():
        named, skipped = _named(options)
    rows: list[dict[str, Any]] = []
    for each in named:
        with stdout_to_stderr(), short_warnings():
            rows.append(_row(each))
        if not options.json:
            print("\n".join(_page(rows[-1])), flush=True)
    passed = all(row["passed"] for row in rows)
    if options.json:
        print(json.dumps({"passed": passed, "objects": rows, "skipped": skipped}))
    else:
        print("\n".join([*(f"{each}; it was not looked at" for each in skipped), _summary(rows)]))
    return 0 if passed else 1


def _named(options: Namespace) -> tuple[list["Named"], list[str]]:
    """Return the objects to be checked, and what cannot be, in words."""
    from qfl.testing.own.cases import of_file, of_folder, of_object

    name, path = options.name, Path(options.name)
    if is_reference(name) or not (path.exists() or name.endswith(".toml")):
        return [of_object(name, options.kind or "", options.overrides, _place(Path.cwd()))], []
    if path.exists() and not (path.is_file() or path.is_dir()):
        raise ConfigError(f"{name} is neither a file nor a folder; give a run file, an app's folder, or {EXAMPLE}")
    if path.suffix == ".py":
        raise ConfigError(f"{name} is a whole file; say which object of it, such as {name}:{_first_name(path)}")
    if options.kind is not None:
        raise ConfigError(
            f"--kind {options.kind} says what an object is; {name} names objects by settings, so leave it out"
        )
    if path.is_dir():
        named, skipped = of_folder(path, options.overrides, _place(path))
    else:
        named, skipped = of_file(path, options.overrides, _place(path))
    if not named:
        raise ConfigError(
            f"{name} names no object of your own, so there is nothing to check; name one, such as {EXAMPLE}"
        )
    return named, skipped


def _place(near: Path) -> "Place":
    """Return where names are looked up: the app near a path or the working directory, loaded."""
    from qfl.federation.runtime.launch import load_app
    from qfl.testing.own.cases import Place

    root = find_checkout(near, Path.cwd())
    app = load_app(root)
    logging.getLogger("flwr").setLevel(logging.ERROR)  # a strategy's remarks; importing Flower sets the level
    return Place(app, root, Path.cwd())


def _first_name(path: Path) -> str:
    import ast

    try:
        tree = ast.parse(path.read_bytes())
    except (OSError, SyntaxError, ValueError):
        return "name"
    return next((node.name for node in tree.body if isinstance(node, ast.FunctionDef | ast.ClassDef)), "name")


def _row(named: "Named") -> dict[str, Any]:
    """Check an object; return what became of it, in plain values."""
    from qfl.testing.own.kinds import KINDS

    kind = KINDS[named.kind]
    found = list(kind.outcomes(named.case))
    return {
        "kind": named.kind,
        "name": named.case.name,
        "key": kind.key,
        "file": named.file,
        "passed": not any(outcome.fault for outcome in found),
        "checks": [{"says": each.says, "passed": not each.fault, "fault": each.fault} for each in found],
    }


def _page(row: dict[str, Any]) -> Iterator[str]:
    where = f"{row['key']} of {row['file']}" if row["file"] else row["key"]
    yield f"{row['kind']} {row['name']} ({where})"
    for each in row["checks"]:
        yield (
            f"  passed  {each['says']}"
            if each["passed"]
            else f"  FAILED  {each['says']}: {printable(each['fault'], 500)}"
        )


def _summary(rows: list[dict[str, Any]]) -> str:
    checks = [each for row in rows for each in row["checks"]]
    failed = sum(not each["passed"] for each in checks)
    return f"{len(checks)} checks, {failed or 'none'} failed"
