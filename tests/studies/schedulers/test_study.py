"""Comparisons of schedulers in which something is absent: a method on an instance, a bound, a time, a trace.

Also covers qfl/studies/schedulers/page.py, qfl/studies/schedulers/template.py and
qfl/studies/schedulers/picture.py: each is drawn for whatever rows lack.
"""

import json
import re
from pathlib import Path

import pytest

import qfl
from qfl.cli.compare_schedulers import ending
from qfl.studies.request import comparison
from qfl.studies.schedulers import measure as measuring
from qfl.studies.schedulers.claims import claims
from qfl.studies.schedulers.run import create, run
from qfl.studies.schedulers.study import STUDY

ROOT = Path(qfl.__file__).parent.parent
NEVER = {"tdma_lpt_s": [], "bound_s": []}


@pytest.fixture(autouse=True)
def small_pictures(monkeypatch):
    monkeypatch.setattr("qfl.report.canvas.DPI", 40)


def drawn(folder, settings, rows):
    """Return the numbers, having checked that JSON, page and text hold no NaN."""
    found = STUDY.show(comparison(folder, {}, ROOT, True), settings, rows).numbers
    assert json.loads(json.dumps(found, allow_nan=False)) == found
    page, text = (folder.path / "report.html").read_text(), "\n".join(ending(found))
    assert not re.search(r"\b(nan|None|inf)\b", f"{page}{text}")
    return found


def test_a_method_that_fails_on_one_instance_costs_no_other_and_is_tried_again(tmp_path, quick, monkeypatch):
    real, broken = measuring.solver, [True]

    def solver(name):
        def solve(problem, *, seed, **options):
            if broken[0] and name == "greedy" and seed == 2 and len(problem.instance.gain) == 20:
                raise ArithmeticError("no step")
            return real(name)(problem, seed=seed, **options)

        return solve

    monkeypatch.setattr(measuring, "solver", solver)
    folder = create(quick, "x", path=tmp_path)
    rows = run(folder, quick)
    found = drawn(folder, quick, rows)
    assert found["failures"] == [
        {"case": "main", "method": "greedy", "seed": 2, "error": "ArithmeticError: no step"},
    ]
    assert (found["methods"]["greedy"]["seeds"], found["methods"]["random"]["seeds"]) == (1, 2)
    assert "greedy has no value on instance 2" in (tmp_path / "report.html").read_text()
    broken[0], measured = False, []
    again = run(folder, quick, lambda done, total, row: measured.append((row["method"], row["seed"])))
    assert measured == [("greedy", 2)] and drawn(folder, quick, again)["failures"] == []


def test_claims_are_over_the_instances_that_both_solved(make_row):
    rows = [
        make_row("qaoa_bcd", 1, [(0, 0.0, 60e6)]),
        make_row("qaoa_bcd", 2, [(0, 0.0, 90e6)]),
        make_row("sca_final", 2, [(0, 0.0, 60e6)]),
        make_row("sca_best", 1, [(0, 0.0, 0.0)]) | {"value": None},
    ]
    (claim,) = claims(rows)
    assert claim["classical"] == "sca_final" and claim["gain_percent"] == pytest.approx(50)


LACKS = [
    {"bound": None},
    {"bound": 0.0},
    {"value": None},
    {"round_time_s": None},
    {"trace": []},
    {"rates": []},
    {"jain": None, "participants": None, "energy_j": None},
    {"seconds": None, "evaluations": None, "iterations": None},
]
NAMES = (
    "random",
    "random_sca_power",
    "sca_final",
    "qaoa_bcd",
    "bcd_exact",
    "bcd_sampling",
    "greedy",
    "matching_dump_1opt",
)


def rows_that_lack(make_row, changes):
    """Return rows of two instances; the changes are to those of the first, method by method, or to all."""
    steps = [(0, 0.0, 10e6), (9, 1.0, 50e6)]
    if len(changes) == 1:
        return [make_row(name, seed, steps) | changes[0] for name in NAMES for seed in (1, 2)]
    first = [make_row(name, 1, steps) | change for name, change in zip(NAMES, changes, strict=True)]
    return first + [make_row(name, 2, steps) for name in NAMES]


@pytest.mark.parametrize("changes", [LACKS, *([each] for each in LACKS)], ids=str)
def test_a_page_is_drawn_whatever_rows_lack(tmp_path, quick, make_row, changes):
    rows = rows_that_lack(make_row, changes)
    folder = create(quick, "x", path=tmp_path)
    folder.update(round_time={"tdma_lpt_s": [1.0, 2.0], "bound_s": [0.5, 0.5]} if len(changes) > 1 else NEVER)
    assert set(drawn(folder, quick, rows)["methods"]) == (set() if "value" in changes[0] else set(NAMES))
