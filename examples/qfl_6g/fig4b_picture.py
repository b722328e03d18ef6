"""Fig. 4b as a picture: accuracy on all devices' data over rounds and over seconds, a column for each set-up."""

from collections.abc import Sequence
from itertools import product
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from qfl.report.canvas import canvas
from qfl.studies.bands import Curve, curve_through
from qfl.studies.federations.colours import LIGHT, STROKES, styles_of
from qfl.studies.federations.settings import LearningSettings

from .fig4b_runs import AMOUNTS, Run

if TYPE_CHECKING:
    from matplotlib.axes import Axes

FEWEST, POINTS = 3, 160  # seeds for a band; of the grid of seconds


def fig4b_png(grid: LearningSettings, runs: Sequence[Run], path: Path) -> None:
    """Draw learner and scheduler as lines, with the band of the mean over the seeds.

    Args:
        grid: What was compared.
        runs: All of them.
        path: Of the PNG.
    """
    names = [[choice.name for choice in choices] for choices in grid.axes.values()]
    lines, cells = list(product(*names[:2])), list(product(*names[2:]))
    looks = styles_of([" + ".join(line) for line in lines])
    with canvas(path, (4.4 * len(cells), 7.6), "Accuracy on all devices' data") as figure:
        panels = figure.subplots(2, len(cells), squeeze=False, sharey=True)
        for (row, amount), (column, cell) in product(enumerate(AMOUNTS), enumerate(cells)):
            axes = panels[row, column]
            axes.set_title(" + ".join(cell), fontsize=10)
            axes.set_xlabel("round" if amount == "rounds" else "simulated seconds")
            if amount == "seconds":
                axes.set_xscale("log")
            for line in lines:
                own = [run for run in runs if run.names == (*line, *cell)]
                if own:
                    _line(axes, curve(" + ".join(line), own, amount), *looks[" + ".join(line)])
        handles = panels[0, 0].get_legend_handles_labels()
        figure.legend(*handles, loc="outside lower center", ncols=6, frameon=False)


def curve(name: str, runs: Sequence[Run], amount: str) -> Curve:
    """Return the mean accuracy over an amount, from where every run has a value to where the last of them ends.

    Args:
        name: Of the line.
        runs: Its seeds.
        amount: One of `AMOUNTS`.
    """
    traces = [(run.amount[amount], run.value["devices"]) for run in runs]
    first, last = (max(trace[0][end] for trace in traces) for end in (0, -1))
    x = np.arange(first, last + 1) if amount == "rounds" else np.geomspace(first, max(last, first), POINTS)
    return curve_through(name, traces, x, FEWEST)


def _line(axes: "Axes", found: Curve, colour: int, stroke: int) -> None:
    dashes = [float(length) / 2 for length in STROKES[stroke].split()]
    style = (0, tuple(dashes)) if dashes else "solid"
    axes.plot(found.x, found.mean, color=LIGHT[colour], linestyle=style, label=found.name)  # pyright: ignore[reportArgumentType]
    axes.fill_between(found.x, found.low, found.high, color=LIGHT[colour], alpha=0.12, linewidth=0)
