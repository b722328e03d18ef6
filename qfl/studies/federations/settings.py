"""Which federations are compared: a run file, and tables of choices whose every combination is run."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from itertools import product
from math import prod
from typing import Any

from qfl.config import Settings
from qfl.config.runfile import flatten_toml
from qfl.errors import ConfigError

TABLE, SEEDS, QUICK = "compare", "seeds", "quick"
MOST_SEEDS = 1000
LARGEST_SEED = 2**31 - 1
MOST_COMBINATIONS = 100  # twenty axes of two choices each are a million, in a file of 1 kB

Flat = dict[str, Any]


@dataclass(frozen=True)
class Choice:
    """One value of an axis: its name, and the settings that it changes."""

    name: str
    settings: Flat


@dataclass(frozen=True)
class LearningSettings:
    """One comparison of federations.

    Args:
        base: Flat settings of all runs.
        axes: The choices of each axis, in the order of the file.
        seeds: Runs of each combination.
        first_seed: The first one's seed; the others count up from it.
    """

    base: Flat
    axes: dict[str, tuple[Choice, ...]]
    seeds: int
    first_seed: int = 1


@dataclass(frozen=True)
class Member:
    """One run of the comparison.

    Args:
        names: The choice on each axis.
        seed: The run's.
        settings: Its settings, without a folder.
    """

    names: tuple[str, ...]
    seed: int
    settings: Settings

    @property
    def label(self) -> str:
        """The combination, as figures and tables call it."""
        return " + ".join(self.names)

    @property
    def folder(self) -> str:
        """The name of its run folder within the comparison's."""
        return "-".join([*self.names, str(self.seed)]).replace(" ", "_").replace("/", "_")


def learning_from(
    tables: Mapping[str, Any], overrides: Mapping[str, Any], seeds: int | None = None, quick: bool = False
) -> LearningSettings:
    """Return the comparison that a TOML file describes.

    ``[compare.AXIS.NAME.SUBJECT]`` holds settings of one choice; ``[compare.quick.SUBJECT]`` what a quick comparison
    changes in all of them.

    Args:
        tables: The file.
        overrides: Flat settings of all runs, applied last.
        seeds: Instead of the file's.
        quick: Apply the file's quick settings.

    Raises:
        ConfigError: With one sentence per fault.

    Example:
        >>> tables = {"rounds": 2, "compare": {"model": {"A": {"model": {"name": "mlp"}}, "B": {"seed": 3}}}}
        >>> [member.label for member in members(learning_from(tables, {}, seeds=1))]
        ['A', 'B']
    """
    axes_of_file = dict(tables[TABLE])
    fast = flatten_toml(axes_of_file.pop(QUICK, {}))
    number = seeds if seeds is not None else axes_of_file.pop(SEEDS, 3)
    axes_of_file.pop(SEEDS, None)
    if quick and not fast:
        raise ConfigError(f"the file has no quick form; add a table [{TABLE}.{QUICK}], or leave out --quick")
    if quick and seeds is None:
        number = fast.get(SEEDS, number)
    fast.pop(SEEDS, None)
    base = flatten_toml({key: value for key, value in tables.items() if key != TABLE})
    base |= fast if quick else {}
    axes = {axis: _choices(axis, choices) for axis, choices in axes_of_file.items()}
    settings = LearningSettings(base | dict(overrides), axes, number)
    if faults := [*faults_of(settings), *_ignored(settings, overrides)]:
        raise ConfigError(faults)
    members(replace(settings, seeds=1))  # every combination is one that can be
    return settings


