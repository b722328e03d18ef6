"""Area under the curve, and members found at the allowed false alarms, of each model, labelling and view."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from qfl.report.canvas import canvas

from .grouped import Row
from .membership_settings import MembershipStudy

COLOURS = {"last model": "#0072b2", "a client's update": "#d55e00"}


def membership_png(rows: Sequence[Row], study: MembershipStudy, path: Path) -> None:
    """Draw a panel of areas and one of shares found, with what chance gives as a line.

    Args:
        rows: Means over seeds.
        study: Its sizes.
        path: Of the PNG.
    """
    with canvas(path, (12.0, 4.6), w_pad=0.15) as figure:
        areas, shares = figure.subplots(1, 2, sharey=True)
        _bars(areas, rows, "area", 0.5)
        areas.set_title("area under the curve")
        areas.invert_yaxis()
        _bars(shares, rows, "found", study.false_alarms)
        shares.set_title(f"members found at {100 * study.false_alarms:g} % false alarms")
        areas.set_xlim(0, 1)
        shares.legend(frameon=False, fontsize=8, loc="upper right")  # where bars are shortest


def _bars(axes: Any, rows: Sequence[Row], key: str, chance: float) -> None:
    names = list(dict.fromkeys(f"{row['model']},\nlabels {row['labels']}" for row in rows))
    for place, (view, colour) in enumerate(COLOURS.items()):
        own = {f"{row['model']},\nlabels {row['labels']}": row for row in rows if row["view"] == view}
        where = np.arange(len(names)) + 0.36 * (place - 0.5)
        axes.barh(where, [own[name][key] for name in names], 0.34, color=colour, label=view)
    axes.axvline(chance, color="#777777", linewidth=1.2, linestyle=":")
    axes.set_yticks(np.arange(len(names)), names)
    axes.grid(axis="x", alpha=0.25)
