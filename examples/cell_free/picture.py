"""Fig. 4 as a picture: both rates over the SNR, and over the interference factor."""

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from qfl.report.canvas import canvas

from .measure import Row

if TYPE_CHECKING:
    from matplotlib.axes import Axes

INCHES = (13.0, 8.4)
RATES = {
    "sum_rate": "Sum rate, bit/s/Hz (the paper's Fig. 4)",
    "min_rate": "Least rate, bit/s/Hz (the paper's objective)",
}

# name: (label, colour, line); hues after Okabe and Ito
SHOWN = {
    "no_interference_bound": ("no interference (bound)", "#a7b0ba", ":"),
    "joint_{}_lower_bound": ("assignment and precoders optimised together", "#1d2530", "--"),
    "exhaustive_{}_slnr": ("exhaustive for this rate, SLNR", "#0072b2", "-"),
    "exhaustive_{}_mr": ("exhaustive for this rate, MR", "#56b4e9", "-"),
    "best_response_slnr": ("best responses for the least rate, SLNR", "#009e73", "-."),
    "algorithm4_slnr": ("Algorithm 4, SLNR", "#e69f00", "-"),
    "algorithm4_mr": ("Algorithm 4, MR (the paper's baseline)", "#d55e00", "-"),
    "algorithm4_unconjugated_mr": ("Algorithm 4, MR as Appendix C prints it", "#d55e00", ":"),
    "random_mr": ("random, MR", "#8a6d1d", ":"),
    "as_published": ("circuits as printed, trained by Algorithms 2 and 3", "#8a2be2", "--"),
    "extended": ("extended circuits, trained by Algorithms 2 and 3", "#8a2be2", "-"),
    "printed": ("circuits as printed, trained by Adam", "#cc79a7", "--"),
    "plus": ("extended circuits, trained by Adam", "#cc79a7", "-"),
}


def fig4_png(rows: Sequence[Row], path: Path) -> None:
    """Draw the figure."""
    with canvas(path, INCHES, w_pad=0.15, h_pad=0.12) as figure:
        panels = figure.subplots(2, 2, width_ratios=(1.5, 1))
        for (left, right), rate in zip(panels, RATES, strict=True):
            _curves(left, rows, rate, "snr_db", "interference", 0.1)
            left.set_title(RATES[rate])
            left.set_xlabel("transmit SNR, dB; interference factor 0.1")
            _curves(right, rows, rate, "interference", "snr_db", 20.0)
            right.set_xlabel("interference factor; 20 dB")
        # a name has the same line in every panel; those of one panel only (a few trials) count, too
        labels = {
            label: handle
            for axes in panels.flat
            for handle, label in zip(*axes.get_legend_handles_labels(), strict=True)
        }
        figure.legend(labels.values(), labels.keys(), loc="outside lower center", ncols=3, frameon=False)


def _curves(axes: "Axes", rows: Sequence[Row], rate: str, over: str, fixed: str, at: float) -> None:
    for name, (label, colour, line) in SHOWN.items():
        method = name.format(rate.removesuffix("_rate"))
        own = sorted(
            (row[over], row[rate], row[f"{rate}_se"]) for row in rows if (row["method"], row[fixed]) == (method, at)
        )
        if own:
            x, mean, error = zip(*own, strict=True)
            axes.errorbar(x, mean, error, color=colour, linestyle=line, marker="o", markersize=3.5, label=label)
    axes.set_ylim(bottom=0)
