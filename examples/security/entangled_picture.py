"""The error of a sum over the number of clients, and the detection rate of every check against every attack."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np

from qfl.report.canvas import canvas

from .entangled_settings import EntangledStudy

COLOURS = ("#0072b2", "#e69f00", "#d55e00", "#009e73", "#cc79a7", "#56b4e9")


def entangled_png(found: Mapping[str, Any], study: EntangledStudy, path: Path) -> None:
    """Draw a panel for sums, lines foretold and points measured, and one for checks.

    Args:
        found: What the study came to.
        study: Its sizes.
        path: Of the PNG.
    """
    with canvas(path, (12.0, 5.4), w_pad=0.15) as figure:
        sums, checks = figure.subplots(1, 2)
        settings = [(p, eta) for eta in study.transmittance for p in study.depolarising]
        for place, (p, eta) in enumerate(settings):
            own = [row for row in found["sums"] if (row["depolarising"], row["transmittance"]) == (p, eta)]
            _curve(sums, own, f"{100 * p:g} % depolarised, {100 * (1 - eta):.0f} % lost", COLOURS[place % len(COLOURS)])
        sums.set_xscale("log")
        sums.set_yscale("log")
        sums.set_xticks(study.clients, [str(number) for number in study.clients])
        sums.set_xticks([], minor=True)
        sums.set_xlabel("clients")
        sums.set_title(f"error of a sum of {study.states:,} states, rad")
        sums.grid(alpha=0.25)
        sums.legend(frameon=False, fontsize=8)
        _bars(checks, found["checks"])
        checks.set_title(f"tampering found at {100 * study.false_alarms:g} % false alarms")


def _curve(axes: Any, rows: list[Mapping[str, Any]], label: str, colour: str) -> None:
    clients = [row["clients"] for row in rows]
    told = [min(row["foretold_rad"], np.pi) for row in rows]  # a phase is never further off
    axes.plot(clients, told, color=colour, linewidth=1.2)
    axes.plot(clients, [row["error_rad"] for row in rows], "o", color=colour, markersize=5, label=label)


def _bars(axes: Any, rows: list[Mapping[str, Any]]) -> None:
    attacks, names = (list(dict.fromkeys(row[key] for row in rows)) for key in ("attack", "check"))
    for place, name in enumerate(names):
        own = {row["attack"]: row["detected"] for row in rows if row["check"] == name}
        where = np.arange(len(attacks)) + 0.13 * (place - (len(names) - 1) / 2)
        axes.bar(where, [own[attack] for attack in attacks], 0.12, color=COLOURS[place], label=name)
    axes.set_xticks(np.arange(len(attacks)), [attack.replace(" (", "\n(") for attack in attacks], fontsize=8)
    axes.set_ylim(0, 1.3)
    axes.legend(frameon=False, fontsize=8, ncols=2, loc="upper center")
    axes.grid(axis="y", alpha=0.25)
