"""A grid of settings as a comparison of federations: an axis for each key, a choice for each of its values.

::

    grid_of({"rounds": 30}, {"model.layers": [20, 40], "strategy.name": ["fedavg", "median"]}, seeds=5)

is four combinations of five runs each, seeds 1 to 5.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any

from qfl.config import Settings
from qfl.config.fields import as_toml
from qfl.config.runfile import parse_override
from qfl.errors import ConfigError
from qfl.studies.federations.settings import (
    Choice,
    Flat,
    LearningSettings,
    faults_of,
    members,
)

Grid = Mapping[str, Sequence[Any]]
MOST_LETTERS = 200  # of a run folder's name


def grid_of(base: Mapping[str, Any], grid: Grid, seeds: int) -> LearningSettings:
    """Return the comparison of all combinations of a grid's values.

    Args:
        base: Flat settings of all runs.
        grid: The values of each key, in the order in which they are shown.
        seeds: Runs of each combination, from seed 1 on.

    Raises:
        ConfigError: With one sentence per key and value that cannot be.

    Example:
        >>> [each.label for each in members(grid_of({}, {"model.layers": [1, 2]}, seeds=1))]
        ['model.layers=1', 'model.layers=2']
    """
    if faults := [*_grid_faults(grid)]:
        raise ConfigError(faults)
    rest = {key: value for key, value in base.items() if key not in grid and key not in ("seed", "run.folder")}
    axes = {key: tuple(Choice(_name(key, value), {key: value}) for value in values) for key, values in grid.items()}
    settings = LearningSettings(rest, axes, seeds)
    if faults := [*_value_faults(rest, axes)] or faults_of(settings):
        raise ConfigError(faults)
    runs = members(replace(settings, seeds=1))  # every combination is one that can be
    folders = [run.folder for run in runs]
    if len(set(folders)) < len(folders) or max(map(len, folders)) > MOST_LETTERS:
        raise ConfigError("two values, or long ones, give no run folders of their own; give others, or fewer keys")
    return settings


def parse_axis(text: str) -> tuple[str, list[Any]]:
    """Return key and values of ``key=value,value,...``; each value is TOML, or a bare word.

    Raises:
        ConfigError: If there is no ``=``, or no value.

    Example:
        >>> parse_axis("model.layers=20,40"), parse_axis("strategy.name=fedavg,median")
        (('model.layers', [20, 40]), ('strategy.name', ['fedavg', 'median']))
    """
    key, equals, words = text.partition("=")
    if not equals or not key.strip() or not words.strip():
        raise ConfigError(f"--sweep takes key=value,value,..., not {text!r}; for example --sweep model.layers=20,40")
    _, together = parse_override(f"{key}=[{words}]")
    if isinstance(together, list):
        return key.strip(), together
    return key.strip(), [parse_override(f"{key}={word}")[1] for word in words.split(",")]


def cells(settings: LearningSettings, numbers: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Return one row per combination: its values, how many seeds count, the mean and its 95 % interval.

    Args:
        settings: What was compared.
        numbers: As `qfl.studies.federations.outcome.outcome` returns them.
    """
    rows = []
    for member in members(replace(settings, seeds=1)):
        found = numbers["combinations"][member.label]
        end = found[numbers["metric"]]
        rows.append(
            {
                **values_of(settings, member.names),
                "seeds": end["count"],
                "metric": numbers["metric"],
                "mean": end["mean"],
                "low": end["low"],
                "high": end["high"],
                "parameters": found["parameters"],
                "update_bytes": found["update_bytes"],
            }
        )
    return rows


def values_of(settings: LearningSettings, names: Sequence[str]) -> Flat:
    """Return what the choices of a combination set, by flat key.

    Args:
        settings: What is compared.
        names: The choice on each axis.
    """
    chosen = zip(settings.axes.values(), names, strict=True)
    return {
        key: value
        for axis, name in chosen
        for each in axis
        if each.name == name
        for key, value in each.settings.items()
    }


def _grid_faults(grid: Grid) -> Iterator[str]:
    if not grid:
        yield "nothing is swept; give a key and its values, for example model.layers = 20, 40"
    for key, values in grid.items():
        if key == "seed" or key.startswith("run."):
            yield f"{key} is set by the sweep; leave it out" + (", and say how many seeds" if key == "seed" else "")
        elif isinstance(values, str | bytes) or not isinstance(values, Sequence) or not values:
            yield f"{key} = {repr(values)[:50]}: a sweep takes a list of values, for example [20, 40]"
        elif twice := [value for number, value in enumerate(values) if value in values[:number]]:
            yield f"{key} = {as_toml(twice[0])} is given twice; leave one out"


def _value_faults(base: Flat, axes: Mapping[str, Sequence[Choice]]) -> list[str]:
    """Return what is wrong with each value by itself, in the words that one run of it would get."""
    faults: list[str] = []
    for choice in (choice for choices in axes.values() for choice in choices):
        try:
            Settings.from_flat(base | choice.settings)
        except ConfigError as error:
            faults += error.faults
    alone = list(dict.fromkeys(faults))
    return alone if len(axes) == 1 else [fault for fault in alone if _is_of_a_value(fault, axes)]


def _is_of_a_value(fault: str, axes: Mapping[str, Any]) -> bool:
    """Return whether a fault is that of a key or value, which no other axis can mend."""
    return fault.startswith("unknown setting") or any(
        re.match(rf"{re.escape(key)} = .*: expected", fault) for key in axes
    )


def _name(key: str, value: Any) -> str:
    text = str(value) if isinstance(value, str) else as_toml(value)
    return f"{key}={text.removeprefix('qfl.given:')}"
