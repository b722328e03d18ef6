"""Run every combination, each in a folder of its own, going on where an earlier attempt stopped."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from qfl.config import Settings
from qfl.data.load import load
from qfl.errors import ConfigError, Damaged, DataError, UserError
from qfl.results import Row, RunFolder
from qfl.specs import labels_of
from qfl.studies.federations.settings import LearningSettings, Member, from_tables, members, to_tables
from qfl.studies.folder import check_header, other_source, same_source
from qfl.studies.folder import create as study_folder
from qfl.studies.jobs import run_jobs

KIND = "learning-comparison"

Train = Callable[[Settings], object]
"""Runs one federation in the folder that its settings name, or goes on with it."""

Check = Callable[[Settings], None]
"""Raises a `UserError` where no federation can be begun with the settings."""

OnMember = Callable[[int, int, Member, RunFolder], None]
"""Called with runs done, runs in all, and the run just done."""


def create(
    settings: LearningSettings, name: str, notice: str = "", path: str | Path = "", prefix: str = "compare-"
) -> RunFolder:
    """Return a new folder for a comparison; the notice says what is not as the file has it.

    Args:
        settings: What is compared.
        name: Of the file.
        notice: Shown on the page; empty if all is as in the file.
        path: The folder itself; a new one in ``runs`` if empty.
        prefix: In front of a new folder's name.
    """
    return study_folder(KIND, name, to_tables(settings), prefix=prefix, path=path, notice=notice)


def settings_of(folder: RunFolder) -> LearningSettings:
    """Return the settings of a comparison's folder.

    Raises:
        RunFolderError: If it has none, or others than it was begun with.
        ConfigError: If they cannot be.
    """
    check_header(folder)
    try:
        return from_tables(folder.settings)
    except (KeyError, TypeError, AttributeError, ValueError):
        raise folder.damaged("run.json", Damaged("holds no settings of a comparison")) from None


def missing_data(settings: LearningSettings) -> str:
    """Return why the data cannot be had, or an empty text."""
    first = members(replace(settings, seeds=1))[0].settings
    labels = labels_of(first.task)
    try:
        if labels:
            load(first.data, first.clients.count, first.seed, labels)
    except DataError as error:
        return str(error)
    return ""


def run(
    folder: RunFolder,
    settings: LearningSettings,
    train: Train,
    on_member: OnMember | None = None,
    check: Check = lambda settings: None,
    processes: int = 1,
) -> dict[Member, RunFolder]:
    """Return the run folder of every combination and seed that was finished, running what is not done.

    A run that fails costs no other: its folder says why (see `unfinished`), and the next attempt goes on with it.

    Args:
        folder: The comparison's.
        settings: What is compared, which may be more than what the folder was begun with.
        train: Runs one federation.
        on_member: Told of every run that is done.
        check: Raises where a federation cannot be begun.
        processes: Runs at a time; with more than 1 ``train`` is a function of a module, or a part of one.

    Raises:
        ConfigError: If a combination that is not done cannot be begun; none is trained then.
        UserError: Of a run, as where its data has gone; those that are done are kept.
        RunFolderError: If something is missing and the comparison was begun by another source.
    """
    wanted = members(settings)
    missing = [member for member in wanted if not _done(folder, member)]
    if any(_header(folder, member) for member in wanted) and not same_source(folder):
        missing = [member for member in missing if _status(folder, member) != "failed"]
        if missing:
            raise other_source(folder, "comparison")
    _check(missing, check)
    folder.update(settings=to_tables(settings), status="running")
    jobs = [(_attempt, (train, _placed(folder, member), place)) for place, member in enumerate(missing)]
    for number, place in enumerate(run_jobs(jobs, processes), start=len(wanted) - len(missing) + 1):
        if on_member:
            member = missing[place]
            on_member(number, len(wanted), member, RunFolder(folder.path / member.folder))
    done = finished(folder, settings)
    folder.update(status="completed" if len(done) == len(wanted) else "failed")
    return done


def finished(folder: RunFolder, settings: LearningSettings) -> dict[Member, RunFolder]:
    """Return the run folder of every combination and seed that was finished.

    Args:
        folder: The comparison's.
        settings: What is compared.
    """
    done = [member for member in members(settings) if _done(folder, member)]
    return {member: RunFolder(folder.path / member.folder) for member in done}


def _attempt(train: Train, settings: Settings, place: int) -> int:
    """Train one federation and return its place in the list; its folder says why if it fails."""
    try:
        train(settings)
    except UserError:
        raise
    except Exception as error:
        if not (Path(settings.run.folder) / "run.json").is_file():
            raise  # nothing was begun that could say so
        RunFolder(settings.run.folder).update(status="failed", error=f"{type(error).__name__}: {error}")
    return place


def _check(missing: Sequence[Member], check: Check) -> None:
    """Return if every combination that is to be run can be begun: else the first ones' training would be in vain."""
    first = {member.label: member for member in reversed(missing)}
    faults = []
    for label, member in reversed(first.items()):
        try:
            check(member.settings)
        except UserError as error:
            faulty = error.faults if isinstance(error, ConfigError) else [str(error)]
            faults += [f"{label}: {fault}" for fault in faulty]
    if faults:
        raise ConfigError(faults)


def unfinished(folder: RunFolder, settings: LearningSettings) -> list[dict[str, Any]]:
    """Return combination, seed, run folder and error of every run that is not done."""
    return [
        {
            "combination": member.label,
            "seed": member.seed,
            "folder": member.folder,
            "error": _header(folder, member).get("error") or "not run",
        }
        for member in members(settings)
        if not _done(folder, member)
    ]


def by_label(runs: Mapping[Member, RunFolder]) -> dict[str, Sequence[RunFolder]]:
    """Return the runs of each combination, by ascending seed."""
    runs_of: dict[str, list[RunFolder]] = {}
    for member, run_folder in runs.items():
        runs_of.setdefault(member.label, []).append(run_folder)
    return {label: tuple(folders) for label, folders in runs_of.items()}


def _placed(folder: RunFolder, member: Member) -> Settings:
    path = folder.path / member.folder
    begun = (path / "run.json").is_file()
    return replace(member.settings, run=replace(member.settings.run, folder=str(path), resume=begun))


def _done(folder: RunFolder, member: Member) -> bool:
    return _status(folder, member) == "completed"


def _status(folder: RunFolder, member: Member) -> str | None:
    return _header(folder, member).get("status")


def _header(folder: RunFolder, member: Member) -> Row:
    path = folder.path / member.folder
    return RunFolder(path).header if (path / "run.json").is_file() else {}
