"""The settings of nested dataclasses under their flat keys: listed, checked, and made from flat values and back."""

import difflib
import json
import math
from collections.abc import Iterator, Mapping
from dataclasses import Field, fields, is_dataclass
from typing import Any, cast

from qfl.config.listed import joined
from qfl.config.private import fault_of
from qfl.config.setting import Setting, Value, hints_of, settings_of
from qfl.errors import ConfigError

Keys = Mapping[str, Setting]

# Flower's run config and its records hold whole numbers as signed 64-bit integers.
LARGEST = 2**63 - 1
MOST_LETTERS = 4096  # of a string, which may be a path
MOST_SHOWN = 100  # of a value that is refused
EXPECTED = {int: "a whole number", float: "a number", bool: "true or false", str: "a string in quotes"}


def describe(cls: type, prefix: str = "") -> dict[str, Setting]:
    """Return every setting of a nested dataclass under its flat key.

    Example:
        >>> from qfl.config import DataSettings
        >>> list(describe(DataSettings, "data."))[:3]
        ['data.name', 'data.samples', 'data.root']
    """
    found: dict[str, Setting] = {}
    own = settings_of(cls)
    for item in fields(cls):
        key = _key(prefix, item)
        found |= {key: own[item.name]} if item.name in own else describe(hints_of(cls)[item.name], key + ".")
    return found


def flatten(node: Any, prefix: str = "") -> Iterator[tuple[str, Value]]:
    """Yield flat key and value, as a run file writes it, of every setting of a nested dataclass instance."""
    own = settings_of(node.__class__)
    for item in fields(node):
        value, key = getattr(node, item.name), _key(prefix, item)
        if item.name in own:
            yield key, own[item.name].to_flat(value)
        else:
            yield from flatten(value, key + ".")


def build(cls: type, values: Mapping[str, Any], prefix: str = "") -> Any:
    """Return a nested dataclass instance from checked flat values; absent ones keep their default.

    Args:
        cls: The dataclass.
        values: By flat key, as a run file or as Python has them.
        prefix: Of the keys of this dataclass, such as ``"data."``.
    """
    hints, arguments = hints_of(cls), {}
    for item in fields(cls):
        key = _key(prefix, item)
        if is_dataclass(hints[item.name]):
            arguments[item.name] = build(hints[item.name], values, key + ".")
        elif key in values:
            arguments[item.name] = values[key]
    return cls(**arguments)


def check(keys: Keys, key: str, value: Any) -> tuple[Any, str]:
    """Return the value as Python holds it, and what is wrong with it in one sentence, or ``""``.

    Args:
        keys: Every setting.
        key: The flat key that is given.
        value: What is given for it.

    Example:
        >>> from qfl.config import KEYS
        >>> check(KEYS, "train.learning-rate", 1), check(KEYS, "clients.per-round", 0)
        ((1.0, ''), (None, ''))
        >>> check(KEYS, "rounds", "many")[1]
        "rounds = 'many': expected a whole number, for example rounds = 30"
    """
    if key not in keys:
        return value, _unknown(keys, key)
    own = keys[key]
    if own.listed and isinstance(value, list):
        try:
            value = joined(cast("list[Any]", value))
        except ConfigError as error:
            return "", f"{key}: {error}"
    if own.kind is float and type(value) is int:
        value = float(value) if abs(value) < LARGEST else math.inf
    if type(value) is not own.kind:
        return (
            value,
            f"{key} = {_brief(value)}: expected {EXPECTED[own.kind]}, for example {key} = {as_toml(own.written)}",
        )
    if isinstance(value, str) and (len(value) > MOST_LETTERS or "\0" in value):
        return value, f"{key} = {_brief(value)}: expected at most {MOST_LETTERS:,} characters, and no NUL among them"
    if key.rpartition(".")[2] == "my" and (fault := fault_of(key, value)):
        return value, fault
    if own.choices and not own.takes(value):
        return value, f"{key} = {_brief(value)}: expected {own.wanted()}"
    if not isinstance(value, str) and (_beyond(value) or not own.within(value)):
        return value, f"{key} = {_brief(value)}: expected a value {span(own)}{_beyond(value)}"
    return own.from_flat(value, key), ""


def span(own: Setting) -> str:
    """Return the range of a setting in words, such as ``at least 1``."""
    if own.low is None:
        return f"of at most {own.high:g}" if own.high is not None else "of any size"
    if own.high is not None:
        return f"between {own.low:g} and {own.high:g}"
    return f"above {own.low:g}" if own.above else f"of at least {own.low:g}"


def as_toml(value: Any) -> str:
    """Return a value as it is written in a run file.

    Example:
        >>> as_toml(True), as_toml("mnist"), as_toml(0.5), as_toml(["a", "b"])
        ('true', '"mnist"', '0.5', '["a", "b"]')
    """
    if isinstance(value, list):
        return f"[{', '.join(map(as_toml, cast('list[Any]', value)))}]"
    return (
        str(value).lower() if isinstance(value, bool) else json.dumps(value) if isinstance(value, str) else repr(value)
    )


def _key(prefix: str, item: "Field[Any]") -> str:
    return prefix + item.name.replace("_", "-")


def _beyond(value: float) -> str:
    return "" if -LARGEST <= value <= LARGEST else " and of a size below 2**63"


def _brief(value: Any) -> str:
    text = repr(value)[: 2 * MOST_SHOWN] if not isinstance(value, int) or abs(value) < 10**99 else "a huge number"
    return text if len(text) <= MOST_SHOWN else f"{text[:MOST_SHOWN]}..."


def _unknown(keys: Keys, key: str) -> str:
    if len(key) > MOST_SHOWN:
        return f"unknown setting {key[:MOST_SHOWN]!r}...; see `qfl run --settings`"
    near = difflib.get_close_matches(key, [name for name in keys if not name.startswith(f"{key}.")], 1)
    member = next((name for name in keys if name.startswith(f"{key}.")), None)
    about = f"{key!r} is a table of settings, such as {member}" if member else f"unknown setting {key!r}"
    return f"{about}; " + (f"did you mean {near[0]!r}?" if near else "see `qfl run --settings`")
