"""Where a run begins: at the checkpoint of an interrupted one, or at round 0 with its initial angles."""

import warnings
from dataclasses import replace
from pathlib import Path

import numpy as np

from qfl.config import Settings
from qfl.federation.loop import Run, best_after, take_up, write_down
from qfl.federation.records.reply import Exchange
from qfl.federation.records.resumption import check_angles, check_resumable
from qfl.federation.records.round_metrics import clocked
from qfl.federation.records.rows import round_row
from qfl.federation.runtime.progress import tell
from qfl.federation.state import State, load
from qfl.gaps import gaps
from qfl.results import RunFolder
from qfl.tasks.federation import Federation
from qfl.trained.start import Start, start_from


def first_state(run: Run, federation: Federation) -> State:
    """Return the state to go on from: the checkpoint's, or that of the initial angles, whose test is round 0."""
    start = first_angles(run.settings, federation)
    angles = start.angles
    if run.settings.run.resume:
        check_resumable(run.folder, federation.metric.name)
        if (state := load(run.folder)) is not None:
            check_angles(run.folder, state.round, state.angles, angles)
            take_up(run, state)
            run.folder.truncate(state.round)
            run.sinks.start(run.settings, run.folder, state.round)
            tell_gaps(run.folder, state.round)
            return state
    if start.remark:
        warnings.warn(start.remark, stacklevel=2)
    if dropped := federation.manifest.get("dropped"):
        warnings.warn(
            f"{dropped} of the data's samples were dropped: no label, or a feature that is no finite number",
            stacklevel=2,
        )
    if start.origin:
        run.folder.update(started_from=start.origin)
    run.folder.truncate(-1)
    run.sinks.start(run.settings, run.folder, -1)
    state = State(0, angles, run.player.memory())
    found, seconds = clocked(lambda: run.evaluate(angles))
    state = replace(state, best=best_after(state, state, found))
    exchange = Exchange().spent(evaluate=seconds, total=seconds)
    row = round_row(0, [], found, exchange, federation.metric.name, angles, angles, {})
    write_down(run, state, row, [])
    run.sinks.row(row, kept=True)
    tell(row, federation.metric)
    return state


def first_angles(settings: Settings, federation: Federation) -> Start:
    """Return the angles of round 0: the model's own, or those of the trained model that ``run.start-from`` names.

    Raises:
        UserError: If there is no such model, or none of its entries has a place.
    """
    dtype = np.float64 if settings.precision == "double" else np.float32
    initial = federation.model.initial(settings.seed).astype(dtype)
    if not settings.run.start_from or _goes_on(settings):
        return Start(initial, len(initial), 0, {})
    return start_from(settings.run.start_from, federation.model.layout, initial)


def _goes_on(settings: Settings) -> bool:
    """Return whether a run is resumed from a checkpoint, so that it begins nowhere."""
    return settings.run.resume and (Path(settings.run.folder) / "checkpoint.npz").exists()


def tell_gaps(folder: RunFolder, last_round: int) -> None:
    """Warn of rows that a resumed run should have and has not: the angles are whole, the report will not be."""
    for gap in gaps(folder.rounds(), folder.clients(), last_round):
        warnings.warn(f"{folder.path}: {gap}; the run goes on, but its report has a hole there", stacklevel=2)
