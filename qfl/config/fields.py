"""A setting is a dataclass field that knows its help, range and choices; here they are listed and checked."""

import difflib
import json
import math
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import Field, field, fields, is_dataclass
from functools import cache
from typing import Any, get_type_hints

Value = bool | int | float | str
Keys = Mapping[str, tuple[type, Field]]

# Flower's run config and its records hold whole numbers as signed 64-bit integers.
LARGEST = 2**63 - 1
MOST_LETTERS = 4096  # of a string, which may be a path
MOST_SHOWN = 100  # of a value that is refused
EXPECTED = {int: "a whole number", float: "a number", bool: "true or false", str: "a string in quotes"}


def setting(
    default: Value,
    about: str,
    *,
    low: int | float | None = None,
    high: int | float | None = None,
    choices: Iterable[str] = (),
) -> Any:
    """Return a dataclass field with a default, one line of help, and the values it accepts."""
    return field(default=default, metadata={"about": about, "low": low, "high": high, "choices": tuple(choices)})


def describe(cls: type, prefix: str = "") -> dict[str, tuple[type, Field]]:
    """Return type and field of every setting of a nested dataclass under its flat key.

    Example:
        >>> from qfl.config import DataSettings
        >>> list(describe(DataSettings, "data."))[:3]
        ['data.name', 'data.root', 'data.partition']
    """
    found: dict[str, tuple[type, Field]] = {}
    hints = _hints(cls)
    for item in fields(cls):
        key, kind = _key(prefix, item), hints[item.name]
        nested = is_dataclass(kind)
        found |= describe(kind, key + ".") if nested else {key: (kind, item)}
    return found


def flatten(node: Any, prefix: str = "") -> Iterator[tuple[str, Value]]:
    """Yield flat key and value of every setting of a nested dataclass instance."""
    for item in fields(node):
        value, key = getattr(node, item.name), _key(prefix, item)
        if is_dataclass(value):
            yield from flatten(value, key + ".")
        else:
            yield key, value


def build(cls: type, values: Mapping[str, Value], prefix: str = "") -> Any:
    """Return a nested dataclass instance from checked flat values; absent ones keep their default."""
    hints, arguments = _hints(cls), {}
    for item in fields(cls):
        key = _key(prefix, item)
        if is_dataclass(hints[item.name]):
            arguments[item.name] = build(hints[item.name], values, key + ".")
        elif key in values:
            arguments[item.name] = values[key]
    return cls(**arguments)


@cache  # a comparison builds hundreds of settings, and to look the types up takes most of the time
def _hints(cls: type) -> Mapping[str, type]:
    return get_type_hints(cls)


def check(keys: Keys, key: str, value: Any) -> tuple[Any, str]:
    """Return the value in its setting's type, and what is wrong with it in one sentence, or ``""``.

    Example:
        >>> from qfl.config import KEYS
        >>> check(KEYS, "train.learning-rate", 1)
        (1.0, '')
        >>> check(KEYS, "rounds", "many")[1]
        "rounds = 'many': expected a whole number, for example rounds = 30"
    """
    if key not in keys:
        return value, _unknown(keys, key)
    kind, item = keys[key]
    if kind is float and type(value) is int:
        value = float(value) if abs(value) < LARGEST else math.inf
    if type(value) is not kind:
        return value, f"{key} = {_brief(value)}: expected {EXPECTED[kind]}, for example {key} = {as_toml(item.default)}"
    if isinstance(value, str) and (len(value) > MOST_LETTERS or "\0" in value):
        return value, f"{key} = {_brief(value)}: expected at most {MOST_LETTERS:,} characters, and no NUL among them"
    choices = item.metadata["choices"]
    if choices and value not in choices:
        return value, f"{key} = {_brief(value)}: expected one of {', '.join(choices)}"
    if not isinstance(value, str) and not _within(value, item.metadata["low"], item.metadata["high"]):
        return value, f"{key} = {_brief(value)}: expected a value {span(item)}{_beyond(value)}"
    return value, ""


def span(item: Field) -> str:
    """Return the range of a setting in words, such as ``at least 1``."""
    low, high = item.metadata["low"], item.metadata["high"]
    if low is None:
        return f"of at most {high:g}" if high is not None else "of any size"
    return f"of at least {low:g}" if high is None else f"between {low:g} and {high:g}"


def as_toml(value: Any) -> str:
    """Return a value as it is written in a run file.

    Example:
        >>> as_toml(True), as_toml("mnist"), as_toml(0.5)
        ('true', '"mnist"', '0.5')
    """
    return (
        str(value).lower() if isinstance(value, bool) else json.dumps(value) if isinstance(value, str) else repr(value)
    )


def _key(prefix: str, item: Field) -> str:
    return prefix + item.name.replace("_", "-")


def _within(value: bool | int | float, low: int | float | None, high: int | float | None) -> bool:
    # written so that NaN, which compares false with everything, is out of range
    return not _beyond(value) and (low is None or value >= low) and (high is None or value <= high)


def _beyond(value: bool | int | float) -> str:
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
