"""`sweep`: runs of every combination of a grid of settings, over seeds, and `Sweep`: what they came to.

::

    sweep = qfl.sweep({"model.layers": [20, 40, 60]}, base="quickstart.toml", seeds=5, jobs=2)
    sweep.cells                       # a row per combination: mean over the seeds, with its 95 % interval
    sweep.runs                        # a row per run, with its folder

A run that was finished is kept: the same call with the same ``folder`` goes on with what is missing.
"""

import os
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np

from qfl.api.checkout import app_of
from qfl.api.frames import table
from qfl.api.notebook import frame, show_runs
from qfl.api.settings import flat, written
from qfl.config import Settings
from qfl.errors import ConfigError, RunFolderError
from qfl.extend import in_app, is_reference
from qfl.federation.runtime.launch import check_app, run_app
from qfl.given import is_given
from qfl.report import write_report
from qfl.results import RunFolder
from qfl.studies.federations.curves import read_runs
from qfl.studies.federations.outcome import outcome
from qfl.studies.federations.run import OnMember, by_label, create, finished, settings_of
from qfl.studies.federations.settings import LearningSettings, Member, members, to_tables
from qfl.studies.federations.study import comparison_of
from qfl.studies.federations.sweep import cells, grid_of, values_of
from qfl.studies.request import comparison
from qfl.tasks.federation import Federation
from qfl.writing import alone

Numbers = dict[str, Any]


class Sweep:
    """A sweep that was run, and what it came to; a notebook shows its page.

    Args:
        folder: The sweep's folder, with a run folder for each run.

    Raises:
        RunFolderError: If there is no sweep.
    """

    def __init__(self, folder: str | Path):
        self._rows, self._settings = RunFolder(folder), settings_of(RunFolder(folder))

    @property
    def folder(self) -> Path:
        """The sweep's folder."""
        return self._rows.path

    @property
    def runs(self) -> Any:
        """One row per finished run: its values, seed, figures of the last round, and folder; as `Run.rounds`."""
        rows: list[dict[str, Any]] = []
        for member in members(self._settings):
            path = self.folder / member.folder
            final = RunFolder(path).header.get("final") if (path / "run.json").is_file() else None
            if final:
                figures = {key: value for key, value in final.items() if type(value) in (int, float, str)}
                rows.append({**values_of(self._settings, member.names), "seed": member.seed, **figures})
        return table(rows)

    @property
    def cells(self) -> Any:
        """One row per combination: its values, seeds that count, metric, mean, and both ends of its 95 % interval."""
        return table(cells(self._settings, self.summary))

    @property
    def summary(self) -> Numbers:
        """All numbers in plain values: what ``qfl run --sweep --json`` prints."""
        records = read_runs(by_label(finished(self._rows, self._settings)))
        return told(self._rows, self._settings, outcome(self._rows, records))

    def report(self) -> Path:
        """Draw the page, its picture and CSV files again, and return the page's path."""
        request = comparison(self._rows, to_tables(self._settings), self.folder, quiet=True)
        records = read_runs(by_label(finished(self._rows, self._settings)))
        return comparison_of(print).show(request, self._settings, records).page

    def _repr_html_(self) -> str:
        return frame(self.report())

    def __repr__(self) -> str:
        done, wanted = len(self.runs), len(members(self._settings))
        return f"<sweep over {', '.join(self._settings.axes)}, {done} of {wanted} runs finished, {self.folder}>"


def sweep(
    grid: Mapping[str, Sequence[Any]],
    base: Any = None,
    seeds: int = 5,
    *,
    app: str | Path | None = None,
    folder: str | Path | None = None,
    jobs: int = 1,
    on_run: Callable[[dict[str, Any]], None] | None = None,
    **settings: Any,
) -> Sweep:
    """Run every combination of a grid with several seeds, and return the `Sweep`.

    Args:
        grid: The values of each setting, by flat key such as ``"model.layers"``.
        base: What all runs share, as for `qfl.run`: a run file's path, settings, or a mapping of them.
        seeds: Runs of each combination, with the seeds 1, 2, ...
        app: Folder of the app that trains, as for `qfl.run`.
        folder: Where it all goes; one that holds this sweep is gone on with. None makes one under ``runs/``.
        jobs: Runs at a time, each in a process of its own where there are several.
        on_run: Called with a row for every run that is done.
        **settings: Other settings of all runs, as for `qfl.run`.

    Raises:
        ConfigError: With one sentence per fault, before anything is trained.
        RunFolderError: If the folder holds something else.
    """
    if isinstance(base, Federation):
        raise ConfigError("a sweep makes its federations from settings; give a run file or settings as base")
    file = Path(base) if isinstance(base, str | Path) else None
    root = app_of(app, *([file] if file else []))
    values = dict(_axis(key, each) for key, each in grid.items())
    shared = _differing(base) if isinstance(base, Settings) else written(base)
    wanted = grid_of({**shared, **flat(settings)}, values, seeds)
    wanted = placed_in(wanted, root, file)
    require_jobs(wanted, jobs)
    place = open_folder(wanted, file.stem if file else "sweep", folder)
    with alone(place.path), show_runs(len(members(wanted))) as show:

        def tell(done: int, total: int, member: Member, run: RunFolder) -> None:
            show(done, member.label)
            if on_run:
                on_run(_row(wanted, member, run))

        measure(place, wanted, root, jobs, tell)
    return Sweep(place.path)


