"""Figs. 3 and 4 as pictures: the fraction of jobs served, over the load or over the deadline coefficient."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from qfl.report.canvas import canvas

if TYPE_CHECKING:
    from matplotlib.axes import Axes

FEWEST = 5  # seeds for a band

# name: (label, colour, line); hues after Okabe and Ito
SHOWN = {
    "bound": ("no schedule serves more (fluid bound)", "#a7b0ba", ":"),
    "ours": ("ours", "#1d2530", "-"),
    "sa_paper": ("annealing as the paper states it", "#0072b2", "-"),
    "without_splitting": ("shots not split", "#56b4e9", "--"),
    "lo_reuse": ("no communication, data reused", "#cc79a7", "--"),
    "without_locc": ("no communication, nominal cost", "#e69f00", "--"),
    "without_either": ("neither", "#8a6d1d", ":"),
    "greedy": ("earliest deadline first", "#009e73", "-."),
    "list": ("list scheduling", "#d55e00", "-."),
    "random": ("random", "#d55e00", ":"),
    "qurator": ("Qurator's rule", "#7a4fb5", "-."),
}


def served_png(figure: str, methods: Mapping[str, Mapping[str, Any]], seeds: int, path: Path) -> None:
    """Draw a panel over the load, or one over the deadline coefficient for each load.

    Args:
        figure: ``"fig3"`` or ``"fig4"``.
        methods: What every scheduler serves.
        seeds: From 5 on, curves have bands.
        path: Of the PNG.
    """
    cells = methods["bound"]["cells"]
    if figure == "fig3":
        panels, over = [("mixed deadlines", [cell["jobs"] for cell in cells], range(len(cells)))], "jobs in the buffer"
    else:
        loads = sorted({cell["jobs"] for cell in cells})
        rows = {jobs: [k for k, cell in enumerate(cells) if cell["jobs"] == jobs] for jobs in loads}
        panels = [(f"{jobs} jobs", [cells[k]["coefficient"] for k in rows[jobs]], rows[jobs]) for jobs in loads]
        over = "deadline coefficient"
    with canvas(path, (3.0 + 4.0 * len(panels), 6.4), w_pad=0.15, h_pad=0.12) as drawn:
        axes = drawn.subplots(1, len(panels), squeeze=False, sharey=True)[0]
        for panel, (title, x, where) in zip(axes, panels, strict=True):
            _curves(panel, methods, x, where, seeds >= FEWEST)
            panel.set_title(title)
            panel.set_xlabel(over)
        axes[0].set_ylabel("fraction of jobs served in time")
        axes[0].set_ylim(0, 1.03)
        handles, labels = axes[0].get_legend_handles_labels()
        drawn.legend(handles, labels, loc="outside lower center", ncols=3 if figure == "fig4" else 2, frameon=False)


def _curves(axes: "Axes", methods: Mapping[str, Any], x: Sequence[float], where: Sequence[int], banded: bool) -> None:
    for name, (label, colour, line) in SHOWN.items():
        cells = [methods[name]["cells"][k] for k in where]
        mean = [cell["served"] for cell in cells]
        axes.plot(x, mean, color=colour, linestyle=line, marker="o", markersize=3.5, label=label)
        if banded:
            low, high = ([cell["served"] + sign * cell["interval"] for cell in cells] for sign in (-1, 1))
            axes.fill_between(x, low, high, color=colour, alpha=0.08, linewidth=0)
