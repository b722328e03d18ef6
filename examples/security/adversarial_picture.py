"""Accuracy over the size of the perturbation under PGD: a panel for pixels and one for states."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from qfl.report.canvas import canvas

from .adversarial_settings import AdversarialStudy
from .grouped import Row, chosen

COLOURS = ("#0072b2", "#d55e00", "#009e73", "#cc79a7", "#e69f00")
DASHES = ("-", "--", ":", "-.")
TITLES = {"pixels": "accuracy, pixels changed by at most", "state": "accuracy, state turned by a chord of at most"}


def adversarial_png(rows: Sequence[Row], study: AdversarialStudy, path: Path) -> None:
    """Draw a curve for each model and training.

    Args:
        rows: Mean accuracies.
        study: Its sizes.
        path: Of the PNG.
    """
    with canvas(path, (12.0, 5.0), w_pad=0.15) as figure:
        panels = figure.subplots(1, 2, sharey=True)
        for axes, ball in zip(panels, TITLES, strict=True):
            for colour, model in zip(COLOURS, study.models, strict=False):
                for dash, trained in zip(DASHES, study.trained, strict=False):
                    own = chosen(rows, model=model, trained=trained, ball=ball, attack="pgd")
                    _curve(axes, own, f"{model}, {_training(trained)}", colour, dash)
            axes.set_title(TITLES[ball])
            axes.set_ylim(0, 1)
            axes.grid(alpha=0.25)
        panels[-1].legend(frameon=False, fontsize=8)


def _training(trained: float) -> str:
    return f"trained against {trained:g}" if trained else "clean training"


def _curve(axes: Any, rows: Sequence[Row], label: str, colour: str, dash: str) -> None:
    sizes, values = [row["epsilon"] for row in rows], [row["accuracy"] for row in rows]
    axes.plot(sizes, values, dash, color=colour, label=label)
    if all(row["accuracy_low"] is not None for row in rows):
        low, high = ([row[f"accuracy_{end}"] for row in rows] for end in ("low", "high"))
        axes.fill_between(sizes, low, high, color=colour, alpha=0.12, linewidth=0)
