"""Settings of a study, read from flat keys and changed by ``--set``: a value has the type of what stands there."""

import difflib
from collections.abc import Mapping, Sequence
from typing import Any

from qfl.config.fields import EXPECTED, LARGEST
from qfl.config.renamed import renew, renewed
from qfl.config.runfile import parse_override
from qfl.errors import ConfigError

ANY = (-(2**31) + 1, 2**31 - 1)  # of whole numbers
LIMITS = {"seeds": (1, 1000)}


def typed(defaults: Mapping[str, Any], given: Mapping[str, Any]) -> dict[str, Any]:
    """Return the defaults with what is given instead, each in the type of its default.

    Raises:
        ConfigError: With one sentence per fault.

    Example:
        >>> typed({"payload-bits": 1.0, "seeds": 12}, {"payload-bits": 2})
        {'payload-bits': 2.0, 'seeds': 12}
        >>> typed({"seeds": 12}, {"seed": 3})
        Traceback (most recent call last):
        qfl.errors.ConfigError: unknown setting 'seed'; did you mean 'seeds'?
    """
    if faults := [fault for key, value in given.items() if (fault := _fault(defaults, key, value))]:
        raise ConfigError(faults)
    whole = {key: float(value) if type(defaults[key]) is float else value for key, value in given.items()}
    return {**defaults, **whole}


def changed(settings: Mapping[str, Any], changes: Sequence[str], quick: bool) -> dict[str, Any]:
    """Return a run file's settings with ``key=value`` changes, which those of its quick form do not hide.

    Args:
        settings: The file's flat keys, those under ``quick`` among them.
        changes: ``key=value`` each.
        quick: Whether the quick form is run.

    Raises:
        ConfigError: If the file has no such setting, or one of another type.
    """
    kept, faults = renewed(settings), []
    for key, value in overrides(changes):
        low, high = LIMITS.get(key, ANY)
        if key not in kept:
            faults.append(f"--set {key}: the example's file has no such setting; it has {', '.join(kept)}")
        elif not _alike(value, kept[key]):
            faults.append(f"--set {key}: {value!r} is given, expected a value like {kept[key]!r}")
        elif type(value) is int and not low <= value <= high:
            faults.append(f"--set {key}: {value} is given, expected a whole number from {low} to {high}")
        kept[key] = value
        if quick and f"quick.{key}" in kept:
            kept[f"quick.{key}"] = value
    if faults:
        raise ConfigError(faults)
    return kept


def overrides(changes: Sequence[str]) -> list[tuple[str, Any]]:
    """Return key and value of each ``key=value``, under their new names."""
    return [renew(*parse_override(text)) for text in changes]


def _alike(value: Any, example: Any) -> bool:
    return type(value) is type(example) or (type(value), type(example)) == (int, float)


def _fault(defaults: Mapping[str, Any], key: str, value: Any) -> str:
    if key not in defaults:
        near = difflib.get_close_matches(key, defaults, 1)
        remedy = f"did you mean {near[0]!r}?" if near else f"give one of {', '.join(defaults)}"
        return f"unknown setting {key!r}; {remedy}"
    if isinstance(defaults[key], list):
        names = isinstance(value, list) and all(isinstance(name, str) for name in value)
        return "" if names else f"{key} = {value!r}: expected a list of names, such as {key} = ['qaoa_bcd']"
    if not _alike(value, defaults[key]):
        return f"{key} = {value!r}: expected {EXPECTED[type(defaults[key])]}"
    huge = type(value) is int and abs(value) > LARGEST
    return f"{key} is a huge number: expected one of a size below 2**63" if huge else ""
