"""Measure every method on every instance, one line of the run folder each, skipping what is there already."""

import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

from qfl.errors import Damaged, RunFolderError
from qfl.report.formatting import duration
from qfl.results import Row, RunFolder
from qfl.studies.folder import check_header, other_source, same_source
from qfl.studies.folder import create as study_folder
from qfl.studies.jobs import run_jobs
from qfl.studies.schedulers.measure import Job, measure, measure_round_time
from qfl.studies.schedulers.own import SMALL_CELL, check_own
from qfl.studies.schedulers.panel import panel, small_panel
from qfl.studies.schedulers.settings import ComparisonSettings, comparison_from, flat_settings
from qfl.tables import Table, count, flag, list_of, number, or_null, read_table, text, whole

Progress = Callable[[int, int, Row], None]
"""Called with rows done, rows in all, and the row just measured."""

METHODS = Table(
    "methods",
    ("case", "seed", "method"),
    {
        "case": lambda value: value in ("main", "small"),
        "seed": whole,
        "method": text,
        "bound": or_null(count),
        "tight": or_null(flag),
        "value": or_null(number),
        "status": text,
    },
    measured={
        "start": text,
        **dict.fromkeys(("iterations", "evaluations", "seconds", "jain", "participants"), or_null(count)),
        **dict.fromkeys(("round_time_s", "energy_j"), or_null(count)),
        "settled": list_of(count, 3),
        "rates": list_of(count),
        "trace": list_of(list_of(number, 4)),
    },
)


def create(settings: ComparisonSettings, name: str, root: str | Path = "runs", path: str | Path = "") -> RunFolder:
    """Return a new run folder for a comparison.

    Args:
        settings: What is compared.
        name: Of the file.
        root: Where the folder is made.
        path: The folder itself, instead.
    """
    return study_folder("comparison", name, flat_settings(settings), prefix="compare-", root=root, path=path)


def settings_of(folder: RunFolder) -> ComparisonSettings:
    """Return the settings of a comparison's run folder.

    Raises:
        RunFolderError: If it is the folder of something else.
    """
    if folder.header.get("kind") != "comparison":
        raise RunFolderError(f"{folder.path} holds no comparison; give a folder that `qfl compare` made")
    settings = folder.settings
    if not isinstance(settings, dict):
        raise folder.damaged("run.json", Damaged("holds no settings"))
    check_header(folder)
    return comparison_from(settings)


def run(folder: RunFolder, settings: ComparisonSettings, on_row: Progress | None = None) -> list[Row]:
    """Return all rows of a comparison, measuring those that the folder lacks and appending each as it is done.

    A method that failed on an instance is tried again, unless another version of the source has taken over.

    Args:
        folder: The comparison's.
        settings: What is compared, which may be more than what the folder was begun with.
        on_row: Told of every row that was measured.

    Raises:
        RunFolderError: If rows are missing and the folder was begun by another source.
    """
    same = same_source(folder)
    if same:
        _drop_failed(folder)
    wanted = jobs(settings)
    present = set(_measured(folder))
    missing = [job for job in wanted if job.key not in present]
    if missing:
        mine = check_own(settings)
        missing = [replace(job, mine=mine.get(job.entry.name, {})) for job in missing]
    if missing and present and not same:
        raise other_source(folder, "comparison")
    for row in run_jobs([(measure, (job,)) for job in missing], settings.processes):
        folder.append("methods", [row])
        present.add((row["case"], row["seed"], row["method"]))
        if on_row:
            on_row(len(present), len(wanted), row)
    folder.update(
        status="completed",
        settings=flat_settings(settings),
        round_time=measure_round_time(settings.scenario, settings.instances, settings.payload_bits),
    )
    return rows_of(folder, settings)


def rows_of(folder: RunFolder, settings: ComparisonSettings) -> list[Row]:
    """Return the rows that the folder has of a comparison with these settings.

    Raises:
        RunFolderError: With file and line, if a row is damaged.
    """
    keys = {job.key for job in jobs(settings)}
    return [row for key, row in _measured(folder).items() if key in keys]


def jobs(settings: ComparisonSettings) -> list[Job]:
    """Return all jobs of a comparison, seed by seed.

    Example:
        >>> len(jobs(ComparisonSettings(seeds=2, small_seeds=0, panel=("random", "greedy"))))
        4
    """
    cell = settings.scenario
    wanted = [
        Job("main", cell, settings.payload_bits, seed, entry, settings.blocks)
        for seed in settings.instances
        for entry in panel(cell.variant, settings.panel)
    ]
    small = replace(cell, **SMALL_CELL)
    return wanted + [
        Job("small", small, settings.payload_bits, seed, entry, settings.blocks)
        for seed in settings.small_instances
        for entry in small_panel(settings.panel)
    ]


def show_rows(show: Callable[[str], None]) -> Progress:
    """Return what shows one line per row, with the time that is left."""
    began, first = time.perf_counter(), [0]

    def on_row(done: int, total: int, row: Row) -> None:
        first[0] = first[0] or done
        left = (time.perf_counter() - began) / (done - first[0] + 1) * (total - done)
        text = f"[{done}/{total}] seed {row['seed']:2d}  {row['method']:20s} {_result(row)}"
        show(f"{text}   {duration(left)} left")

    return on_row


def _result(row: Row) -> str:
    if row["value"] is None:
        return f"failed: {row['error']}" if row.get("error") else "no value"
    return f"{row['value'] / 1e6:7.2f} Mbit/s  {row['seconds']:6.2f} s"


def _measured(folder: RunFolder) -> dict[tuple[str, int, str], Row]:
    """Return the rows that the folder has, by case, seed and method.

    Raises:
        RunFolderError: With file and line, if a row is damaged.
    """
    return {(row["case"], row["seed"], row["method"]): row for row in read_table(folder, METHODS)}


def _drop_failed(folder: RunFolder) -> None:
    """Rewrite the rows without those of methods that failed, so that these are tried again."""
    rows = list(_measured(folder).values())
    kept = [row for row in rows if row["status"] != "failed"]
    if len(kept) < len(rows):
        folder.replace("methods", kept)
