"""The table of solvers says what is true of them."""

import inspect
import subprocess
import sys

import pytest

from qfl.errors import ConfigError
from qfl.extend import load_object
from qfl.scheduling.specs import ALIASES, COMMON, DESCENT, IN_TURNS, SOLVERS, TANGENTS, names, specs_of
from qfl.studies.schedulers.colours import DARK, LIGHT

SHARED = {  # what ``**settings`` stands for, if not DESCENT
    "load_balancing:with_qaoa": DESCENT[:2],
    "load_balancing:with_annealing": DESCENT[:2],
    "alternating:with_qaoa": IN_TURNS,
    "alternating:with_exact": IN_TURNS,
    "alternating:with_sca": TANGENTS,
}


@pytest.mark.parametrize("spec", SOLVERS, ids=lambda spec: f"{spec.name} of {spec.problems[0]}")
def test_a_row_lists_the_options_that_its_solver_takes(spec):
    solve = load_object(spec.maker)
    taken = inspect.signature(solve).parameters
    own = [name for name, item in taken.items() if item.kind is item.KEYWORD_ONLY and name not in ("seed", *COMMON)]
    if any(item.kind is item.VAR_KEYWORD for item in taken.values()):
        own += SHARED.get(spec.maker.rpartition(".")[2], DESCENT)
    assert sorted((*spec.options, *spec.fixed)) == sorted(own)


def test_every_family_has_a_colour():
    assert {spec.family for spec in SOLVERS} <= set(LIGHT) & set(DARK)


def test_a_name_has_one_row_for_each_kind_of_problem():
    every = [(spec.name, kind) for spec in SOLVERS for kind in spec.problems]
    assert len(every) == len(set(every))
    assert all(names(kind).count(name) == 1 for name, kind in every)


def test_other_names_are_no_rows_and_stand_for_options_that_there_are():
    assert not {spec.name for spec in SOLVERS} & set(ALIASES)
    for name, (own, fixed) in ALIASES.items():
        for kind, spec in specs_of(name).items():
            assert set(fixed) <= set(spec.options) and spec.maker == specs_of(own)[kind].maker


def test_an_unknown_name_is_refused():
    with pytest.raises(ConfigError, match="'milp' is not a solver"):
        specs_of("milp")


def test_reading_the_table_loads_no_solver():
    code = (
        "import qfl.scheduling.specs, sys; print([m for m in ('numpy', 'torch', 'dimod', 'scipy') if m in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
