"""What a call asks for, as settings: a run file, settings, a mapping or a federation, and what its keywords change.

A keyword is a setting, or a table of settings as in a run file; ``_`` stands for ``-``, and a dotted key is given with
``**{"train.local-steps": 2}``. Where a run file has a reference, Python may give the object itself (`qfl.given`).
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np

from qfl.api.checkout import app_of
from qfl.api.resume import continued
from qfl.config import KEYS, Settings, flatten_toml, read_toml
from qfl.config.references import placed, references, takes_own
from qfl.errors import ConfigError
from qfl.given import hand_over, is_given
from qfl.tasks.build import build
from qfl.tasks.federation import Federation

What = str | Path | Settings | Mapping[str, Any] | Federation | None
OF_A_FEDERATION = ("task", "precision", "engine", "data", "d2d", "cell-free", "model", "gnn", "device", "noise")
"""Settings, and tables of them, that a federation was made of: they cannot be changed afterwards."""


@dataclass(frozen=True)
class Asked:
    """What a call asks for.

    Args:
        settings: All of them.
        app: The folder of the app that trains.
        name: What a new run folder is named after.
        federation: That which was handed over; None where the settings make it.
    """

    settings: Settings
    app: Path
    name: str = "run"
    federation: Federation | None = None


def asked(what: Any, app: str | Path | None, changes: Mapping[str, Any]) -> Asked:
    """Return what a call asks for.

    Args:
        what: A run file's path, settings, their flat or nested mapping, or a federation; None begins with the defaults.
        app: The folder of the app that trains; None looks for it above the run file and the working directory.
        changes: Flat settings, which may hold objects.

    Raises:
        ConfigError: With one sentence per fault.
    """
    if isinstance(what, Federation):
        return _of_federation(what, app_of(app), changes)
    file = Path(what) if isinstance(what, str | Path) else None
    root = app_of(app, *([file] if file else []))
    settings = Settings.from_flat({**written(what), **changes})
    if file:
        settings = placed(settings, root, file.resolve().parent)
    _require_here(settings, None)
    return Asked(settings, root, file.stem if file else "run")


def go_on(what: Any, folder: str | Path | None, app: str | Path | None, changes: Mapping[str, Any]) -> Asked:
    """Return what a call asks for that goes on with a run.

    Args:
        what: The run folder, or what the run was begun with: a federation has to be given again.
        folder: The run folder, if ``what`` is something else.
        app: As for `asked`.
        changes: Flat settings; only ``rounds`` may differ from the run's own.

    Raises:
        ConfigError: If no folder is given, or another setting differs.
        RunFolderError: If the folder is no run, or has nothing left to do.
    """
    if folder is None and not isinstance(what, str | Path):
        raise ConfigError("resume=True goes on with a run folder; give it, as in qfl.run('runs/...', resume=True)")
    begun_with = {} if folder is None else written(what)
    path = Path(str(what) if folder is None else folder)
    mine = {key: value for key, value in begun_with.items() if not key.startswith("run.") and key != "rounds"}
    settings = continued(path, {**mine, **changes})
    root = app_of(app, path)
    if not isinstance(what, Federation):
        return Asked(settings, root)
    again = _of_federation(what, root, settings.to_flat())
    return replace(again, settings=settings)


def written(what: Any) -> dict[str, Any]:
    """Return the flat settings that a call begins with.

    Raises:
        ConfigError: If it is nothing that has settings.

    Example:
        >>> written({"rounds": 2, "train": {"local_steps": 3}})
        {'rounds': 2, 'train.local-steps': 3}
    """
    if what is None:
        return {}
    if isinstance(what, Settings | Federation):
        return (what if isinstance(what, Settings) else what.settings).to_flat()
    if isinstance(what, Mapping):
        return flat(what)
    if isinstance(what, str | Path):
        return flatten_toml(read_toml(what))
    raise ConfigError(
        f"a {type(what).__name__} cannot be run; give the path of a run file, Settings, a mapping of settings, or a "
        "Federation"
    )


def flat(tables: Mapping[str, Any]) -> dict[str, Any]:
    """Return keywords as flat settings: with ``-`` for ``_``, objects as references, and without those that are None.

    Args:
        tables: By name; a mapping is a table, as in a run file. A bare ``strategy`` is short for its name.

    Raises:
        ConfigError: If an object is given where a number or a word is expected.

    Example:
        >>> flat({"train": {"local_steps": 2}, "strategy": "median", "data.test-share": None})
        {'train.local-steps': 2, 'strategy.name': 'median'}
    """
    named = {
        f"{key}.name" if key in ("strategy", "model", "data") and not isinstance(value, Mapping) else key: value
        for key, value in tables.items()
        if value is not None
    }
    return {key: _plain(key, value) for key, value in _hyphens(flatten_toml(named)) if value is not None}


def _hyphens(found: Mapping[str, Any]) -> Iterator[tuple[str, Any]]:
    """Yield the keys as a run file has them; the names of an object's own settings stay as its arguments are."""
    for key, value in found.items():
        table, dot, own = key.partition(".my.")
        yield table.replace("_", "-") + dot + own, value


