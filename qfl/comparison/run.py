"""Measure every method on every instance, one line of the run folder each, skipping what is there already."""

import sys
import time
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

from qfl.comparison.measure import Job, measure
from qfl.comparison.panel import panel, small_panel
from qfl.comparison.round_time import measure_round_time
from qfl.comparison.settings import ComparisonSettings, comparison_from, flat_settings
from qfl.errors import Damaged, RunFolderError
from qfl.jobs import run_jobs
from qfl.provenance import host, source_digest, versions
from qfl.report.words import duration
from qfl.results import Row, RunFolder, write_atomically

Progress = Callable[[int, int, Row], None]
"""Called with rows done, rows in all, and the row just measured."""

SMALL = {"num_devices": 8, "num_channels": 3, "max_per_channel": 0}


def create(settings: ComparisonSettings, name: str, root: str | Path = "runs", path: str | Path = "") -> RunFolder:
    """Return a new run folder for a comparison."""
    header = {
        "schema": 1,
        "kind": "comparison",
        "name": name,
        "created": datetime.now(UTC).isoformat(timespec="seconds"),
        "status": "running",
        "settings": flat_settings(settings),
        "versions": versions(),
        "host": host(),
        "source": source_digest(),
    }
    return RunFolder.create(f"compare-{name}", header, root, path)


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
    return comparison_from(settings)


def run(folder: RunFolder, settings: ComparisonSettings, on_row: Progress | None = None) -> list[Row]:
    """Return all rows of a comparison, measuring those that the folder lacks and appending each as it is done.

    A method that failed on an instance is tried again, unless another version of the source has taken over.

    Raises:
        RunFolderError: If rows are missing and the folder was begun by another source.
    """
    same = folder.header.get("source") == source_digest()
    _drop_broken_lines(folder, failed=same)
    wanted = jobs(settings)
    present = {(row["case"], row["seed"], row["method"]) for row in folder.rows("methods")}
    missing = [job for job in wanted if job.key not in present]
    if missing and present and not same:
        raise RunFolderError(f"{folder.path} was begun by another version of the source; start a new comparison")
    for row in run_jobs([(measure, (job,)) for job in missing], settings.processes):
        folder.append("methods", [row])
        present.add((row["case"], row["seed"], row["method"]))
        if on_row:
            on_row(len(present), len(wanted), row)
    folder.update(
        status="completed",
        settings=flat_settings(settings),
        round_time=measure_round_time(settings.scenario, settings.seeds, settings.payload_bits),
    )
    keys = {job.key for job in wanted}
    return [row for row in folder.rows("methods") if (row["case"], row["seed"], row["method"]) in keys]


def jobs(settings: ComparisonSettings) -> list[Job]:
    """Return all jobs of a comparison, seed by seed.

    Example:
        >>> len(jobs(ComparisonSettings(seeds=2, small_seeds=0, panel=("random", "greedy"))))
        4
    """
    cell = settings.scenario
    found = [
        Job("main", cell, settings.payload_bits, seed, entry)
        for seed in range(1, settings.seeds + 1)
        for entry in panel(cell.variant, settings.panel)
    ]
    small = replace(cell, **SMALL)
    return found + [
        Job("small", small, settings.payload_bits, seed, entry)
        for seed in range(1, settings.small_seeds + 1)
        for entry in small_panel(settings.panel)
    ]


def show_rows(on: bool) -> Progress:
    """Return what writes one line per row to stderr, with the time that is left."""
    began, first = time.perf_counter(), [0]

    def on_row(done: int, total: int, row: Row) -> None:
        first[0] = first[0] or done
        left = (time.perf_counter() - began) / (done - first[0] + 1) * (total - done)
        if on:
            text = f"[{done}/{total}] seed {row['seed']:2d}  {row['method']:20s} {_result(row)}"
            print(f"{text}   {duration(left)} left", file=sys.stderr, flush=True)

    return on_row


def _result(row: Row) -> str:
    if row["value"] is None:
        return f"failed: {row['error']}" if row.get("error") else "no value"
    return f"{row['value'] / 1e6:7.2f} Mbit/s  {row['seconds']:6.2f} s"


def _drop_broken_lines(folder: RunFolder, failed: bool) -> None:
    """Rewrite the rows without a line that a kill cut off, or the next row would be appended to it.

    Args:
        folder: The comparison's.
        failed: Whether rows of methods that failed are dropped, too, so that they are tried again.
    """
    path = folder.path / "methods.jsonl"
    if path.is_file():
        whole = [line for line in path.read_bytes().split(b"\n")[:-1] if line.endswith(b"}")]
        if failed:
            whole = [line for line in whole if b'"status": "failed"' not in line]
        write_atomically(path, b"".join(line + b"\n" for line in whole))
