"""From the settings of the radio to its cell, its motion, and its solver."""

from collections.abc import Callable
from functools import partial
from typing import Any

from qfl.config.blocks import block_faults
from qfl.config.cell import Motion, part_of
from qfl.config.private import unfold
from qfl.config.radio import RadioSettings
from qfl.errors import ConfigError
from qfl.extend import is_reference, load_own
from qfl.own_calls import settings_taken, shares
from qfl.scheduling.block_options import block_options
from qfl.scheduling.own import own_solver, solver_takes
from qfl.scheduling.schedule import Schedule
from qfl.scheduling.solution import Solution
from qfl.scheduling.solvers.registry import solver
from qfl.scheduling.specs import ALIASES, names
from qfl.wireless.scenario import UplinkScenario

FAMILIES = {
    "auto": ("tdma_lpt", "matching_dump_1opt"),
    "qaoa": ("squared_loads_qaoa", "qaoa_bcd"),
    "annealing": ("squared_loads_annealing", "annealing"),
    "sca": ("sca", "sca_best"),  # of rates only
}
"""Short names of solvers: the one for `round_time`, and the one for rates."""


def scenario_of(settings: RadioSettings, num_devices: int) -> UplinkScenario:
    """Return the cell that settings describe.

    Example:
        >>> scenario_of(RadioSettings(), 200) == UplinkScenario()
        True
    """
    return part_of(settings, UplinkScenario, num_devices=num_devices)


def motion_of(settings: RadioSettings) -> Motion:
    """Return the motion that settings describe.

    Example:
        >>> motion_of(RadioSettings()) == Motion()
        True
    """
    return part_of(settings, Motion)


def solver_name(settings: RadioSettings) -> str:
    """Return the registered name of the solver; a user's own is called by its reference.

    Raises:
        ConfigError: If there is none, or it is for other objectives.

    Example:
        >>> solver_name(RadioSettings()), solver_name(RadioSettings(objective="sum_rate", solver="qaoa"))
        ('tdma_lpt', 'qaoa_bcd')
    """
    if is_reference(settings.solver):
        return settings.solver
    of_time = settings.objective == "round_time"
    name = FAMILIES.get(settings.solver, (settings.solver, settings.solver))[0 if of_time else 1]
    fitting = names("round_time" if of_time else "rates")
    if ALIASES.get(name, (name,))[0] not in fitting:
        raise ConfigError(
            f"radio.solver = {settings.solver!r} does not solve radio.objective = {settings.objective!r}; give one of "
            f"{', '.join(name for name in FAMILIES if name != 'sca' or not of_time)}, {', '.join(fitting)}, or "
            "your own, such as 'schedule.py:solve'"
        )
    return name


def solver_of(settings: RadioSettings) -> Callable[..., Solution[Schedule]]:
    """Return the solver: call it with a problem, a seed, and the options of every solver.

    Raises:
        ConfigError: If there is none, or it does not take its settings.
    """
    if faults := block_faults(settings, "radio."):
        raise ConfigError(faults)
    name, mine = solver_name(settings), own_settings(settings)
    if is_reference(name):
        return own_solver(name, "radio.solver", mine["radio.solver"], {"block_size": settings.block_size})
    kind = "round_time" if settings.objective == "round_time" else "rates"
    return partial(solver(name), **block_options(name, kind, settings))


def own_settings(settings: RadioSettings) -> dict[str, dict[str, Any]]:
    """Return the settings in ``[radio.my]`` of each of the user's own objects.

    Raises:
        ConfigError: If nobody takes one of them, or there is no such object.

    Example:
        >>> own_settings(RadioSettings(my='{"slope": 3.0}'))
        Traceback (most recent call last):
        qfl.errors.ConfigError: radio.my is set, but neither radio.solver nor radio.path-loss is your own; drop it
    """
    takers: dict[str, frozenset[str] | None] = {}
    if is_reference(settings.solver):
        takers["radio.solver"] = solver_takes(settings.solver, "radio.solver")
    if is_reference(settings.path_loss):
        key = "radio.path-loss"
        takers[key] = settings_taken(load_own(settings.path_loss, key), key)
    if settings.my and not takers:
        raise ConfigError("radio.my is set, but neither radio.solver nor radio.path-loss is your own; drop it")
    return shares(takers, unfold(settings.my))