def open_folder(settings: LearningSettings, name: str, path: str | Path | None) -> RunFolder:
    """Return a new folder for a sweep, or the one to go on with: that of the same sweep, whose seeds may have grown.

    Args:
        settings: What is swept.
        name: Of a new folder.
        path: The folder; None makes one.

    Raises:
        RunFolderError: If the folder holds another sweep, or something else.
    """
    if path is None or not os.path.lexists(Path(path) / "run.json"):
        return create(settings, name, path="" if path is None else Path(path).resolve(), prefix="sweep-")
    folder = RunFolder(path)
    begun = settings_of(folder)
    if replace(begun, seeds=settings.seeds) != settings or begun.seeds > settings.seeds:
        raise RunFolderError(
            f"{folder.path} holds a sweep of other values or settings, or of more seeds; name another folder"
        )
    return folder


def measure(
    folder: RunFolder, settings: LearningSettings, app: Path, jobs: int, on_member: OnMember | None = None
) -> Numbers:
    """Run what is missing of a comparison of federations, draw everything, and return the numbers.

    Args:
        folder: The comparison's.
        settings: What is compared.
        app: The folder of the app that trains.
        jobs: Runs at a time.
        on_member: Told of every run that is done.
    """
    study = comparison_of(partial(train, str(app)), on_member, partial(_check, app), jobs)
    result = study.conduct(comparison(folder, to_tables(settings), app, quiet=True))
    return told(folder, settings, result.numbers)


def train(app: str, settings: Settings) -> None:
    """Run one federation in the folder that its settings name, and draw its report; in whichever process.

    Args:
        app: The folder of the app that trains.
        settings: Of the run.
    """
    write_report(run_app(settings, app))


def placed_in(settings: LearningSettings, app: Path, file: Path | None) -> LearningSettings:
    """Return a sweep whose references to a user's own files are those of the app's folder.

    Args:
        settings: What is swept.
        app: The app's folder.
        file: The run file, in whose folder a file is looked for first.
    """
    beside = (file.resolve() if file else Path("x").resolve()).parent

    def place(flat_settings: Mapping[str, Any]) -> dict[str, Any]:
        return {
            key: in_app(value, app, beside) if is_reference(value) else value for key, value in flat_settings.items()
        }

    axes = {
        key: tuple(replace(choice, settings=place(choice.settings)) for choice in choices)
        for key, choices in settings.axes.items()
    }
    return replace(settings, base=place(settings.base), axes=axes)


def require_jobs(settings: LearningSettings, jobs: int) -> None:
    """Return if so many runs can be trained at a time.

    Args:
        settings: What is swept.
        jobs: Runs at a time.

    Raises:
        ConfigError: If they are none, or objects were handed over that are in this process alone.
    """
    if type(jobs) is not int or not 1 <= jobs <= 1000:
        raise ConfigError(f"jobs = {jobs!r}: give a whole number from 1 to 1000")
    tables = [settings.base, *(choice.settings for choices in settings.axes.values() for choice in choices)]
    given = sorted({key for each in tables for key, value in each.items() if is_given(value)})
    elsewhere = [f"jobs = {jobs}"] * (jobs > 1)
    elsewhere += [f"backend = {each['backend']!r}" for each in tables if each.get("backend") in ("ray", "deployed")]
    if given and elsewhere:
        raise ConfigError(
            f"{', '.join(given)} was handed over as an object of this process alone, and {elsewhere[0]} trains "
            "in others; leave that out, or put the object into a file and name it"
        )


def _check(app: Path, settings: Settings) -> None:
    check_app(settings, app)


def told(folder: RunFolder, settings: LearningSettings, numbers: Numbers) -> Numbers:
    """Return the numbers of a comparison with a row for each combination, and where page and picture are.

    Args:
        folder: The comparison's.
        settings: What is compared.
        numbers: As `qfl.studies.federations.outcome.outcome` returns them.
    """
    where = {"report": str(folder.path / "report.html"), "picture": str(folder.path / "comparison.png")}
    return {**numbers, "cells": cells(settings, numbers), **where}


def _row(settings: LearningSettings, member: Member, run: RunFolder) -> dict[str, Any]:
    header = run.header
    ends = header.get("final") or {}
    return {
        **values_of(settings, member.names),
        "seed": member.seed,
        "status": header.get("status"),
        **{key: value for key, value in ends.items() if type(value) in (int, float)},
        "run": str(run.path),
    }


def _axis(key: str, values: Any) -> tuple[str, Any]:
    """Return key and values as a run file has them; what is no list is refused where grids are checked."""
    values = list(values) if isinstance(values, range | tuple | np.ndarray) else values
    if not isinstance(values, list):
        return key, values
    pairs = [next(iter(flat({key: value}).items()), (key, value)) for value in values]
    return (pairs[0][0] if pairs else key), [value for _, value in pairs]


def _differing(settings: Settings) -> dict[str, Any]:
    default = Settings().to_flat()
    return {key: value for key, value in settings.to_flat().items() if value != default[key]}
