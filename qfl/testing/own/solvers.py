"""A scheduler, ours or somebody's own, on small cells, by the solvers' kit."""

from collections.abc import Iterator
from dataclasses import replace

import numpy as np

from qfl.airtime.radio_settings import solver_name, solver_of
from qfl.config.radio import RadioSettings
from qfl.errors import ConfigError
from qfl.extend import is_reference
from qfl.scheduling.problem import Problem
from qfl.scheduling.specs import SOLVERS
from qfl.testing.kits import Check, solver
from qfl.testing.own.kinds import Case
from qfl.wireless.scenario import UplinkScenario
from qfl.wireless.uplink import draw

DEVICES, CHANNELS = 5, 3
PAYLOADS = np.array([1e3, 9e3, 2e3, 4e3, 4e3])
WEIGHTS = np.array([0.0, 5.0, 1.0, 0.2, 1.0])


def checks(case: Case) -> Iterator[Check]:
    """Yield the checks of a scheduler: for the objective that is set, else for round times and for rates.

    Raises:
        UserError: If there is no such scheduler.
    """
    radio = case.settings.radio
    fixed = case.in_run or "radio.objective" in case.given
    for objective in (radio.objective,) if fixed else _objectives(radio):
        own = replace(radio, objective=objective, gains="")
        name = solver_name(own)
        clocked = not is_reference(name) and any(spec.name == name and spec.clocked for spec in SOLVERS)
        yield from solver.checks(solver_of(own), _problems(own), clocked=clocked)


def _objectives(radio: RadioSettings) -> tuple[str, ...]:
    """Return the objectives that a scheduler is tried on: a user's own on both, one of ours on those that it solves."""
    return tuple(each for each in ("round_time", "sum_rate") if _solves(replace(radio, objective=each)))


def _solves(radio: RadioSettings) -> bool:
    try:
        solver_name(radio)
    except ConfigError:
        return False
    return True


def _problems(radio: RadioSettings) -> dict[str, Problem]:
    """Return small problems of an objective, by name."""
    cell = UplinkScenario(
        num_devices=DEVICES, num_channels=CHANNELS, variant=radio.variant, rician_k_db=radio.rician_k_db
    )
    if radio.objective == "weighted_sum_rate":
        return {"weighted sum rate": Problem(draw(cell, 1), radio.objective, weights=WEIGHTS)}
    if radio.objective == "sum_rate":
        return {f"sum rate, cell {seed}": Problem(draw(cell, seed)) for seed in (1, 2)}
    return {
        f"round time, cell {seed}": Problem(draw(cell, seed), "round_time", payload_bits=PAYLOADS) for seed in (1, 2)
    }
