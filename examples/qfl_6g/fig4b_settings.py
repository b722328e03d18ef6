"""What Fig. 4b's readings are made of: the federations of fig4b.toml, by aggregation and by who is heard."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from qfl.config import Settings, read_toml
from qfl.errors import ConfigError
from qfl.studies.federations.settings import Choice, LearningSettings, learning_from, members
from qfl.studies.request import Request

FILE = Path(__file__).parent / "fig4b.toml"
AXES = {"learner": "learners", "scheduler": "schedulers", "aggregation": "aggregations", "participants": "participants"}
"""The axes, and the settings that name their choices."""
ARCHIVE = "round.archive-every"
Flat = dict[str, Any]


@dataclass(frozen=True)
class Readings:
    """The whole study.

    Args:
        grid: Every federation, the axes in the order of `AXES`.
        processes: Federations at a time.
    """

    grid: LearningSettings
    processes: int


def settings_of(request: Request) -> Readings:
    """Return the settings that a request asks for.

    Raises:
        ConfigError: If an axis names a choice that there is not, or a federation cannot be.
    """
    asked: Flat = request.asked
    whole = learning_from(read_toml(FILE), {}, asked["seeds"], request.quick)
    own = {"aggregation": _own(asked, "aggregation"), "participants": _own(asked, "heard")}
    there = {axis: {each.name: each.settings for each in whole.axes[axis]} for axis in ("learner", "scheduler")} | own
    steps = _own(asked, "learner")
    there["learner"] = {name: usual | steps.get(name, {}) for name, usual in there["learner"].items()}
    if faults := [*_faults(asked, there)]:
        raise ConfigError(faults)
    axes = {axis: tuple(Choice(name, there[axis][name]) for name in asked[key]) for axis, key in AXES.items()}
    base = whole.base | _under(asked, "federation.") | {ARCHIVE: 1}
    grid = LearningSettings(base, axes, asked["seeds"], request.seed)
    members(grid)  # every federation is one that can be
    return Readings(grid, asked["processes"])


def _own(asked: Mapping[str, Any], table: str) -> dict[str, Flat]:
    """Return the choices that a table of the study's own file has.

    Another strategy than fig4b.toml's gets none of the settings that belong to it.
    """
    found: dict[str, Flat] = {}
    for key, value in _under(asked, f"{table}.").items():
        name, _, setting = key.partition(".")
        found.setdefault(name, {})[setting] = value
    plain = {key: value for key, value in Settings().to_flat().items() if key.startswith("strategy.")}
    usual = read_toml(FILE)["strategy"]["name"]
    return {name: plain | own if own.get("strategy.name", usual) != usual else own for name, own in found.items()}


def _faults(asked: Mapping[str, Any], there: Mapping[str, Mapping[str, Flat]]) -> Iterator[str]:
    if not 1 <= asked["processes"] <= 64:
        yield f"processes = {asked['processes']}; give a whole number from 1 to 64"
    for axis, key in AXES.items():
        names = asked[key]
        if not names or len(set(names)) < len(names):
            yield f"{key} = {names}; give a list of names, each once"
        if unknown := [name for name in names if name not in there[axis]]:
            yield f"{key} names {unknown[0]!r}; give some of {', '.join(there[axis])}"


def _under(asked: Mapping[str, Any], prefix: str) -> Flat:
    return {key.removeprefix(prefix): value for key, value in asked.items() if key.startswith(prefix)}
