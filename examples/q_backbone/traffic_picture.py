"""The day of traffic as a picture: utilisation over the bound hour by hour, raw and verified, decisions and energy."""

from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from qfl.report.canvas import canvas

LEAST = 1e-3  # percent: what is nearer to the bound is drawn here

# name: (label, colour, line); hues after Okabe and Ito
SHOWN = {
    "shortest": ("shortest path", "#a7b0ba", ":"),
    "ecmp": ("equal-cost splitting", "#a7b0ba", "-."),
    "greedy": ("greedy", "#009e73", "-."),
    "reweighted": ("reweighted descent (the classical choice)", "#1d2530", "-"),
    "milp": ("mixed-integer program", "#56b4e9", "-"),
    "annealing": ("annealing of the quadratic model", "#d55e00", "--"),
    "random": ("blocks: uniform draws", "#e69f00", ":"),
    "qaoa": ("blocks: QAOA", "#0072b2", "-"),
    "enumeration": ("blocks: all routings", "#cc79a7", "--"),
}


def traffic_png(
    rows: Iterable[Mapping[str, Any]], decisions: Sequence[Mapping[str, Any]], quantum_j: float, path: Path
) -> None:
    """Draw a panel for raw answers, one for verified ones, a strip of decisions below each, and their energy.

    Args:
        rows: Each hour and method.
        decisions: Each hour.
        quantum_j: Joules of asking QAOA in an hour.
        path: Of the PNG.
    """
    order = {row["hour"]: place for place, row in enumerate(decisions)}
    values = {(row["method"], row["hour"]): row for row in rows}
    hours = list(order)
    with canvas(path, (12.0, 9.0), w_pad=0.15, h_pad=0.08) as drawn:
        axes = drawn.subplots(3, 2, sharex=True, sharey="row", height_ratios=(6, 1, 2.2))
        for column, stage in enumerate(("raw", "verified")):
            top, strip = axes[0][column], axes[1][column]
            for name, (label, colour, line) in SHOWN.items():
                ratio = [values[name, hour][stage] / values[name, hour]["bound"] - 1 for hour in hours]
                percent = [max(100 * r, LEAST) for r in ratio]
                top.plot(range(len(hours)), percent, color=colour, linestyle=line, label=label)
            top.set_yscale("log")
            top.set_title(f"{stage}: above the bound, %")
            top.grid(axis="y", alpha=0.25)
            for answer, colour in (("asked", "#0072b2"), ("not asked", "#d5dae0")):
                where = [order[d["hour"]] for d in decisions if bool(d["asked"]) == (answer == "asked")]
                strip.bar(where, 1, color=colour, width=0.9, label=f"QAOA {answer}")
            strip.set_yticks([])
            strip.set_xticks(range(len(hours)), [str(hour) for hour in hours])
        axes[1][0].set_title("decisions")
        _draw_energy(axes[2], decisions, quantum_j)
        handles, labels = axes[0][0].get_legend_handles_labels()
        for axis in (axes[1][0], axes[2][1]):
            more, words = axis.get_legend_handles_labels()
            handles, labels = handles + more, labels + words
        drawn.legend(handles, labels, loc="outside lower center", ncols=4, frameon=False)


def _draw_energy(panels: Any, decisions: Sequence[Mapping[str, Any]], quantum_j: float) -> None:
    """Draw the joules of each hour's decision, and their sum since the first hour beside that of always asking."""
    hours = np.arange(len(decisions))
    classical, quantum = (np.array([row[key] for row in decisions]) for key in ("classical_j", "quantum_j"))
    panels[0].bar(hours - 0.2, classical, 0.4, color="#1d2530")
    panels[0].bar(hours + 0.2, quantum, 0.4, color="#0072b2")
    panels[0].set_title("energy of an hour's decision, J")
    panels[1].plot(hours, np.cumsum(classical), color="#1d2530", label="energy: classical, always")
    panels[1].plot(hours, np.cumsum(classical + quantum), color="#0072b2", label="energy: as decided")
    always = np.cumsum(classical + quantum_j)
    panels[1].plot(hours, always, color="#0072b2", linestyle=":", label="energy: QAOA in every hour")
    panels[1].set_title("energy since the first hour, J")
    for axes in panels:
        axes.set_yscale("log")
        axes.set_ylim(bottom=max(LEAST, classical.min() / 3))
        axes.set_xlabel("hour of the day (UTC)")
        axes.grid(axis="y", alpha=0.25)
