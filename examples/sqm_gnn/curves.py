"""Learning curves as the papers draw them: train and test with bands over seeds, and WMMSE as lines."""

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from qfl.report.canvas import canvas
from qfl.report.palette import LIGHT as INK
from qfl.specs import MODELS
from qfl.spread import spread
from qfl.studies.csv_files import write_csv

if TYPE_CHECKING:
    from matplotlib.axes import Axes

Curves = Mapping[str, Sequence[Sequence[Mapping[str, Any]]]]
"""Of each model, the rows of each seed: round (epoch), train, test."""

COLOURS = {
    "sqm_gnn": INK["test"],
    "qgnn": INK["test"],
    "qsgcn": INK["step"],
    "wcgcn": INK["worst"],
    "gcn": INK["clients"],
}
LINES = {
    "wmmse_100": ("WMMSE, 100 iterations", "-"),
    "wmmse_best_of_21": ("WMMSE, best of 21 starts", "--"),
    "wmmse_20000": ("WMMSE, 20,000 iterations", ":"),
}
LEAST_SHOWN = 0.75  # of the highest line: early epochs fall below the frame


def title_of(name: str) -> str:
    """Return what a model or a reading of one is called."""
    return MODELS[name].title if name in MODELS else name.replace("_", " ")


def write_curves(path: Path, curves: Mapping[str, Curves]) -> None:
    """Write all curves of all set-ups as CSV."""
    write_csv(path, _lines(curves))


def _lines(curves: Mapping[str, Curves]) -> Iterator[dict[str, Any]]:
    for setup, models in curves.items():
        for model, seeds in models.items():
            for number, rows in enumerate(seeds):
                for row in rows:
                    rates = {f"{kind}_bit_s_hz": _rate(row[kind]) for kind in ("train", "test")}
                    where = {"setup": setup, "model": model, "seed_number": number, "epoch": row["round"]}
                    yield where | rates | {"seconds": f"{row['seconds']:.1f}"}


def _rate(value: float | None) -> str:
    return "" if value is None else f"{value:.4f}"


def draw_curves(path: Path, curves: Curves, references: Mapping[str, Any], title: str) -> None:
    """Draw one set-up's curves into a PNG.

    Bands are one standard deviation over the seeds to either side, where there is more than one seed.

    Args:
        path: Of the picture.
        curves: Of each model and seed.
        references: ``wmmse_100`` in bit/s/Hz, and others as ``..._percent`` of it.
        title: What is shown.
    """
    from matplotlib.ticker import MaxNLocator

    with canvas(path, (10.5, 6.5)) as figure:
        axes = figure.subplots()
        for model, seeds in curves.items():
            for kind, dashes in (("train", (0, (2, 1.5))), ("test", "-")):
                _draw_band(axes, model, seeds, kind, dashes)
        high = _draw_references(axes, references)
        axes.set_ylim(LEAST_SHOWN * high, 1.02 * high)
        axes.set_xlabel("epoch")
        axes.set_ylabel("sum rate, bit/s/Hz")
        axes.set_title(title)
        axes.grid(axis="y", color=INK["grid"])
        axes.xaxis.set_major_locator(MaxNLocator(integer=True))
        figure.legend(*axes.get_legend_handles_labels(), loc="outside lower center", ncols=4, frameon=False)


def _draw_band(axes: "Axes", model: str, seeds: Sequence[Sequence[Mapping[str, Any]]], kind: str, dashes: Any) -> None:
    epochs = sorted({row["round"] for rows in seeds for row in rows})
    spreads = [spread(row[kind] for rows in seeds for row in rows if row["round"] == epoch) for epoch in epochs]
    middle = np.array([each.mean for each in spreads])
    wide = np.array([each.sd if each.count > 1 else 0.0 for each in spreads])
    colour, label = COLOURS.get(model), f"{title_of(model)}, {kind}"
    axes.plot(epochs, middle, color=colour, linestyle=dashes, label=label)
    axes.fill_between(epochs, middle - wide, middle + wide, color=colour, alpha=0.15, lw=0)


def _draw_references(axes: "Axes", references: Mapping[str, Any]) -> float:
    """Draw the lines of WMMSE and return the highest."""
    percents = {name: references.get(f"{name}_percent") for name in LINES} | {"wmmse_100": 100.0}
    rates = {name: references["wmmse_100"] * percent / 100 for name, percent in percents.items() if percent is not None}
    for name, rate in rates.items():
        label, style = LINES[name]
        axes.axhline(rate, color=INK["text"], linestyle=style, lw=1.2, label=label)
    return max(rates.values())
