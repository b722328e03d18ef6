"""Fig. 4b in both of its readings: QFL against FL as learners, and QAOA against SCA under one learner."""

from collections.abc import Mapping, Sequence
from functools import partial
from typing import Any

from qfl.api.sweep import open_folder, train
from qfl.errors import DataError
from qfl.federation.runtime.launch import check_app
from qfl.results import RunFolder
from qfl.studies.csv_files import flat, write_csv
from qfl.studies.federations.outcome import outcome
from qfl.studies.federations.run import missing_data
from qfl.studies.federations.run import run as run_all
from qfl.studies.federations.settings import Member
from qfl.studies.jobs import run_jobs
from qfl.studies.request import Request
from qfl.studies.study import Study
from qfl.tables import read_table

from .fig4b_devices import DEVICES, Row, on_all_data
from .fig4b_page import page
from .fig4b_picture import fig4b_png
from .fig4b_runs import Run, read_runs
from .fig4b_settings import Readings, settings_of
from .fig4b_summary import READINGS, reading

FOLDER = "federations"


def run(request: Request, study: Readings) -> list[Run]:
    """Return what every federation came to; what the folder has is neither trained nor scored again.

    Raises:
        DataError: If the data cannot be had.
    """
    path = request.folder.path / FOLDER
    if not (path / "run.json").is_file() and (why := missing_data(study.grid)):
        raise DataError(f"{why}; or take the embedded digits with --quick")
    folder = open_folder(study.grid, "fig4b", path)

    def told(done: int, total: int, member: Member, where: RunFolder) -> None:
        request.show(f"[{done}/{total}] seed {member.seed}: {member.label}")

    check = partial(check_app, app_root=request.checkout)
    done = run_all(folder, study.grid, partial(train, str(request.checkout)), told, check, study.processes)
    return read_runs(done, _scored(request, done, study.processes))


def _scored(request: Request, runs: Mapping[Member, RunFolder], processes: int) -> list[Row]:
    """Return the accuracy of every run's global model on all devices' data."""
    known = {(row["label"], row["seed"]) for row in read_table(request.folder, DEVICES)}
    missing = [(member, str(where.path)) for member, where in runs.items() if (member.label, member.seed) not in known]
    for rows in run_jobs([(on_all_data, job) for job in missing], processes):
        request.folder.append(DEVICES.name, rows)
    return read_table(request.folder, DEVICES)


def summarise(request: Request, study: Readings, runs: Sequence[Run]) -> dict[str, Any]:
    """Return the comparison's numbers as ``qfl compare`` gives them, and both readings.

    ::

        reading_learner.rows.CELL      QFL against FL under one scheduler, aggregation and number of participants
        reading_scheduler.rows.CELL    QAOA against SCA under one learner, aggregation and number of participants
            level                      of the accuracy on all devices' data; the highest that all these runs reach
            sooner_percent.seconds     mean, low, high, seeds: how much sooner the first is there, on the virtual clock
            sooner_percent.rounds      the same in rounds
            gain_points.devices        accuracy on all devices' data after the last round, the first's less the second's
            gain_points.test           the same on the test set
            verdict                    in words
        reading_NAME.as_published      the row of the paper's aggregation with all devices; reading_NAME.ours

    Args:
        request: Whose folder it is.
        study: What was compared.
        runs: All of them.
    """
    folder = RunFolder(request.folder.path / FOLDER)
    numbers = outcome(folder, {label: [run.record for run in runs if run.label == label] for label in _labels(runs)})
    return numbers | {f"reading_{each.name}": reading(each, study.grid, runs) for each in READINGS}


def _labels(runs: Sequence[Run]) -> list[str]:
    return list(dict.fromkeys(run.label for run in runs))


def _draw(request: Request, study: Readings, runs: Sequence[Run], numbers: Mapping[str, Any]) -> None:
    rows = [
        {"reading": each.name, "cell": cell} | flat(row)
        for each in READINGS
        for cell, row in numbers[f"reading_{each.name}"]["rows"].items()
    ]
    write_csv(request.folder.path / "readings.csv", rows)
    write_csv(request.folder.path / "curves.csv", [line for run in runs for line in run.lines()])
    fig4b_png(study.grid, runs, request.folder.path / "fig4b.png")


STUDY = Study(
    settings_of, run, summarise, _draw, lambda request, study, runs, numbers: page(numbers, study.grid, request.quick)
)
