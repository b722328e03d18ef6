"""Two heat maps, attacks down and defences across: accuracy, and attackers' success."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np

from qfl.report.canvas import canvas
from qfl.specs import ATTACKS

from .attacks_settings import DEFENCES, NOBODY, AttackStudy


def attacks_png(found: Mapping[str, Any], study: AttackStudy, path: Path) -> None:
    """Draw both panels.

    Args:
        found: Means by attack and defence.
        study: Which attacks and defences there are.
        path: Of the PNG.
    """
    height = 1.9 + 0.34 * (len(study.attacks) + 1)
    with canvas(path, (3.0 + 1.05 * len(study.defences), height), w_pad=0.15) as figure:
        panels = figure.subplots(1, 2)
        _map(panels[0], found, study.attacks, study.defences, "accuracy", "accuracy", "viridis")
        attacked = tuple(attack for attack in study.attacks if attack != NOBODY)
        _map(panels[1], found, attacked, study.defences, "success", "attackers' success", "magma_r")
        panels[1].set_yticklabels([title(attack) for attack in attacked])


def title(attack: str) -> str:
    """Return the name of an attack for people.

    Example:
        >>> title("none"), title("free-rider")
        ('nobody attacks', 'free riders')
    """
    return "nobody attacks" if attack == NOBODY else ATTACKS[attack].title


def _map(
    axes: Any,
    found: Mapping[str, Any],
    attacks: tuple[str, ...],
    defences: tuple[str, ...],
    key: str,
    name: str,
    colours: str,
) -> None:
    """Draw one panel, every cell with its number in percent."""
    cells = np.array([[found[attack][defence][key] for defence in defences] for attack in attacks], dtype=float)
    axes.imshow(cells, vmin=0.0, vmax=1.0, cmap=colours, aspect="auto")
    for (down, across), value in np.ndenumerate(cells):
        dark = value < 0.55 if colours == "viridis" else value > 0.45
        axes.text(across, down, f"{100 * value:.0f}", ha="center", va="center", fontsize=7.5, color="wk"[not dark])
    axes.set_xticks(range(len(defences)), [DEFENCES[each] for each in defences], rotation=40, ha="right", fontsize=8)
    axes.set_yticks(range(len(attacks)), [title(attack) for attack in attacks], fontsize=8)
    axes.set_title(f"{name}, %")
