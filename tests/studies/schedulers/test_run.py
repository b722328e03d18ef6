"""A comparison is the same for all methods, and goes on where it was killed."""

import dataclasses
import json
from pathlib import Path

import numpy as np
import pytest

import qfl
from qfl.errors import RunFolderError
from qfl.scheduling.problem import Problem
from qfl.scheduling.solvers.registry import solve
from qfl.scheduling.specs import names as solvers_of
from qfl.studies.request import comparison
from qfl.studies.schedulers.measure import Job, measure
from qfl.studies.schedulers.panel import PANEL, SMALL
from qfl.studies.schedulers.run import create, jobs, run, settings_of
from qfl.studies.schedulers.study import STUDY
from qfl.wireless.uplink import draw

ROOT = Path(qfl.__file__).parent.parent


def numbers(row):
    """Return a row without what depends on the machine's speed."""
    return {
        key: [point[:2] + point[3:] for point in value] if key == "trace" else value
        for key, value in row.items()
        if key not in ("seconds", "settled")
    }


def by_key(rows):
    return {(row["case"], row["seed"], row["method"]): numbers(row) for row in rows}


def test_a_killed_comparison_measures_only_what_is_missing(tmp_path, quick):
    folder = create(quick, "quick", path=tmp_path)
    whole = run(folder, quick)
    assert len(whole) == len(jobs(quick)) == 2 * 5 + 6
    lines = (tmp_path / "methods.jsonl").read_bytes().splitlines(keepends=True)
    # a kill in the middle of the sixth line
    (tmp_path / "methods.jsonl").write_bytes(b"".join(lines[:5]) + lines[5][:-40])
    measured = []
    again = run(folder, quick, lambda done, total, row: measured.append((done, total)))
    assert measured[0] == (6, 16) and measured[-1] == (16, 16) and len(measured) == 11
    assert by_key(again) == by_key(whole)
    assert (tmp_path / "methods.jsonl").read_bytes().splitlines(keepends=True)[:5] == lines[:5]

    found = STUDY.show(comparison(folder, {}, ROOT, True), quick, again).numbers
    for name in ("report.html", "comparison.png", "methods.csv", "curves.csv"):
        assert (tmp_path / name).stat().st_size > 500
    assert json.loads(json.dumps(found, allow_nan=False)) == found
    page = (tmp_path / "report.html").read_text()
    assert page.count("<svg") > 20 and ">nan" not in page
    for name, own in found["methods"].items():
        assert 0 < own["percent_of_bound"] <= 100 and own["start"] and name in page
    assert found["methods"]["random_sca_power"]["over_random_sca_power"] == pytest.approx(1)
    assert found["small"]["brute_force"]["times_optimal"] == 1


def test_more_seeds_widen_a_comparison(tmp_path, quick):
    folder = create(quick, "quick", path=tmp_path)
    first, measured = run(folder, quick), []
    wider = dataclasses.replace(quick, seeds=3)
    assert (
        by_key(run(folder, wider, lambda done, total, row: measured.append(row["seed"]))).items()
        > by_key(first).items()
    )
    assert measured == [3] * 5 and folder.header["settings"]["seeds"] == 3


def test_rows_are_not_added_to_those_of_another_source(tmp_path, quick):
    folder = create(quick, "quick", path=tmp_path)
    folder.append("methods", [measure(jobs(quick)[0])])
    folder.update(source="another")
    with pytest.raises(RunFolderError, match="another version of the source; start a new comparison"):
        run(folder, quick)


def test_another_kind_of_run_folder_is_refused(tmp_path, quick):
    folder = create(quick, "quick", path=tmp_path)
    folder.update(kind="training")
    with pytest.raises(RunFolderError, match="holds no comparison"):
        settings_of(folder)


def test_a_row_says_the_value_of_the_same_instance_that_others_get(quick):
    cell = dataclasses.replace(quick.scenario)
    job = next(job for job in jobs(quick) if job.entry.name == "best_gain_wmmse" and job.seed == 2)
    row = measure(job)
    again = solve(Problem(draw(cell, 2)), "best_gain_wmmse", seed=2)
    assert row["value"] == again.value and row["start"] == again.start == "best_gain, full power"
    assert np.sum(row["rates"]) == pytest.approx(row["value"], rel=1e-3)
    assert row["value"] <= row["bound"] * (1 + 1e-9)


def test_a_start_that_is_asked_for_is_named_and_is_not_lost(quick):
    entry = next(entry for entry in PANEL if entry.name == "qaoa_bcd_matched")
    row = measure(Job("main", quick.scenario, 1920.0, 1, entry))
    assert row["start"] == "matching_dump" and row["trace"][0][3] <= row["value"]


def test_every_entry_has_a_solver_and_a_name_of_its_own():
    assert {entry.solver for entry in (*PANEL, *SMALL)} <= set(solvers_of("rates"))
    assert len({entry.name for entry in PANEL}) == len(PANEL)
    assert all(entry.about and entry.start in ("own", "matching_dump") for entry in PANEL)
