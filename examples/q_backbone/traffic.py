"""A day of traffic engineering on a 12-node backbone: every method, and whether a quantum computer is asked."""

from typing import Any

import numpy as np

from qfl.studies.csv_files import write_csv
from qfl.studies.request import Request
from qfl.studies.study import Study

from .traffic_control import QUANTUM, control, quantum_joules
from .traffic_measure import METHODS, ROUTED, SEEN, Row, measure
from .traffic_page import traffic_page
from .traffic_picture import traffic_png
from .traffic_settings import Day, day_of

BETTER = 1e-9  # of the bound: what counts as better at all


def summarise(request: Request, day: Day, measured: dict[str, list[Row]]) -> dict[str, Any]:
    """Return what every method comes to over the day, the decisions, and how often a quantum answer was better."""
    routed = {(row["hour"], row["method"]): row for row in measured[ROUTED.name]}
    decisions = control(day, routed, {row["hour"]: row for row in measured[SEEN.name]})
    for row in decisions:
        own = routed[row["hour"], QUANTUM]
        row |= {key: own[key] for key in ("demand_mbps", "bound")}
        row |= {f"quantum_{key}": own[key] / own["bound"] for key in ("raw", "verified")}
    after = decisions[day.suite :]
    return {
        "traffic": {
            "methods": {name: _method([routed[hour, name] for hour in day.hours]) for name in METHODS},
            "decisions": decisions,
            "decided_hours": len(after),
            "quantum_calls": sum(bool(row["asked"]) for row in after),
            "quantum_better_hours": sum(row["advantage"] > BETTER for row in decisions),
            "quantum_best_hours": sum(_best(routed, hour) for hour in day.hours),
            "energy_j": sum(row["energy_j"] for row in decisions),
            "classical_j": sum(row["classical_j"] for row in decisions),
            "quantum_j": sum(row["quantum_j"] for row in decisions),
            "quantum_j_if_always_asked": quantum_joules(day) * len(day.hours),
            "gain": float(np.mean([row["classical"] - row["used"] for row in decisions])),
        }
    }


def _best(routed: dict[tuple[int, str], Row], hour: int) -> bool:
    """Return whether QAOA's verified answer is better than that of every other method in an hour."""
    others = min(routed[hour, name]["verified"] for name in METHODS if name != QUANTUM)
    own = routed[hour, QUANTUM]
    return others - own["verified"] > BETTER * own["bound"]


def _method(rows: list[Row]) -> dict[str, float]:
    """Return means over hours, utilisations as multiples of the bound."""
    raw, verified = (np.array([row[key] / row["bound"] for row in rows]) for key in ("raw", "verified"))
    means = {key: float(np.mean([row[key] for row in rows])) for key in ("broken", "seconds")}
    return {"raw": float(raw.mean()), "verified": float(verified.mean()), "worst": float(verified.max()), **means}


def draw(request: Request, day: Day, measured: dict[str, list[Row]], found: dict[str, Any]) -> None:
    """Write the picture, the rows and the decisions."""
    folder, decisions = request.folder.path, found["traffic"]["decisions"]
    write_csv(folder / "traffic.csv", measured[ROUTED.name])
    write_csv(folder / "decisions.csv", decisions)
    traffic_png(measured[ROUTED.name], decisions, quantum_joules(day), folder / "traffic.png")


STUDY = Study(
    day_of,
    measure,
    summarise,
    draw,
    lambda request, day, measured, found: traffic_page(found["traffic"], day),
)
