"""Secure bits per pulse, and the error rate, over distance."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from qfl.report.canvas import canvas

# colour and line of each curve; hues after Okabe and Ito
STYLES = {
    "BB84 with decoys": ("#0072b2", "-", "o"),
    "BB84 with decoys, free space": ("#56b4e9", "-", "s"),
    "BB84, single photons": ("#009e73", "-", "^"),
    "E91": ("#cc79a7", "-", "D"),
    "BB84 with decoys, all intercepted": ("#d55e00", "--", "x"),
    "BB84 with decoys, 5 % intercepted": ("#e69f00", "--", "v"),
    "BB84 with decoys, photon numbers split": ("#1d2530", ":", "P"),
}
Points = Sequence[Mapping[str, Any]]


def qkd_png(curves: Mapping[str, Points], threshold: float, path: Path) -> None:
    """Draw a panel for keys and one for errors; where there is no key, there is no point.

    Args:
        curves: Of each case, its points by distance.
        threshold: Error rate above which no exchange leaves a key.
        path: Of the PNG.
    """
    with canvas(path, (11.0, 5.6), w_pad=0.15) as figure:
        keys, errors = figure.subplots(1, 2)
        for name, points in curves.items():
            colour, line, mark = STYLES[name]
            style = {"color": colour, "linestyle": line, "marker": mark, "markersize": 5, "linewidth": 1.5}
            left = [(p["distance_km"], p["rate"]) for p in points if p["rate"] > 0]
            keys.plot([km for km, _ in left], [rate for _, rate in left], label=name, **style)
            seen = [(p["distance_km"], 100 * p["error_rate"]) for p in points if p["error_rate"] is not None]
            errors.plot([km for km, _ in seen], [rate for _, rate in seen], **style)
        keys.set_yscale("log")
        keys.set_title("secure bits per pulse (no point: no key)")
        errors.axhline(100 * threshold, color="#5c6775", linewidth=1)
        place = {"transform": errors.get_yaxis_transform(), "ha": "right", "fontsize": 8}
        errors.text(0.99, 100 * threshold + 0.4, "no key above this, however long the exchange", **place)
        errors.set_title("errors in the tested bits, %")
        for axes in (keys, errors):
            axes.set_xlabel("distance, km")
            axes.grid(alpha=0.25)
        figure.legend(loc="outside lower center", ncols=3, frameon=False, fontsize=8)
