"""The applications of the control plane, each by quantum and classical methods on the same instances."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np

from qfl.report.canvas import canvas
from qfl.report.palette import LIGHT
from qfl.studies.csv_files import write_csv
from qfl.studies.markdown import table
from qfl.studies.request import Request
from qfl.studies.study import Study

from .applications_code import codes_png
from .applications_heads import HEADS
from .applications_measure import Row, rows_of
from .applications_settings import ApplicationsSettings, settings_of

ROWS = "applications"
Numbers = Mapping[str, Mapping[str, Mapping[str, Mapping[str, Any]]]]


def run(request: Request, settings: ApplicationsSettings) -> list[Row]:
    """Return the rows of all seeds; what the folder holds is not measured again."""
    done = {row["seed"] for row in request.folder.rows(ROWS)}
    for seed in range(request.seed, request.seed + settings.seeds):
        if seed not in done:
            request.folder.append(ROWS, list(rows_of(settings, seed)))
            request.show(f"seed {seed}: all applications")
    return request.folder.rows(ROWS)


def summarise(request: Request, settings: ApplicationsSettings, rows: list[Row]) -> dict[str, Any]:
    """Return mean, standard error and seconds by application, case and method, and where a quantum one is best."""
    found: dict[str, Any] = {}
    for application in HEADS:
        own = [row for row in rows if row["application"] == application]
        cases = {
            case: _methods([r for r in own if r["case"] == case]) for case in dict.fromkeys(r["case"] for r in own)
        }
        found[application] = cases
    best = sum(
        _quantum_leads(application, methods) for application, cases in found.items() for methods in cases.values()
    )
    count = sum(any(m["quantum"] for m in methods.values()) for cases in found.values() for methods in cases.values())
    return {"applications": found, "cases": count, "quantum_leads": best, "seeds": settings.seeds}


def _methods(rows: list[Row]) -> dict[str, dict[str, Any]]:
    found: dict[str, dict[str, Any]] = {}
    for method in dict.fromkeys(row["method"] for row in rows):
        own = [row for row in rows if row["method"] == method]
        values = np.array([row["value"] for row in own])
        error = float(values.std(ddof=1) / np.sqrt(len(values))) if len(values) > 1 else None
        seconds = float(np.mean([row["seconds"] for row in own]))
        found[method] = {
            "value": float(values.mean()),
            "error": error,
            "seconds": seconds,
            "quantum": own[0]["quantum"],
        }
    return found


def _quantum_leads(application: str, methods: Mapping[str, Mapping[str, Any]]) -> bool:
    """Return whether the best quantum method is ahead of the best other by more than both standard errors."""
    sign = 1 if HEADS[application].more else -1
    quantum, other = (
        max((m for m in methods.values() if m["quantum"] is kind), key=lambda m: sign * m["value"], default=None)
        for kind in (True, False)
    )
    if quantum is None or other is None or quantum["error"] is None or other["error"] is None:
        return False
    return bool(sign * (quantum["value"] - other["value"]) > max(quantum["error"] + other["error"], 1e-9))


def draw(request: Request, settings: ApplicationsSettings, rows: list[Row], found: dict[str, Any]) -> None:
    """Write the rows, and a panel for each application."""
    write_csv(request.folder.path / "applications.csv", rows)
    applications_png(found["applications"], request.folder.path / "applications.png")
    codes_png(found["applications"]["learn"], request.folder.path / "codes.png")


def applications_png(found: Numbers, path: Path) -> None:
    """Draw every method of every application's last case, quantum ones in a colour of their own."""
    with canvas(path, (10.0, 6.4)) as figure:
        panels = figure.subplots(2, 3).ravel()
        for axes, (application, head) in zip(panels, HEADS.items(), strict=True):
            case, methods = list(found[application].items())[-1]
            names, own = list(methods), list(methods.values())
            colours = [LIGHT["test"] if m["quantum"] else LIGHT["track"] for m in own]
            errors = [m["error"] or 0.0 for m in own]
            axes.barh(np.arange(len(own)), [m["value"] for m in own], xerr=errors, color=colours, capsize=2)
            axes.set_yticks(np.arange(len(own)), names, fontsize=7)
            axes.invert_yaxis()
            axes.set_title(f"{head.title}\n{case}", fontsize=9)
            axes.set_xlabel(head.value, fontsize=8)
        figure.suptitle("coloured: quantum methods, simulated exactly", color=LIGHT["test"], fontsize=9)


def tell(request: Request, settings: ApplicationsSettings, rows: list[Row], found: dict[str, Any]) -> str:
    """Return the page."""
    parts = [
        "# What controllers ask for, by quantum and classical methods",
        f"Means over {settings.seeds} seed{'s' * (settings.seeds > 1)}, ± their standard errors. Quantum methods are "
        f"simulated exactly, their seconds are the simulator's. In {found['quantum_leads']} of {found['cases']} cases "
        "the best quantum method is ahead of the best classical one by more than both errors"
        + (" (one seed has no error, so it decides nothing)." if settings.seeds == 1 else "."),
        "![methods](applications.png)",
    ]
    for application, head in HEADS.items():
        parts.append(f"## {head.title}: {head.value}, {'more' if head.more else 'less'} is better")
        parts += [head.data] + ["![codes](codes.png)"] * (application == "learn")
        parts += [_table(case, methods, head.digits) for case, methods in found["applications"][application].items()]
    return "\n\n".join(parts)


def _table(case: str, methods: Mapping[str, Mapping[str, Any]], digits: int) -> str:
    lines = [
        (
            f"{name}{' (quantum)' if m['quantum'] else ''}",
            f"{m['value']:.{digits}f}" + (f" ± {m['error']:.{digits}f}" if m["error"] is not None else ""),
            f"{1000 * m['seconds']:.3g}",
        )
        for name, m in methods.items()
    ]
    return table((case, "value", "ms"), lines, words=1)


STUDY = Study(settings_of, run, summarise, draw, tell)
