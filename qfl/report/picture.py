"""One picture that sums up a run, for pages that cannot hold the report."""

from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from qfl.report.axis import whole_axis
from qfl.report.canvas import canvas
from qfl.report.formatting import percent, short, size
from qfl.report.headline import headline
from qfl.report.merit import LOWEST, score_text
from qfl.report.palette import HEAT_LEVELS, LIGHT
from qfl.report.record import PARTS, Record, last, read_record, table
from qfl.results import RunFolder

if TYPE_CHECKING:
    from matplotlib.axes import Axes

INCHES = (12.0, 6.6)


def figure_png(run: RunFolder, path: str | Path) -> Path:
    """Draw figure of merit, loss, accuracy by class and bytes of a run into a PNG, and return its path.

    The same run folder gives the same bytes with the same Matplotlib.

    Raises:
        RunFolderError: If the folder is damaged.
    """
    record = read_record(run)
    with canvas(path, INCHES, headline(record).sentence, w_pad=0.25, h_pad=0.18, wspace=0.04, hspace=0.06) as figure:
        (top_left, top_right), (low_left, low_right) = figure.subplots(2, 2, height_ratios=(1.15, 1))
        _merit(top_left, record)
        _loss(top_right, record)
        _classes(low_left, record)
        _bytes(low_right, record)
    return Path(path)


def _merit(axes: "Axes", record: Record) -> None:
    metric = record.metric
    axes.set_title(metric.title + (f" ({metric.unit})" if metric.unit else ""))
    if metric.is_share:
        axes.set_ylim(0, 1)
        axes.yaxis.set_major_formatter(lambda share, _: percent(share, 0))
    lines = {"test": metric.name, "clients": f"train_{metric.name}", "worst": "worst_decile"}
    names = {"clients": "train", "worst": "worst 10 %"}
    shown = {names.get(ink, ink): (ink, record.column(key)) for ink, key in lines.items()}
    _lines(axes, record, shown, score_text(metric))
    if metric.low < 0:
        axes.set_ylim(max(LOWEST, axes.get_ylim()[0]), metric.high)


def _loss(axes: "Axes", record: Record) -> None:
    axes.set_title(f"Loss ({record.metric.loss})")
    shown = {"test": ("test", record.column("loss")), "train": ("clients", record.column("train_loss"))}
    _lines(axes, record, shown, short)


def _lines(axes: "Axes", record: Record, shown: dict, text) -> None:
    rounds = record.column("round")
    ends = []
    for name, (ink, values) in shown.items():
        known = np.isfinite(values)
        axes.plot(rounds[known], values[known], color=LIGHT[ink])
        if known.any():
            ends.append((last(values), f"{text(last(values))}  {name}", LIGHT[ink]))
    axes.margins(x=0.01)
    lowest = min((float(np.nanmin(ys)) for _, ys in shown.values() if np.isfinite(ys).any()), default=0.0)
    axes.set_ylim(bottom=min(0.0, 1.05 * lowest))
    axes.grid(axis="y", color=LIGHT["grid"])
    axes.set_xlabel("round")
    _label_ends(axes, sorted(ends))


def _label_ends(axes: "Axes", ends: list[tuple[float, str, str]]) -> None:
    """Write texts beside the last points, from the lowest up, at least a line apart."""
    low, high = axes.get_ylim()
    height = -np.inf
    for value, text, colour in ends:
        height = max(height + 0.085, (value - low) / (high - low))
        axes.text(1.02, height, text, color=colour, transform=axes.transAxes, va="center")


def _classes(axes: "Axes", record: Record) -> None:
    from matplotlib.colors import LinearSegmentedColormap

    values, rounds = table(record.rounds, "per_class"), record.column("round")
    evaluated = np.isfinite(values).any(axis=1)
    if not evaluated.any():
        axes.set_axis_off()
        return
    axes.set_title("Test accuracy by class")
    values, rounds = values[evaluated], rounds[evaluated]
    colours = LinearSegmentedColormap.from_list("heat", ["#f3f6fa", LIGHT["test"]], HEAT_LEVELS)
    axes.imshow(values.T**2, cmap=colours, vmin=0, vmax=1, aspect="auto", interpolation="nearest")
    axes.set_yticks(range(values.shape[1]))
    ticks = whole_axis(int(rounds[0]), int(rounds[-1])).ticks
    axes.set_xticks(np.interp(ticks, rounds, np.arange(len(rounds))), [f"{tick:.0f}" for tick in ticks])
    axes.set_xlabel("round")
    axes.spines["bottom"].set_visible(False)
    for label, share in enumerate(values[-1]):
        axes.text(1.02, label, percent(float(share), 0), transform=axes.get_yaxis_transform(), va="center", fontsize=9)


def _bytes(axes: "Axes", record: Record) -> None:
    axes.set_title("Bytes of one signed update")
    axes.set_axis_off()
    parts = [record.number("uplink", f"{part}_bytes") for part in PARTS]
    if not np.isfinite(parts).all():
        return
    start = 0.0
    for name, num_bytes in zip(PARTS, parts, strict=True):
        axes.barh(0, num_bytes, left=start, color=LIGHT[name], height=0.5, edgecolor="white", linewidth=2)
        axes.text(start + num_bytes / 2, -0.36, f"{name}\n{size(num_bytes)}", ha="center", va="top")
        start += num_bytes
    axes.set_ylim(-1.1, 0.7)
    axes.margins(x=0)
