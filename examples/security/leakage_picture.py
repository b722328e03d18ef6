"""The attacker's quality over the batch, and under every protection of one sample, beside guesses without an update."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from qfl.report.canvas import canvas

from .grouped import Row, chosen
from .leakage_settings import LeakageStudy

COLOURS = ("#0072b2", "#d55e00", "#009e73")
DASHES = ("-", "--", ":")


def leakage_png(rows: Sequence[Row], study: LeakageStudy, path: Path) -> None:
    """Draw a panel of curves over the batch, and one of bars by protection.

    Args:
        rows: Means over seeds.
        study: Its sizes.
        path: Of the PNG.
    """
    with canvas(path, (12.0, 5.0), w_pad=0.15) as figure:
        curves, bars = figure.subplots(1, 2)
        for colour, model in zip(COLOURS, study.models, strict=True):
            for dash, steps in zip(DASHES, study.steps, strict=False):
                own = chosen(rows, model=model, protection="none", steps=steps)
                label = f"{model}, {steps} step{'s' * (steps > 1)}"
                curves.plot(_column(own, "batch"), _column(own, "psnr_db"), dash, color=colour, marker="o", label=label)
        own = chosen(rows, model=next(iter(study.models)), protection="none", steps=study.steps[0])
        curves.plot(_column(own, "batch"), _column(own, "nearest_db"), color="#777777", label="nearest other digit")
        curves.plot(_column(own, "batch"), _column(own, "mean_db"), ":", color="#777777", label="mean digit")
        curves.set_xscale("log", base=2)
        curves.set_xticks(study.batches, [str(batch) for batch in study.batches])
        curves.set_xlabel("samples of the client")
        curves.set_title("PSNR of what is found again, dB")
        curves.legend(frameon=False, fontsize=8)
        curves.grid(alpha=0.25)
        _bars(bars, rows, study)


def _column(rows: Sequence[Row], key: str) -> list[float]:
    return [row[key] for row in rows]


def _bars(axes: Any, rows: Sequence[Row], study: LeakageStudy) -> None:
    bare = [row for row in rows if row["batch"] == min(study.batches) and row["steps"] == min(study.steps)]
    names = list(dict.fromkeys(row["protection"] for row in bare))
    for place, (colour, model) in enumerate(zip(COLOURS, study.models, strict=True)):
        own = {row["protection"]: row["psnr_db"] for row in chosen(bare, model=model)}
        where = np.arange(len(names)) + 0.27 * (place - 1)
        axes.barh(where, [own.get(name, 0.0) for name in names], 0.25, color=colour, label=model)
    axes.set_yticks(np.arange(len(names)), names)
    axes.invert_yaxis()
    axes.set_title("PSNR of one sample under a protection, dB")
    axes.legend(frameon=False, fontsize=8)
    axes.grid(axis="x", alpha=0.25)
