"""What the study of heterogeneity is made of: strategies, columns, and a federation for every cell."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from qfl.config import Settings
from qfl.errors import ConfigError
from qfl.studies.request import Request

AXES = {
    "alpha": "Dirichlet concentration",
    "noise-spread": "spread of the noise",
    "byzantine-share": "share of attackers",
    "together": "all three",
}
RANGES = {"alpha": (1e-3, 1e6), "noise-spread": (0.0, 5.0), "byzantine-share": (0.0, 0.5)}
Flat = dict[str, Any]


@dataclass(frozen=True)
class Column:
    """One condition that every strategy meets.

    Args:
        axis: A key of `AXES`.
        value: On the axis; of all three the share of attackers.
        settings: What it changes in a run.
    """

    axis: str
    value: float
    settings: Flat


@dataclass(frozen=True)
class Cell:
    """One federation.

    Args:
        strategy: Its name.
        column: Its condition.
        seed: The run's.
        settings: Flat settings of the run.
    """

    strategy: str
    column: Column
    seed: int
    settings: Flat

    @property
    def key(self) -> tuple[str, str, float, int]:
        """What its row is known by."""
        return self.strategy, self.column.axis, self.column.value, self.seed


@dataclass(frozen=True)
class Heterogeneity:
    """The whole study.

    Args:
        seeds: Of data shares, noise, attackers and training.
        strategies: Names.
        columns: Conditions; the first is the base, everybody alike, honest and without noise.
        base: Flat settings of all runs.
        own: Settings of single strategies.
        processes: Federations at a time.
    """

    seeds: tuple[int, ...]
    strategies: tuple[str, ...]
    columns: tuple[Column, ...]
    base: Flat
    own: Mapping[str, Flat]
    processes: int

    def cells(self) -> Iterator[Cell]:
        """Yield every federation, seed by seed."""
        for seed in self.seeds:
            for column in self.columns:
                for name in self.strategies:
                    settings = self.base | column.settings | {"strategy.name": name} | self.own.get(name, {})
                    yield Cell(name, column, seed, settings | {"seed": seed})


def settings_of(request: Request) -> Heterogeneity:
    """Return the settings that a request asks for.

    Raises:
        ConfigError: If a list is empty or holds what it cannot, or a federation cannot be; each fault once.
    """
    asked: Flat = request.asked
    if faults := [*_faults(asked)]:
        raise ConfigError(faults)
    study = Heterogeneity(
        tuple(range(request.seed, request.seed + asked["seeds"])),
        tuple(asked["strategies"]),
        columns_of(asked),
        _under(asked, "federation."),
        {name: _of(name, asked) for name in asked["strategies"]},
        asked["processes"],
    )
    _check(study)
    return study


def columns_of(asked: Mapping[str, Any]) -> tuple[Column, ...]:
    """Return the conditions, the first of them the base, and all three at their last values as the last.

    Args:
        asked: Flat keys of the study's file.
    """
    alike = {"data.alpha": asked["alpha"][0]}
    unlike = [{"data.alpha": alpha} for alpha in asked["alpha"]]
    noisy = [
        {"engine": "pennylane", "noise.depolarising": asked["depolarising"], "noise.spread": spread}
        for spread in asked["noise-spread"]
    ]
    hostile = [
        {"attack.name": asked["attack"], "attack.share": share} if share else {} for share in asked["byzantine-share"]
    ]
    axes = {"alpha": unlike, "noise-spread": noisy, "byzantine-share": hostile}
    columns = [
        Column(axis, float(value), alike | changed)
        for axis, changes in axes.items()
        for value, changed in zip(asked[axis], changes, strict=True)
    ]
    last = Column("together", float(asked["byzantine-share"][-1]), unlike[-1] | noisy[-1] | hostile[-1])
    return (*columns, last)


def _faults(asked: Mapping[str, Any]) -> Iterator[str]:
    for key, low, high in (("seeds", 1, 100), ("processes", 1, 64)):
        if type(asked[key]) is not int or not low <= asked[key] <= high:
            yield f"{key} = {asked[key]}; give a whole number from {low} to {high}"
    for key, (low, high) in RANGES.items():
        values = asked[key]
        if not values or not all(type(n) in (int, float) and low <= n <= high for n in values):
            yield f"{key} = {values}; give a list of numbers from {low:g} to {high:g}"
        elif len(set(values)) < len(values):
            yield f"{key} = {values}; give each number once"
    names = asked["strategies"]
    if not names or len(set(names)) < len(names):
        yield f"strategies = {names}; give a list of strategies' names, each once"


def _check(study: Heterogeneity) -> None:
    """Refuse a federation that cannot be, before the first one is trained."""
    faults: dict[str, None] = {}
    for cell in study.cells():
        if cell.seed == study.seeds[0]:
            try:
                Settings.from_flat(cell.settings)
            except ConfigError as error:
                faults |= dict.fromkeys(f"{cell.strategy}, {AXES[cell.column.axis]}: {each}" for each in error.faults)
    if faults:
        raise ConfigError(list(faults))


def _of(strategy: str, asked: Mapping[str, Any]) -> Flat:
    own = _under(asked, f"strategy.{strategy}.")
    return {f"strategy.{key}": value for key, value in own.items()}


def _under(asked: Mapping[str, Any], prefix: str) -> Flat:
    return {key.removeprefix(prefix): value for key, value in asked.items() if key.startswith(prefix)}
