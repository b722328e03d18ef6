"""Gradients beside the bounds of Eq. (21), depths, and dimensions of Lie algebras, over the number of neurons."""

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from qfl.report.canvas import canvas

from .theory_page import TITLES
from .theory_readings import READINGS

if TYPE_CHECKING:
    from matplotlib.axes import Axes

COLOURS = dict(zip(READINGS, ("#d55e00", "#0072b2", "#e69f00", "#009e73"), strict=True))
DASHES = ("-", "--", ":", "-.")
SMALL = 1e-12  # nothing is drawn below, on a logarithmic axis


def theory_png(numbers: Mapping[str, Any], path: Path) -> None:
    """Draw the three losses above, the counts below.

    Args:
        numbers: As the study returned them.
        path: Of the PNG.
    """
    with canvas(path, (14.0, 8.4), w_pad=0.15, h_pad=0.12) as figure:
        above, below = figure.subplots(2, 3)
        for axes, (loss, title) in zip(above, TITLES.items(), strict=True):
            _gradients(axes, [row for row in numbers["gradients"] if row["loss"] == loss])
            axes.set_title(title)
        above[0].set_ylabel("mean squared norm of the gradient")
        counts = numbers["counts"]
        _over_neurons(below[0], [row for row in counts if "depth_two_rounds" in row], "depth")
        _over_neurons(below[1], [row for row in counts if "depth_two_rounds" in row], "depth_two_rounds")
        _over_neurons(below[2], [row for row in counts if "lie" in row and row["circuit"] in READINGS], "lie")
        below[0].set_title("depth of U_connect, 2 layers")
        below[1].set_title("the same in two rounds")
        below[2].set_title("dimension of the Lie algebra")
        below[2].set_yscale("log")
        labels = {
            label: line
            for axes in (*above, *below)
            for line, label in zip(*axes.get_legend_handles_labels(), strict=True)
        }
        figure.legend(labels.values(), labels.keys(), loc="outside lower center", ncols=5, frameon=False)


def _gradients(axes: "Axes", rows: list[Mapping[str, Any]]) -> None:
    neurons = sorted({row["neurons"] for row in rows})
    for name in READINGS:
        for dash, layers in zip(DASHES, sorted({row["layers"] for row in rows}), strict=False):
            own = [row for row in rows if (row["reading"], row["layers"]) == (name, layers)]
            own = [row for row in own if row["mean"]["mean"] > SMALL]
            label = f"{name}, {layers} layer{'s' * (layers > 1)}"
            x, y = [row["neurons"] for row in own], [row["mean"]["mean"] for row in own]
            axes.plot(x, y, dash, marker="o", markersize=4, color=COLOURS[name], label=label)
    axes.axhline(0.25, color="#1d2530", linewidth=1, label="lower bound of Eq. (21)")
    axes.plot(neurons, neurons, color="#a7b0ba", linewidth=1, label="upper bound, 1 layer")
    axes.set_yscale("log")
    axes.set_xticks(neurons)
    axes.set_xlabel("neurons; what is 0 is not drawn")


def _over_neurons(axes: "Axes", rows: list[Mapping[str, Any]], what: str) -> None:
    deepest = max(row["layers"] for row in rows)
    for dash, name in zip(DASHES, READINGS, strict=True):
        own = [row for row in rows if row["circuit"] == name and row["layers"] == deepest]
        x, y = [row["neurons"] for row in own], [row[what] for row in own]
        axes.plot(x, y, dash, marker="o", markersize=4, color=COLOURS[name])
    axes.set_xlabel(f"neurons, {deepest} layers")
    axes.set_xticks(sorted({row["neurons"] for row in rows}))