def members(settings: LearningSettings) -> list[Member]:
    """Return every run, seed by seed.

    Raises:
        ConfigError: With the combination in front of each fault.
    """
    runs: list[Member] = []
    faults: dict[str, list[str]] = {}
    combinations = list(product(*settings.axes.values()))
    for seed, choices in product(range(settings.first_seed, settings.first_seed + settings.seeds), combinations):
        changed = {key: value for choice in choices for key, value in choice.settings.items()}
        names = tuple(choice.name for choice in choices)
        try:
            runs.append(Member(names, seed, Settings.from_flat(settings.base | changed | {"seed": seed})))
        except ConfigError as error:
            for fault in error.faults:
                faults.setdefault(fault, []).append(" + ".join(names))
    if faults:
        raise ConfigError([_whose(fault, who, len(combinations)) for fault, who in faults.items()])
    return runs


def to_tables(settings: LearningSettings) -> dict[str, Any]:
    """Return plain values that `from_tables` reads."""
    axes = {axis: {choice.name: choice.settings for choice in choices} for axis, choices in settings.axes.items()}
    first = {"first-seed": settings.first_seed} if settings.first_seed != 1 else {}
    return {"base": settings.base, "axes": axes, "seeds": settings.seeds} | first


def from_tables(plain: Mapping[str, Any]) -> LearningSettings:
    """Return the comparison that a run folder keeps.

    Raises:
        ConfigError: If there can be no such comparison.
        TypeError: If parts of it are not what they should be; likewise KeyError, ValueError and AttributeError.

    Example:
        >>> kept = LearningSettings({"rounds": 2}, {"model": (Choice("A", {"model.name": "mlp"}),)}, 2)
        >>> from_tables(to_tables(kept)) == kept
        True
    """
    axes = {axis: tuple(Choice(*item) for item in choices.items()) for axis, choices in plain["axes"].items()}
    settings = LearningSettings(dict(plain["base"]), axes, plain["seeds"], plain.get("first-seed", 1))
    if faults := faults_of(settings):
        raise ConfigError(faults)
    for choice in (choice for choices in axes.values() for choice in choices):
        dict(choice.settings)
    members(replace(settings, seeds=1))
    return settings


def _ignored(settings: LearningSettings, overrides: Mapping[str, Any]) -> list[str]:
    varied = {key for choices in settings.axes.values() for choice in choices for key in choice.settings}
    return [
        f"{key} is what the comparison varies; change its file instead" for key in sorted(varied & overrides.keys())
    ]


def _choices(axis: str, choices: Any) -> tuple[Choice, ...]:
    if not isinstance(choices, Mapping) or not all(isinstance(each, Mapping) for each in choices.values()):
        raise ConfigError(
            f"[{TABLE}.{axis}] holds no tables of settings; write for example [{TABLE}.{axis}.A.model] and name = 'vqc'"
        )
    return tuple(Choice(name, flatten_toml(changed)) for name, changed in choices.items())


def _whose(fault: str, who: list[str], most: int) -> str:
    labels = list(dict.fromkeys(who))
    return fault if len(labels) == most else f"{', '.join(labels)}: {fault}"


def faults_of(settings: LearningSettings) -> list[str]:
    """Return what is wrong with a comparison as a whole: nothing to compare, too much of it, or no such seeds."""
    if not settings.axes or not all(settings.axes.values()):
        return [f"nothing is compared; add tables such as [{TABLE}.learner.QFL.model]"]
    if type(settings.seeds) is not int or not 1 <= settings.seeds <= MOST_SEEDS:
        return [f"seeds = {settings.seeds!r}: give a whole number from 1 to {MOST_SEEDS}"]
    if type(settings.first_seed) is not int or not 0 <= settings.first_seed <= LARGEST_SEED:
        return [f"first-seed = {settings.first_seed!r}: give a whole number from 0 to {LARGEST_SEED}"]
    if (number := prod(map(len, settings.axes.values()))) > MOST_COMBINATIONS:
        return [
            f"the choices make {number:,} combinations, and at most {MOST_COMBINATIONS} are compared; "
            "leave out choices, or write more files"
        ]
    named = {"seed", "run.folder", "run.resume"} & settings.base.keys()
    return [f"{key} is set by the comparison; leave it out" for key in sorted(named)]
