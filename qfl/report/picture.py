"""One picture that sums up a run, for pages that cannot hold the report."""

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from qfl.report.axis import whole_axis
from qfl.report.canvas import canvas
from qfl.report.figures.predictions import kept_matrix
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
        (_predictions if record.section("predictions") else _classes)(low_left, record)
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
    _lines(axes, record, shown, score_text(metric), LOWEST if metric.low < 0 else -np.inf)


def _loss(axes: "Axes", record: Record) -> None:
    axes.set_title(f"Loss ({record.metric.loss})")
    shown = {"test": ("test", record.column("loss")), "train": ("clients", record.column("train_loss"))}
    _lines(axes, record, shown, short)


def _lines(axes: "Axes", record: Record, shown: dict, text: Callable[[float], str], floor: float = -np.inf) -> None:
    rounds = record.column("round")
    ends = []
    for name, (ink, values) in shown.items():
        known = np.isfinite(values)
        axes.plot(rounds[known], values[known], color=LIGHT[ink])
        if known.any():
            ends.append((last(values), f"{text(last(values))}  {name}", LIGHT[ink]))
    axes.margins(x=0.01)
    lowest = min((float(np.nanmin(ys)) for _, ys in shown.values() if np.isfinite(ys).any()), default=0.0)
    axes.set_ylim(bottom=max(floor, min(0.0, 1.05 * lowest)), top=1.0 if np.isfinite(floor) else None)
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
    axes.set_title(f"Test {record.metric.noun} by {'class' if record.metric.is_share else 'target'}")
    values, rounds = values[evaluated], rounds[evaluated]
    colours = LinearSegmentedColormap.from_list("heat", ["#f3f6fa", LIGHT["test"]], HEAT_LEVELS)
    axes.imshow(np.clip(values.T, 0, 1) ** 2, cmap=colours, vmin=0, vmax=1, aspect="auto", interpolation="nearest")
    axes.set_yticks(range(values.shape[1]))
    ticks = whole_axis(int(rounds[0]), int(rounds[-1])).ticks
    axes.set_xticks(np.interp(ticks, rounds, np.arange(len(rounds))), [f"{tick:.0f}" for tick in ticks])
    axes.set_xlabel("round")
    axes.spines["bottom"].set_visible(False)
    for label, share in enumerate(values[-1]):
        axes.text(
            1.02,
            label,
            percent(float(share), 0) if record.metric.is_share else short(float(share)),
            transform=axes.get_yaxis_transform(),
            va="center",
            fontsize=9,
        )


def _predictions(axes: "Axes", record: Record) -> None:
    """Draw standardised predictions over true values, so that all targets share one frame."""
    kept, data = record.section("predictions"), record.section("data")
    true, predicted = kept_matrix(kept, "true"), kept_matrix(kept, "predicted")
    mean, scale = (table([data], key)[0][: true.shape[1]] for key in ("target_mean", "target_scale"))
    if not true.size or true.shape != predicted.shape or true.shape[1:] != scale.shape:
        axes.set_axis_off()
        return
    axes.set_title("Predicted over true, standardised")
    ends = [float(np.nanmin((true - mean) / scale)), float(np.nanmax((true - mean) / scale))]
    axes.plot(ends, ends, color=LIGHT["step"], linewidth=1)
    for number, marker in zip(range(true.shape[1]), "osv^", strict=False):
        across, up = ((part[:, number] - mean[number]) / scale[number] for part in (true, predicted))
        axes.scatter(across, up, s=6, alpha=0.5, color=LIGHT["test"], marker=marker, linewidths=0)
    axes.set_xlabel("true")


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