def _plain(key: str, value: Any) -> Any:
    """Return a value as a run file has it; an object becomes a reference where one is taken."""
    if isinstance(value, Path):
        return str(value)
    if isinstance(value, np.generic):
        return value.item()
    if isinstance(value, bool | int | float | str | list):
        return value
    if isinstance(value, tuple):
        return list(value)
    if key not in KEYS:
        return value  # refused as a setting that there is not
    if takes_own(Settings(), key):
        return hand_over(value)
    raise ConfigError(f"{key} = {repr(value)[:100]}: expected a number or a word, not a {type(value).__name__}")


def _of_federation(federation: Federation, app: Path, changes: Mapping[str, Any]) -> Asked:
    before = federation.settings.to_flat()
    faults = [
        f"{key} is what the Federation was made with, {before[key]!r}; make another with qfl.build, or leave it out"
        for key, value in changes.items()
        if key.split(".")[0] in OF_A_FEDERATION and before.get(key) != value
    ]
    if faults:
        raise ConfigError(faults)
    settings = Settings.from_flat({**before, **changes})
    if faults := list(_faults(federation, settings)):
        raise ConfigError(faults)
    if federation is build(federation.settings):
        return Asked(settings, app)  # nothing of it is anybody's own
    _require_here(settings, federation)
    return Asked(settings, app, federation=replace(federation, settings=settings))


def _faults(federation: Federation, settings: Settings) -> Iterator[str]:
    if len(federation.parts) != settings.clients.count:
        yield (
            f"the Federation shares its samples out to {len(federation.parts)} clients, but clients.count = "
            f"{settings.clients.count}; give one part per client"
        )
    if empty := [client for client, part in enumerate(federation.parts) if not len(part)]:
        yield f"client {empty[0]} of the Federation holds no sample; give it some, or leave the client out"
    layout, initial = federation.model.layout, np.asarray(federation.model.initial(settings.seed))
    if initial.shape != (len(layout),) or not np.isfinite(initial).all():
        yield (
            f"the Federation's model begins with an array of shape {initial.shape}, but its layout has {len(layout)} "
            "entries; initial(seed) must return one finite number for each"
        )


def _require_here(settings: Settings, federation: Federation | None) -> None:
    """Return if objects that were handed over are in the processes where they are needed."""
    if settings.backend in ("vectorised", "sequential"):
        return
    given = [key for key, reference in references(settings).items() if is_given(reference)]
    if federation is not None:
        given.append("the Federation")
    if given:
        raise ConfigError(
            f"backend = {settings.backend!r} trains in other processes, and {', '.join(given)} was handed over in this "
            "one; put it into a file of the app's folder and name it, such as 'rules.py:clipped'"
        )
