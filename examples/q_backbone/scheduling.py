"""Figs. 3 and 4: jobs served within their deadlines, over the load and over how strict the deadlines are."""

from collections.abc import Iterable, Sequence
from functools import partial
from typing import Any

import numpy as np

from qfl.backbone.orchestration.registry import SCHEDULERS
from qfl.studies.bands import half_width
from qfl.studies.csv_files import write_csv
from qfl.studies.request import Request
from qfl.studies.study import Study

from .measure import BOUND, Row, measure
from .page import fig3_page, fig4_page
from .picture import served_png
from .settings import Sweep, sweep_of

# percent; arXiv:2512.06157's abstract, which the paper's section IV repeats with its numbers lost; 12.8 is that of
# "urgent deadlines", the others are means
PAPER = {
    "without_locc": 8.16,
    "without_either": 9.60,
    "without_splitting": 12.8,
    "greedy": 23.7,
    "list": 24.5,
    "random": 25.38,
}
OURS = ("ours", "sa_paper")
"""Schedulers whose gain over the others is told: the best there is, and the paper's text taken literally."""


def summarise(figure: str, request: Request, sweep: Sweep, rows: list[Row]) -> dict[str, Any]:
    """Return what every scheduler serves, and by how much two of them serve more."""
    cells = sorted({(row["jobs"], row["coefficient"]) for row in rows})
    methods = {name: _served(rows, name, cells) for name in (BOUND, *SCHEDULERS)}
    gains = {
        name: {better: _gain(rows, better, name) for better in OURS if better != name}
        | {"paper_percent": PAPER.get(name)}
        for name in SCHEDULERS
    }
    found: dict[str, Any] = {"methods": methods, "gain_over": gains, "seeds": len(sweep.seeds)}
    if figure == "fig4":
        found["peak_over_without_splitting"] = {better: _peak(rows, cells, better) for better in OURS}
    return {figure: found}


def _served(rows: Iterable[Row], name: str, cells: Sequence[tuple[int, float]]) -> dict[str, Any]:
    own = [row for row in rows if row["scheduler"] == name]
    seeds = _by_seed(own, "served")
    return {
        "served": float(seeds.mean()),
        "interval": float(half_width(seeds[:, None])[0]),
        "milliseconds": 1e3 * float(np.mean([row["seconds"] for row in own])),
        "cells": [_cell(own, *cell) for cell in cells],
    }


def _cell(own: Iterable[Row], jobs: int, coefficient: float) -> dict[str, Any]:
    values = np.array([row["served"] for row in own if (row["jobs"], row["coefficient"]) == (jobs, coefficient)])
    return {
        "jobs": jobs,
        "coefficient": coefficient or None,
        "served": float(values.mean()),
        "interval": float(half_width(values[:, None])[0]),
    }


def _gain(rows: Iterable[Row], better: str, name: str) -> dict[str, float]:
    """Return the gain in the mean fraction served, in points and in percent; the interval is of the paired points."""
    first, second = (_by_seed([row for row in rows if row["scheduler"] == who], "served") for who in (better, name))
    points = 100 * (first - second)
    return {
        "points": float(points.mean()),
        "interval": float(half_width(points[:, None])[0]),
        "percent": float(100 * (first.mean() / second.mean() - 1)) if second.mean() else float("nan"),
    }


def _peak(rows: Iterable[Row], cells: Iterable[tuple[int, float]], better: str) -> dict[str, Any]:
    """Return where splitting shots helps most, in points."""
    gains = {
        cell: _gain([row for row in rows if (row["jobs"], row["coefficient"]) == cell], better, "without_splitting")
        for cell in cells
    }
    jobs, coefficient = max(gains, key=lambda cell: gains[cell]["points"])
    return {"jobs": jobs, "coefficient": coefficient, **gains[jobs, coefficient]}


def _by_seed(rows: Iterable[Row], key: str) -> np.ndarray:
    """Return each seed's mean over loads and coefficients."""
    seeds: dict[int, list[float]] = {}
    for row in rows:
        seeds.setdefault(row["seed"], []).append(row[key])
    return np.array([np.mean(values) for _, values in sorted(seeds.items())])


def draw(figure: str, request: Request, sweep: Sweep, rows: list[Row], found: dict[str, Any]) -> None:
    """Write the picture and the rows."""
    write_csv(request.folder.path / f"{figure}.csv", rows)
    served_png(figure, found[figure]["methods"], len(sweep.seeds), request.folder.path / f"{figure}.png")


FIG3 = Study(
    sweep_of,
    partial(measure, mixed=True),
    partial(summarise, "fig3"),
    partial(draw, "fig3"),
    lambda request, sweep, rows, found: fig3_page(found["fig3"], sweep),
)
FIG4 = Study(
    sweep_of,
    partial(measure, mixed=False),
    partial(summarise, "fig4"),
    partial(draw, "fig4"),
    lambda request, sweep, rows, found: fig4_page(found["fig4"], sweep),
)
