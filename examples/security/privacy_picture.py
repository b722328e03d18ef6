"""Accuracy over epsilon for each way of adding noise, and the advantage of telling samples apart by shots."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from qfl.report.canvas import canvas

from .privacy_measure import MECHANISMS
from .privacy_settings import PrivacyStudy

COLOURS = dict(zip(MECHANISMS, ("#0072b2", "#009e73", "#d55e00"), strict=True))


def privacy_png(found: Mapping[str, Any], study: PrivacyStudy, path: Path) -> None:
    """Draw a panel of federations and one of shots.

    Args:
        found: What the study came to.
        study: Its sizes.
        path: Of the PNG.
    """
    with canvas(path, (12.0, 4.8), w_pad=0.15) as figure:
        learned, told = figure.subplots(1, 2)
        rows = found["federations"]
        plain = next(row for row in rows if row["mechanism"] == "none")
        learned.axhline(plain["accuracy"], color="#444444", linewidth=1.0, linestyle="--", label="no noise")
        for mechanism in MECHANISMS:
            own = [row for row in rows if row["mechanism"] == mechanism]
            learned.errorbar(
                [row["epsilon"] for row in own],
                [row["accuracy"] for row in own],
                [row.get("deviation", 0.0) for row in own],
                color=COLOURS[mechanism],
                marker="o",
                capsize=3,
                label=mechanism,
            )
        learned.set_xscale("log")
        learned.set_xlabel(f"epsilon at delta = {study.delta:g}")
        learned.set_title("accuracy after the last round")
        learned.legend(frameon=False)
        learned.grid(alpha=0.25)
        _shots(told, found["shots"])


def _shots(axes: Any, rows: list[Mapping[str, Any]]) -> None:
    shots = [row["shots"] for row in rows]
    axes.plot(shots, [row["advantage_median"] for row in rows], "o-", color="#0072b2", label="of half of the pairs")
    axes.plot(shots, [row["advantage_largest"] for row in rows], "o-", color="#d55e00", label="largest")
    axes.set_xscale("log")
    axes.set_ylim(0, 1.05)
    axes.set_xlabel("shots")
    axes.set_title("advantage in telling two samples apart")
    axes.legend(frameon=False)
    axes.grid(alpha=0.25)
