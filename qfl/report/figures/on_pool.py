"""What the pool of QPUs gave: the figure of merit over its virtual seconds, and the seconds of each QPU by round."""

import numpy as np

from qfl.report.figures.figure import Figure, Key
from qfl.report.figures.on_air import over_clock
from qfl.report.figures.stacked import stacked
from qfl.report.formatting import duration, percent
from qfl.report.record import Record, column

INKS = ("train", "verify", "evaluate", "aggregate", "checkpoint", "missing", "broadcast")
"""Of the QPUs, in the order of the pool; those beyond share the last."""


def on_pool(record: Record) -> Figure | None:
    """Draw the figure of merit over the pool's virtual clock; nothing where a run had none."""
    return over_clock(record, "pool", "the pool's virtual clock: clients' jobs and tests, queues included")


def pool_seconds(record: Record) -> Figure | None:
    """Draw the seconds that each QPU worked for the clients of a round."""
    rows = record.trained.rounds
    seconds_of = {name: np.nan_to_num(column(rows, "pool", "busy_s", name)) for name in _names(record)}
    if not sum(float(seconds.sum()) for seconds in seconds_of.values()):
        return None
    shared: dict[str, np.ndarray] = {}
    legend, whole = [], sum(float(seconds.sum()) for seconds in seconds_of.values())
    for place, (name, seconds) in enumerate(seconds_of.items()):
        ink = INKS[min(place, len(INKS) - 1)]
        shared[ink] = shared.get(ink, np.zeros(len(rows))) + seconds
        legend.append(Key(name, f"{duration(float(seconds.sum()))}, {percent(float(seconds.sum()) / whole)}", ink))
    about = f"{duration(whole)} of QPUs in all, those of the tests apart."
    named = {key.ink: key.name for key in reversed(legend)}
    picture = stacked(record.trained.column("round"), shared, about, lambda value: f"{value:.4g} s", names=named)
    return Figure("QPU seconds per round", about, picture, tuple(legend))


def _names(record: Record) -> list[str]:
    """Return the QPUs that any round names, in the order in which they first stand there."""
    found: dict[str, None] = {}
    for row in record.trained.rounds:
        pool = row.get("pool")
        busy = pool.get("busy_s") if isinstance(pool, dict) else None
        found |= dict.fromkeys(map(str, busy)) if isinstance(busy, dict) else {}
    return list(found)
