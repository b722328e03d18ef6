"""What is compared on what: the settings of a comparison, read from TOML."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, fields
from pathlib import Path
from typing import Any

from qfl.config.blocks import Blocks, block_faults
from qfl.config.cell import range_faults
from qfl.config.fields import build, flatten
from qfl.config.private import fold
from qfl.config.runfile import flatten_toml, parse_override, read_toml
from qfl.errors import ConfigError
from qfl.extend import is_reference
from qfl.scheduling.problem import OBJECTIVES
from qfl.studies.schedulers.panel import missing_baselines, names
from qfl.studies.settings import typed
from qfl.wireless.scenario import UplinkScenario, check

MOST_INSTANCES = 100_000
MOST_PROCESSES = 64


@dataclass(frozen=True)
class ComparisonSettings:
    """One comparison: keys of the file are these names, and those of the scenario, with hyphens.

    Example:
        >>> ComparisonSettings().seeds
        12
    """

    scenario: UplinkScenario = field(default_factory=UplinkScenario)
    blocks: Blocks = field(default_factory=Blocks)  # of the block descents and of QAOA
    objective: str = "sum_rate"
    panel: tuple[str, ...] = ()  # names of methods, and references to a user's own; empty = the whole panel
    seeds: int = 12  # instances, the same for every method
    first_seed: int = 1  # of the instances; the others count up from it
    small_seeds: int = 20  # instances of 8 devices and 3 sub-channels, beside brute force; 0 = none
    payload_bits: float = 1920.0  # of one update: 60 angles in single precision, unsigned
    processes: int = 1  # (seed, method) pairs that run at once

    @property
    def instances(self) -> range:
        """Seeds of the instances."""
        return range(self.first_seed, self.first_seed + self.seeds)

    @property
    def small_instances(self) -> range:
        """Seeds of the small instances."""
        return range(self.first_seed, self.first_seed + self.small_seeds)


PARTS = ("scenario", "blocks")  # whose keys stand beside those of the comparison
OWN = {item.name: item.name.replace("_", "-") for item in fields(ComparisonSettings) if item.name not in PARTS}


def read_comparison(path: str | Path, overrides: Iterable[str] = (), seeds: int | None = None) -> ComparisonSettings:
    """Return the settings of a TOML file, with ``key=value`` overrides and a number of seeds applied last.

    Args:
        path: The file.
        overrides: ``key=value`` each.
        seeds: Instances, instead of the file's.

    Raises:
        ConfigError: If the file is unreadable or holds faults; all of them are named.
    """
    flat = flatten_toml(read_toml(path)) | dict(parse_override(text) for text in overrides)
    return comparison_from(flat if seeds is None else flat | {"seeds": seeds})


def comparison_from(flat: Mapping[str, Any]) -> ComparisonSettings:
    """Return settings from flat keys; absent ones keep their default.

    Raises:
        ConfigError: With one sentence per fault.

    Example:
        >>> comparison_from({"num-devices": 20, "seeds": 2}).scenario.num_devices
        20
        >>> comparison_from({"num-device": 20})
        Traceback (most recent call last):
        qfl.errors.ConfigError: unknown setting 'num-device'; did you mean 'num-devices'?
    """
    folded, faults = fold(flat, ("my",))
    if faults:
        raise ConfigError(faults)
    values = typed(flat_settings(ComparisonSettings()), folded)
    scenario, blocks = build(UplinkScenario, values), build(Blocks, values)
    rest: dict[str, Any] = {name: values[key] for name, key in OWN.items()}
    rest["panel"] = tuple(rest["panel"])
    settings = ComparisonSettings(scenario, blocks, **rest)
    check(settings.scenario)
    if faults := range_faults(blocks) or block_faults(blocks):
        raise ConfigError(faults)
    if faults := _impossible(settings):
        raise ConfigError(faults)
    return settings


def flat_settings(settings: ComparisonSettings) -> dict[str, Any]:
    """Return every setting under its key, those of the scenario among them."""
    own = {key: getattr(settings, name) for name, key in OWN.items()}
    return own | {"panel": list(settings.panel)} | dict(flatten(settings.blocks)) | dict(flatten(settings.scenario))


def _impossible(settings: ComparisonSettings) -> list[str]:
    lowest = {
        "first-seed": (settings.first_seed, 1),
        "seeds": (settings.seeds, 2),
        "small-seeds": (settings.small_seeds, 0),
        "processes": (settings.processes, 1),
    }
    faults = [f"{key} = {value}: give {low} or more" for key, (value, low) in lowest.items() if value < low]
    most = {"seeds": MOST_INSTANCES, "small-seeds": MOST_INSTANCES, "processes": MOST_PROCESSES}
    faults += [f"{key} = {lowest[key][0]}: give {high} or fewer" for key, high in most.items() if lowest[key][0] > high]
    if not 0 < settings.payload_bits < float("inf"):
        faults.append(f"payload-bits = {settings.payload_bits:g}: give a number above 0")
    if settings.objective != "sum_rate":
        why = "it is not an objective"
        if settings.objective == "round_time":
            why = "its bound is on every page as the time of one device after the other, which no method here aims at"
        elif settings.objective in OBJECTIVES:
            why = "it has no certified bound"
        faults.append(f"objective = {settings.objective!r}: {why}; the comparison takes sum_rate")
    known = names(settings.scenario.variant)
    unknown = [name for name in settings.panel if name not in known and not is_reference(name)]
    if unknown:
        return [
            *faults,
            f"panel names {', '.join(unknown)}; under {settings.scenario.variant} give some of {', '.join(known)}, "
            "or your own, such as 'schedule.py:solve'",
        ]
    if settings.panel and (absent := missing_baselines(settings.panel)):
        faults.append(
            f"panel leaves out {', '.join(absent)}; methods are not shown without the baselines that expose them, "
            "so add these"
        )
    return faults
