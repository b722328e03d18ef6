"""Learning curves as the papers draw them: train and test with bands over seeds, and WMMSE as lines."""

import csv
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from qfl.report.palette import LIGHT as PAPER
from qfl.report.picture import DPI, STYLE
from qfl.spread import spread

Curves = Mapping[str, Sequence[Sequence[Mapping[str, Any]]]]
"""Of each model, the rows of each seed: round (epoch), train, test."""

COLOURS = {
    "sqm_gnn": PAPER["test"],
    "qgnn": PAPER["test"],
    "qsgcn": PAPER["step"],
    "wcgcn": PAPER["worst"],
    "gcn": PAPER["clients"],
}
NAMES = {"sqm_gnn": "SQM-GNN", "qgnn": "QGNN", "qsgcn": "QSGCN", "wcgcn": "WCGCN", "gcn": "GCN"}
LINES = {
    "wmmse_100": ("WMMSE, 100 iterations", "-"),
    "wmmse_best_of_21": ("WMMSE, best of 21 starts", "--"),
    "wmmse_20000": ("WMMSE, 20,000 iterations", ":"),
}
LEAST_SHOWN = 0.75  # of the highest line: early epochs fall below the frame


def write_curves(path: Path, curves: Mapping[str, Curves]) -> None:
    """Write all curves of all set-ups as CSV."""
    with open(path, "w", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(("setup", "model", "seed_number", "epoch", "train_bit_s_hz", "test_bit_s_hz", "seconds"))
        for setup, models in curves.items():
            for model, seeds in models.items():
                for number, rows in enumerate(seeds):
                    for row in rows:
                        rates = ("" if row[kind] is None else f"{row[kind]:.4f}" for kind in ("train", "test"))
                        values = (row["round"], *rates, f"{row['seconds']:.1f}")
                        writer.writerow((setup, model, number, *values))


def draw_curves(path: Path, curves: Curves, references: Mapping[str, Any], title: str) -> Path:
    """Draw one set-up's curves into a PNG and return its path.

    Bands are one standard deviation over the seeds to either side, where there is more than one seed.

    Args:
        path: Of the picture.
        curves: Of each model and seed.
        references: ``wmmse_100`` in bit/s/Hz, and others as ``..._percent`` of it.
        title: What is shown.
    """
    import matplotlib as mpl
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure
    from matplotlib.ticker import MaxNLocator

    with mpl.rc_context(STYLE):
        figure = Figure((10.5, 6.5), DPI, facecolor="white", layout="constrained")
        FigureCanvasAgg(figure)
        axes = figure.subplots()
        for model, seeds in curves.items():
            for kind, dashes in (("train", (0, (2, 1.5))), ("test", "-")):
                epochs = sorted({row["round"] for rows in seeds for row in rows})
                found = [spread(row[kind] for rows in seeds for row in rows if row["round"] == e) for e in epochs]
                middle = np.array([each.mean for each in found])
                wide = np.array([each.sd if each.count > 1 else 0.0 for each in found])
                label = f"{NAMES.get(model, model)}, {kind}"
                axes.plot(epochs, middle, color=COLOURS.get(model), linestyle=dashes, label=label)
                axes.fill_between(epochs, middle - wide, middle + wide, color=COLOURS.get(model), alpha=0.15, lw=0)
        base, high = references["wmmse_100"], 0.0
        for name, (label, style) in LINES.items():
            percent = 100.0 if name == "wmmse_100" else references.get(f"{name}_percent")
            if percent is not None:
                high = max(high, base * percent / 100)
                axes.axhline(base * percent / 100, color=PAPER["text"], linestyle=style, lw=1.2, label=label)
        axes.set_ylim(LEAST_SHOWN * high, 1.02 * high)
        axes.set_xlabel("epoch")
        axes.set_ylabel("sum rate, bit/s/Hz")
        axes.set_title(title)
        axes.grid(axis="y", color=PAPER["grid"])
        axes.xaxis.set_major_locator(MaxNLocator(integer=True))
        figure.legend(*axes.get_legend_handles_labels(), loc="outside lower center", ncols=4, frameon=False)
        figure.savefig(path, metadata={"Software": None})
    return path
