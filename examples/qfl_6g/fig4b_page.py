"""The page of Fig. 4b: what the paper says, and each reading with everything else alike."""

from collections.abc import Mapping
from typing import Any

from qfl.report.formatting import UNKNOWN, duration
from qfl.studies.federations.settings import LearningSettings
from qfl.studies.markdown import table

TITLES = {
    "learner": ("QFL against FL as learners", "The circuit against the perceptron, all else alike."),
    "scheduler": ("QAOA against SCA under one learner", "Who allocates the uplink, all else alike."),
}
INTRODUCTION = """# Fig. 4b: QFL and FL, in both readings

{data}, {devices} devices with one label each, {rounds} rounds, {seeds}{quick}. The paper says that QAOA's higher sum
rate "results in a faster convergence of QFL", gives no number in words, and may mean two things by QFL: a circuit that
learns where a network learned before, or a federation whose radio QAOA schedules ("some QFL frameworks may retain
classical learning", section I). Both stand here, under the weighted mean that the paper states (`mean`, five local
steps) and under FedAdam (`fedadam`, one), with a round that ends with one update for each sub-channel in (`first`) and
one that ends with all (`all`). Accuracy is that of the global model on all devices' data. Sooner: at the highest level
that all runs of a row reach. In brackets the 95 % interval over seeds."""
CELL = (
    "under",
    "level",
    "sooner, %, in seconds",
    "in rounds",
    "seconds there",
    "at the end, %",
    "on test data, %",
    "verdict",
)


def page(numbers: Mapping[str, Any], grid: LearningSettings, quick: bool) -> str:
    """Return the page.

    Args:
        numbers: As `summarise` returned them.
        grid: What was compared.
        quick: Whether it is the quick form.
    """
    head = INTRODUCTION.format(
        data={"digits": "The embedded digits", "mnist": "MNIST"}.get(numbers["data"], numbers["data"]),
        devices=grid.base["clients.count"],
        rounds=numbers["rounds"],
        seeds=f"{grid.seeds} seed{'s' * (grid.seeds > 1)}",
        quick=" (quick)" if quick else "",
    )
    parts = [head, "![accuracy on all devices' data over rounds and simulated seconds](fig4b.png)"]
    for name, (title, about) in TITLES.items():
        own = numbers[f"reading_{name}"]
        if not own["rows"]:
            continue  # one of its two sides was left out of the study
        parts += [f"## {title}", f"{about} {_sides(own)}", _table(own)]
    return "\n\n".join(parts)


def _sides(own: Mapping[str, Any]) -> str:
    return f"Pairs of numbers are {own['first']} / {own['second']}; sooner and gain are those of {own['first']}."


def _table(own: Mapping[str, Any]) -> str:
    return table(CELL, [[f"`{cell}`", *_cells(row)] for cell, row in own["rows"].items()], words=1)


def _cells(row: Mapping[str, Any]) -> list[str]:
    level = UNKNOWN if row["level"] is None else f"{100 * row['level']:g} %"
    seconds, rounds = (ends(row["sooner_percent"].get(amount)) for amount in ("seconds", "rounds"))
    there = " / ".join(duration(value) for value in row["until"].get("seconds", ())) or UNKNOWN
    found = [" / ".join(f"{value:.1f}" for value in row[f"end_{what}"]) for what in ("devices", "test")]
    gains = [ends(row["gain_points"][what]) for what in ("devices", "test")]
    return [level, seconds, rounds, there, *(f"{a} ({b})" for a, b in zip(found, gains, strict=True)), row["verdict"]]


def ends(found: Mapping[str, Any] | None) -> str:
    """Return a mean with its sign, and its interval where there is one.

    Example:
        >>> ends({"mean": 3.0, "low": 1.0, "high": 5.0}), ends({"mean": -3.0, "low": None, "high": None}), ends(None)
        ('+3.0 [+1.0, +5.0]', '-3.0', '–')
    """
    if found is None:
        return UNKNOWN
    inside = "" if found["low"] is None else f" [{found['low']:+.1f}, {found['high']:+.1f}]"
    return f"{found['mean']:+.1f}{inside}"
