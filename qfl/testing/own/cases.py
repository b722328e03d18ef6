"""From what a user names to what is checked: a reference, a name of ours, a run file, or the folder of an app."""

import difflib
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from qfl.config import KEYS, Settings, flatten_toml, parse_override, read_run_file, read_toml
from qfl.config.private import fold
from qfl.config.references import placed, references
from qfl.errors import ConfigError
from qfl.extend import EXAMPLE, in_app, is_reference, load_own
from qfl.federation.runtime.launch import App
from qfl.specs import DATASETS, MODELS, TASKS, models_of
from qfl.testing.own.kinds import KINDS, SMALL, Case, kind_of_key
from qfl.testing.own.recognise import kind_of

NAME = "NAME"


@dataclass(frozen=True)
class Named:
    """What is to be checked.

    Args:
        kind: A key of `KINDS`.
        case: The object, as its kit takes it.
        file: The run file that names it; empty where none does.
    """

    kind: str
    case: Case
    file: str = ""


@dataclass(frozen=True)
class Place:
    """Where names are looked up.

    Args:
        app: The app, loaded, so that its folder is on the import path.
        root: The app's folder.
        beside: Where a relative path begins.
    """

    app: App
    root: Path
    beside: Path


def of_object(name: str, kind: str, overrides: Sequence[str], place: Place) -> Named:
    """Return a single object, by its reference or by its name in one of our tables.

    Args:
        name: Such as ``"models.py:Net"`` or ``"fedadam"``.
        kind: A key of `KINDS`; empty where the object itself shall tell.
        overrides: Settings, ``key=value``.
        place: Where a file is looked for.

    Raises:
        ConfigError: If there is no such object, its kind cannot be told, or a setting is refused.
    """
    given = dict(parse_override(text) for text in overrides)
    if is_reference(name):
        name = in_app(name, place.root, place.beside)
        thing = load_own(name, NAME)
        kind = kind or _kind_by_shape(thing, name)
    else:
        kind = _kind_by_name(name, kind)
    row, table = KINDS[kind], _tables(kind, name)
    if row.key in given:
        raise ConfigError(f"{NAME} {name} and --set {row.key}={given[row.key]} name two objects; leave one of them out")
    settings = Settings.from_flat({**SMALL, **row.base, **table, **given, row.key: name})
    settings = placed(settings, place.root, place.beside)
    return Named(kind, Case(name, settings, place.app.make_strategy, False, frozenset(given)))


def of_file(path: Path, overrides: Sequence[str], place: Place) -> tuple[list[Named], list[str]]:
    """Return every object of the user's own that a run file names, and those that no kit can judge, in words.

    Args:
        path: The run file.
        overrides: Settings, ``key=value``, that take the place of the file's.
        place: Where files are looked for.

    Raises:
        ConfigError: If it is no run file, or an object cannot be loaded.
    """
    settings = placed(read_run_file(path, overrides), place.root, path.resolve().parent)
    named = dict(references(settings))
    if TASKS[settings.task].labels and settings.data.name not in DATASETS:
        named["data.name"] = settings.data.name
    for key, reference in named.items():
        if is_reference(reference):
            load_own(reference, key)
    kinds, make = {key: kind for key in named if (kind := kind_of_key(key))}, place.app.make_strategy
    rest = [f"{key} = {named[key]!r} of {path} has no kit" for key in sorted(named.keys() - kinds.keys())]
    return [Named(kind, Case(named[key], settings, make, True), str(path)) for key, kind in kinds.items()], rest


def of_folder(folder: Path, overrides: Sequence[str], place: Place) -> tuple[list[Named], list[str]]:
    """Return every object that the run files of a folder name, each once, and what was not looked at, in words.

    Args:
        folder: Of an app.
        overrides: Settings, ``key=value``, that take the place of the files'.
        place: Where files are looked for.

    Raises:
        ConfigError: If there is no run file, or one is refused.
    """
    files = [path for path in sorted(folder.glob("*.toml")) if path.name != "pyproject.toml"]
    runs = [path for path in files if _is_run_file(path)]
    skipped = [f"{path} is no run file" for path in files if path not in runs]
    if not runs:
        raise ConfigError(f"{folder} has no run file (*.toml); give a run file, or an object such as {EXAMPLE}")
    found: dict[Any, Named] = {}
    for path in runs:
        objects, rest = of_file(path, overrides, place)
        skipped += rest
        for named in objects:
            table = KINDS[named.kind].key.partition(".")[0]
            found.setdefault((named.kind, named.case.name, getattr(named.case.settings, table)), named)
    return list(found.values()), skipped


def known_names() -> dict[str, tuple[str, ...]]:
    """Return our own names of every kind of object; those of strategies where an app with their table is loaded."""
    strategies = tuple(getattr(sys.modules.get("strategies.registry"), "STRATEGIES", ()))
    return {kind: strategies if kind == "strategy" else row.names for kind, row in KINDS.items()}


def _kind_by_shape(thing: Any, name: str) -> str:
    if found := kind_of(thing, NAME):
        return found
    raise ConfigError(f"{name}: neither its type nor its arguments tell what it is; give --kind {' or '.join(KINDS)}")


def _kind_by_name(name: str, kind: str) -> str:
    table = known_names()
    found = [each for each, names in table.items() if name in names and kind in ("", each)]
    if len(found) == 1:
        return found[0]
    if found:
        raise ConfigError(f"{name!r} is a {' and a '.join(found)}; say which by --kind")
    near = difflib.get_close_matches(name, [each for names in table.values() for each in names], 1)
    hint = f"did you mean {near[0]!r}?" if near else f"give a run file, an app's folder, or an object such as {EXAMPLE}"
    raise ConfigError(f"{name!r} is no {kind or 'name'} that qfl knows, and no file; {hint}")


def _tables(kind: str, name: str) -> dict[str, Any]:
    """Return the settings that go with a name of ours: a model's task, a model of a task, targets of a regression."""
    if kind == "task":
        found = {"task": name, "model.name": next(iter(models_of(name)))}
    elif kind == "model" and name in MODELS:
        found = {"task": MODELS[name].tasks[0]}
        found |= {"cell-free.loss": "min_rate"} if MODELS[name].client == "region" else {}
    else:
        return {}
    return found | ({"data.name": "targets.npz"} if TASKS[found["task"]].labels == "targets" else {})


def _is_run_file(path: Path) -> bool:
    folded, _ = fold(flatten_toml(read_toml(path)))
    return bool(folded) and folded.keys() <= KEYS.keys()
