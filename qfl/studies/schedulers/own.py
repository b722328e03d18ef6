"""Users' own objects in a comparison: solvers of the panel, a path loss, measured gains; looked at before all else."""

from dataclasses import replace
from pathlib import Path
from typing import Any

from qfl.config.private import unfold
from qfl.errors import ConfigError
from qfl.extend import in_app, is_reference, load_own
from qfl.own_calls import settings_taken, shares
from qfl.scheduling.own import own_solver, solver_takes
from qfl.studies.schedulers.settings import ComparisonSettings
from qfl.wireless.measured import measured, require_size
from qfl.wireless.uplink import draw

SMALL_CELL: dict[str, Any] = {"num_devices": 8, "num_channels": 3, "max_per_channel": 0}


def check_own(settings: ComparisonSettings) -> dict[str, dict[str, Any]]:
    """Return the own settings of each of the user's solvers, after everything of the user's has been looked at once.

    Raises:
        ConfigError: If something of it is absent, takes other settings, or does not give what it should.
    """
    cell = settings.scenario
    if cell.gains:
        require_size(cell, cell.num_devices, settings.instances[-1])
        _require_small(settings)
    takers = {name: solver_takes(name, "panel") for name in settings.panel if is_reference(name)}
    names = {f"panel: {name}": taken for name, taken in takers.items()}
    if is_reference(cell.path_loss):
        names["path-loss"] = settings_taken(load_own(cell.path_loss, "path-loss"), "path-loss")
        draw(cell, 1)
    if cell.my and not names:
        raise ConfigError("[my] is set, but neither a method of the panel nor path-loss is your own; drop it")
    found = shares(names, unfold(cell.my))
    mine = {name: found[f"panel: {name}"] for name in takers}
    for name, own in mine.items():
        own_solver(name, "panel", own)
    return mine


def located(settings: ComparisonSettings, app: Path, beside: Path) -> ComparisonSettings:
    """Return settings whose own objects and file of gains are relative to the app's folder.

    Args:
        settings: As the file has them; what lies beside the file may be named by its own name.
        app: The app's folder.
        beside: The file's folder.
    """
    cell = settings.scenario
    gains, inside = (beside / cell.gains).resolve(), app.resolve()
    near = cell.gains and gains.is_file() and gains.is_relative_to(inside)
    cell = replace(
        cell,
        path_loss=in_app(cell.path_loss, app, beside) if is_reference(cell.path_loss) else cell.path_loss,
        gains=gains.relative_to(inside).as_posix() if near else cell.gains,
    )
    panel = tuple(in_app(name, app, beside) if is_reference(name) else name for name in settings.panel)
    return replace(settings, scenario=cell, panel=panel)


def _require_small(settings: ComparisonSettings) -> None:
    if not settings.small_seeds:
        return
    cell, trace = settings.scenario, measured(settings.scenario)
    _, devices, channels = trace.gains.shape
    if devices < SMALL_CELL["num_devices"] or channels < SMALL_CELL["num_channels"]:
        raise ConfigError(
            f"small-seeds = {settings.small_seeds}: {trace.name} is of {devices} devices and {channels} sub-channels, "
            "and small instances have 8 and 3; set small-seeds = 0"
        )
    trace.at(settings.small_instances[-1] - 1, cell.gains_end)
