"""The day of traffic as a picture: utilisation over the bound hour by hour, raw and verified, and the decisions."""

from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

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


def traffic_png(rows: Iterable[Mapping[str, Any]], decisions: Sequence[Mapping[str, Any]], path: Path) -> None:
    """Draw a panel for raw answers, one for verified ones, and a strip of decisions below each.

    Args:
        rows: Each hour and method.
        decisions: Each hour.
        path: Of the PNG.
    """
    order = {row["hour"]: place for place, row in enumerate(decisions)}
    values = {(row["method"], row["hour"]): row for row in rows}
    hours = list(order)
    with canvas(path, (12.0, 7.4), w_pad=0.15, h_pad=0.08) as drawn:
        axes = drawn.subplots(2, 2, sharex=True, sharey="row", height_ratios=(6, 1))
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
            strip.set_xlabel("hour of the day (UTC)")
        axes[1][0].set_title("decisions")
        handles, labels = axes[0][0].get_legend_handles_labels()
        more, words = axes[1][0].get_legend_handles_labels()
        drawn.legend(handles + more, labels + words, loc="outside lower center", ncols=4, frameon=False)
