"""From the settings of the radio to its cell, its motion, and its solver."""

from qfl.config.cell import Motion, part_of
from qfl.config.radio import RadioSettings
from qfl.errors import ConfigError
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
    """Return the registered name of the solver.

    Raises:
        ConfigError: If there is none, or it is for other objectives.

    Example:
        >>> solver_name(RadioSettings()), solver_name(RadioSettings(objective="sum_rate", solver="qaoa"))
        ('tdma_lpt', 'qaoa_bcd')
    """
    of_time = settings.objective == "round_time"
    name = FAMILIES.get(settings.solver, (settings.solver, settings.solver))[0 if of_time else 1]
    fitting = names("round_time" if of_time else "rates")
    if ALIASES.get(name, (name,))[0] not in fitting:
        raise ConfigError(
            f"radio.solver = {settings.solver!r} does not solve radio.objective = {settings.objective!r}; give one of "
            f"{', '.join(name for name in FAMILIES if name != 'sca' or not of_time)}, {', '.join(fitting)}"
        )
    return name
