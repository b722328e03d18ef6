"""Heat maps: strategies over the values of each axis, one colour scale for all."""

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from qfl.report.canvas import canvas
from qfl.spread import known_values

from .heterogeneity_settings import AXES

if TYPE_CHECKING:
    from matplotlib.axes import Axes


def heterogeneity_png(numbers: Mapping[str, Any], path: Path) -> None:
    """Draw a map for each axis.

    Args:
        numbers: As the study returned them.
        path: Of the PNG.
    """
    maps = {axis: _map(numbers, axis) for axis in AXES}
    widths = [max(1.2, len(values)) for values, _ in maps.values()]
    highest = max(known_values(np.concatenate([found.ravel() for _, found in maps.values()]).tolist()), default=1.0)
    height = 1.6 + 0.5 * len(numbers["strategies"])
    with canvas(path, (3.5 + 1.2 * sum(widths), height), w_pad=0.12) as figure:
        panels = figure.subplots(1, len(maps), sharey=True, width_ratios=widths)
        for axes, (axis, (values, found)) in zip(panels, maps.items(), strict=True):
            _heat(axes, found, highest)
            axes.set_title(AXES[axis], fontsize=10)
            axes.set_xticks(range(len(values)), [f"{value:g}" for value in values] if axis != "together" else [""])
        panels[0].set_yticks(range(len(numbers["strategies"])), numbers["strategies"])


def _map(numbers: Mapping[str, Any], axis: str) -> tuple[list[float], np.ndarray]:
    """Return the values of an axis and the mean accuracies, a row for each strategy."""
    cells = {(cell["strategy"], cell["value"]): cell["mean"] for cell in numbers["cells"] if cell["axis"] == axis}
    values = list(dict.fromkeys(value for _, value in cells))
    rows = [[cells[name, value] for value in values] for name in numbers["strategies"]]
    return values, np.array(rows, float)


def _heat(axes: "Axes", found: np.ndarray, highest: float) -> None:
    axes.imshow(found, vmin=0.0, vmax=highest or 1.0, cmap="viridis", aspect="auto")
    for row, column in zip(*np.nonzero(np.isfinite(found)), strict=True):
        share = found[row, column]
        colour = "white" if share < 0.6 * highest else "black"
        axes.text(column, row, f"{100 * share:.0f}", ha="center", va="center", color=colour, fontsize=9)
