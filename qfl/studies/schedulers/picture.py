"""All figures of a comparison in one PNG, for pages that cannot hold the report."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from qfl.report.canvas import canvas
from qfl.report.formatting import duration, known, short
from qfl.report.palette import LIGHT as PAPER
from qfl.results import Row
from qfl.spread import known_values, median
from qfl.studies.schedulers.colours import LIGHT
from qfl.studies.schedulers.curves import curve_of, rate_distribution
from qfl.studies.schedulers.figures import X_NAMES, entries
from qfl.studies.schedulers.panel import family_of

if TYPE_CHECKING:
    from matplotlib.axes import Axes

INCHES = (22.0, 11.0)


def comparison_png(rows: Sequence[Row], numbers: Mapping[str, Any], round_time: Row, title: str, path: Path) -> Path:
    """Draw a comparison into a PNG and return its path; the same rows give the same bytes with the same Matplotlib.

    Args:
        rows: One for each method and instance.
        numbers: As `qfl.studies.schedulers.outcome.outcome` returns them.
        round_time: ``tdma_lpt_s`` and ``bound_s`` of each instance, in s.
        title: Above all.
        path: Of the PNG.
    """
    with canvas(path, INCHES, title, w_pad=0.2, h_pad=0.16, wspace=0.03, hspace=0.04) as figure:
        above, below = figure.subplots(2, 4, height_ratios=(1, 1.15))
        for axes, unit in zip(above[:3], ("evaluations", "seconds", "iterations"), strict=True):
            _values(axes, rows, unit)
        if above[0].lines:
            figure.legend(*above[0].get_legend_handles_labels(), loc="outside lower center", ncols=12, frameon=False)
        _rates(above[3], rows)
        methods, small = numbers["methods"], numbers["small"]
        _bars(below[0], _column(methods, "percent_of_bound"), "Share of the certified bound, %")
        _bars(below[1], _column(methods, "jain"), "Jain's index of the rates")
        _times(below[2], _column(methods, "round_time_s"), round_time)
        _bars(below[3], _column(small, "percent_of_optimum"), "Small instances: share of the optimum, %")
    return path


def _column(methods: Mapping[str, Row], name: str) -> dict[str, float | None]:
    return {method: own[name] for method, own in methods.items()}


def _values(axes: "Axes", rows: Sequence[Row], unit: str) -> None:
    axes.set_title(f"Value over {unit}, % of the certified bound")
    for entry in entries(rows, traced=True):
        curve, colour = curve_of(rows, entry.name, unit), LIGHT[entry.family]
        if curve is None:
            continue
        axes.plot(curve.x, curve.mean, color=colour, label=entry.name)
        axes.fill_between(curve.x, curve.low, curve.high, color=colour, alpha=0.12, linewidth=0)
        axes.plot(curve.x[-1:], curve.mean[-1:], "o", color=colour, markersize=4.5)
    if not axes.lines:
        axes.set_axis_off()
        return
    axes.set_xscale("log")
    axes.set_ylim(0, 100)
    axes.grid(axis="y", color=PAPER["grid"])
    axes.set_xlabel(X_NAMES[unit])


def _rates(axes: "Axes", rows: Sequence[Row]) -> None:
    axes.set_title("Share of devices with at most a rate")
    for entry in entries(rows, traced=True):
        rates, share = rate_distribution(rows, entry.name)
        axes.plot(np.maximum(rates, 1.0), share, color=LIGHT[entry.family])
    axes.set_xscale("log")
    axes.set_ylim(0, 1.01)
    axes.yaxis.set_major_formatter(lambda share, _: f"{100 * share:.0f} %")
    axes.grid(axis="y", color=PAPER["grid"])
    axes.set_xlabel("rate, bit/s (less than 1 drawn at 1)")


def _bars(axes: "Axes", values: dict[str, float | None], title: str) -> None:
    axes.set_title(title)
    lengths = [value if known(value) else 0.0 for value in values.values()]
    axes.barh(list(values), lengths, color=[LIGHT[family_of(name)] for name in values], height=0.68)
    axes.set_xlim(0, 1.14 * max(known_values(values.values()), default=1.0))
    for index, (value, length) in enumerate(zip(values.values(), lengths, strict=True)):
        axes.text(length, index, f" {short(value)}", va="center", fontsize=8.5)
    axes.tick_params(axis="y", labelsize=9)


def _times(axes: "Axes", times: dict[str, float | None], round_time: Row) -> None:
    axes.set_title("Seconds to collect all updates (median)")
    tdma = median(round_time["tdma_lpt_s"])
    if not known(tdma):
        return
    low, high = tdma / 4, 10 * max([tdma, *(time for time in times.values() if time)])
    colours = [LIGHT[family_of(name)] for name in times]
    axes.barh(list(times), [(time or high) - low for time in times.values()], left=low, color=colours, height=0.68)
    for index, time in enumerate(times.values()):
        axes.text(time or high, index, " never" if time is None else f" {duration(time)}", va="center", fontsize=8.5)
    axes.axvline(tdma, color=PAPER["text"], linestyle="--", linewidth=1.2)
    axes.set_xscale("log")
    axes.set_xlim(low, 100 * high)
    axes.set_xlabel(f"dashed: one device after the other (tdma_lpt), {tdma:.3g} s")
    axes.tick_params(axis="y", labelsize=9)
