"""A comparison of federations as one PNG."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from qfl.report.canvas import canvas
from qfl.report.formatting import duration, known, or_nan, percent, short
from qfl.report.merit import LOWEST
from qfl.report.palette import LIGHT as PAPER
from qfl.report.record import Record
from qfl.spread import known_values
from qfl.studies.federations.colours import LIGHT, STROKES, styles_of
from qfl.studies.federations.curves import curve_of, metric_of_runs
from qfl.studies.federations.figures import X_NAMES

if TYPE_CHECKING:
    from matplotlib.axes import Axes

INCHES = (17.0, 9.2)

Records = Mapping[str, Sequence[Record]]


def learning_png(records: Records, numbers: Mapping[str, Any], title: str, path: Path) -> Path:
    """Draw training and test figure of merit over rounds and over simulated seconds, and who takes part.

    Without a radio there are no simulated seconds, and their column is left out.

    Args:
        records: The finished runs of each combination.
        numbers: As `qfl.studies.federations.outcome.outcome` returns them.
        title: Above all.
        path: Of the PNG.
    """
    with canvas(path, INCHES, title, 13, w_pad=0.2, h_pad=0.16, wspace=0.03, hspace=0.04) as figure:
        combinations = numbers["combinations"]
        times = {label: or_nan(each["round_s_median"]) for label, each in combinations.items()}
        parts = {label: or_nan(each["ever_took_part"]) for label, each in combinations.items()}
        timed = any(map(known, times.values()))
        axes = ("rounds", "seconds") if timed else ("rounds",)
        above, below = figure.subplots(2, len(axes) + 1, width_ratios=(*(1 for _ in axes), 0.8))
        for row, training in ((above, True), (below, False)):
            for row_axes, over in zip(row, axes, strict=False):
                _curves(row_axes, records, training, over)
        figure.legend(*below[0].get_legend_handles_labels(), loc="outside lower center", ncols=6, frameon=False)
        if timed:
            _bars(above[-1], times, "A round on the virtual clock, median", duration, log=True)
        else:
            above[-1].set_axis_off()
        _bars(below[-1], parts, "Devices that ever took part", short)
    return path


def _curves(axes: "Axes", records: Records, training: bool, over: str) -> None:
    from matplotlib.ticker import MaxNLocator

    metric = metric_of_runs(records)
    who = "Training (participants)" if training else "Test"
    axes.set_title(f"{who} {metric.name} over {'rounds' if over == 'rounds' else 'simulated seconds'}")
    looks = styles_of(records)
    for label, runs in records.items():
        curve = curve_of(label, runs, f"train_{metric.name}" if training else metric.name, over)
        if curve is None:
            continue
        number, stroke = looks[label]
        dashes = [float(length) / 2 for length in STROKES[stroke].split()]
        style: Any = (0, tuple(dashes)) if dashes else "solid"
        axes.plot(curve.x, curve.mean, color=LIGHT[number], linestyle=style, label=label)
        axes.fill_between(curve.x, curve.low, curve.high, color=LIGHT[number], alpha=0.1, linewidth=0)
    if over == "seconds":
        axes.set_xscale("log")
    else:
        axes.xaxis.set_major_locator(MaxNLocator(integer=True))
    if metric.is_share:
        axes.set_ylim(0, 1)
        axes.yaxis.set_major_formatter(lambda share, _: percent(share, 0))
    elif metric.low < 0:
        axes.set_ylim(max(LOWEST, axes.get_ylim()[0]), metric.high)
    axes.grid(axis="y", color=PAPER["grid"])
    axes.set_xlabel(X_NAMES[over])


def _bars(axes: "Axes", values: Mapping[str, float], title: str, text: Any, log: bool = False) -> None:
    axes.set_title(title)
    colours = [LIGHT[number] for number, _ in styles_of(values).values()]
    axes.barh(list(values), list(values.values()), color=colours, height=0.6)
    axes.invert_yaxis()
    there = known_values(values.values())
    if log and there:
        axes.set_xscale("log")
        axes.set_xlim(min(there) / 3, 6 * max(there))
    elif there:
        axes.set_xlim(0, 1.2 * max(there) or 1.0)
    for index, value in enumerate(values.values()):
        if np.isfinite(value):
            axes.text(value, index, f" {text(value)}", va="center", fontsize=9)
