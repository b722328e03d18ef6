"""Run every scheduler on every workload of a sweep, once; what the folder holds is not run again."""

import time
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

from qfl.backbone.orchestration.bound import bound
from qfl.backbone.orchestration.instances import WorkloadSettings, draw_workload
from qfl.backbone.orchestration.registry import SCHEDULERS, schedule
from qfl.backbone.orchestration.schedule import violations
from qfl.studies.jobs import run_jobs
from qfl.studies.request import Request
from qfl.tables import Table, number, read_table, text, whole

from .settings import Sweep

SCHEDULES = "schedules"
BOUND = "bound"
MIXED = 0.0  # the deadline coefficient of a workload whose jobs differ
RECORDED = Table(
    SCHEDULES,
    ("jobs", "coefficient", "seed", "scheduler"),
    {"jobs": whole, "coefficient": number, "seed": whole, "scheduler": text, "served": number, "seconds": number},
)

Row = dict[str, Any]
Cell = tuple[int, float, int]
"""A workload: jobs, deadline coefficient, seed."""


def measure(request: Request, sweep: Sweep, mixed: bool) -> list[Row]:
    """Return a row for each workload and scheduler, the fluid bound among them."""
    done = {(row["jobs"], row["coefficient"], row["seed"]) for row in request.folder.rows(SCHEDULES)}
    cells = [cell for cell in _cells(sweep, mixed) if cell not in done]
    jobs = [(_rows, (cell, sweep)) for cell in sorted(cells, reverse=True)]
    for count, rows in enumerate(run_jobs(jobs, sweep.processes), start=1):
        request.folder.append(SCHEDULES, rows)
        if count % 20 == 0 or count == len(jobs):
            request.show(f"{count} of {len(jobs)} workloads")
    return read_table(request.folder, RECORDED)


def _cells(sweep: Sweep, mixed: bool) -> Iterator[Cell]:
    for jobs in sweep.jobs:
        for coefficient in [MIXED] if mixed else sweep.coefficients:
            yield from ((jobs, coefficient, seed) for seed in sweep.seeds)


def _rows(cell: Cell, sweep: Sweep) -> list[Row]:
    """Return the rows of one workload; every schedule is checked before it counts."""
    jobs, coefficient, seed = cell
    row = {"jobs": jobs, "coefficient": coefficient, "seed": seed}
    load = draw_workload(_settings(sweep, jobs, coefficient), seed)
    rows, start = [], time.process_time()
    most = bound(load)
    rows.append(row | {"scheduler": BOUND, "served": most / jobs, "seconds": time.process_time() - start})
    for name in SCHEDULERS:
        start = time.process_time()
        made = schedule(load, name, seed=seed, steps=sweep.steps)
        took = time.process_time() - start
        if faults := violations(load, made):
            raise AssertionError(f"{name} made a schedule that cannot be run: {faults[0]}")
        rows.append(row | {"scheduler": name, "served": made.served(load), "seconds": took})
    return rows


def _settings(sweep: Sweep, jobs: int, coefficient: float) -> WorkloadSettings:
    coefficients = sweep.coefficients if coefficient == MIXED else (coefficient,)
    return replace(sweep.workload, jobs=jobs, coefficients=coefficients)
