"""Settings of a user's own objects: a table such as ``[model.my]``, kept as one setting, the text of a JSON object.

Flower passes on no settings but those that the app's pyproject.toml lists, and these are numbers and words alone; so
what a run file writes as ``[model.my] gain = 0.3`` is the setting ``model.my = '{"gain": 0.3}'`` between processes.
"""

import json
import math
from collections.abc import Mapping, Sequence
from typing import Any, cast

from qfl.errors import Damaged
from qfl.reading import parse_json

TABLES = ("data", "model", "strategy", "clients", "radio", "noise", "attack", "run")
KEYS = ("my", *(f"{table}.my" for table in TABLES), "clients.tags")  # the last is of nobody's own


def fold(flat: Mapping[str, Any], keys: Sequence[str] = KEYS) -> tuple[dict[str, Any], list[str]]:
    """Return flat settings with every table of an object's own settings as one text, and what is wrong with them.

    Args:
        flat: By flat key, as a run file gives them; the text of a table and single keys of it add up.
        keys: The settings that hold such a table.

    Example:
        >>> fold({"rounds": 3, "model.my.gain": 0.3})
        ({'rounds': 3, 'model.my': '{"gain": 0.3}'}, [])
    """
    rest = {key: value for key, value in flat.items() if not key.startswith(tuple(f"{own}." for own in keys))}
    faults: list[str] = []
    for key in keys:
        given = {name.removeprefix(f"{key}."): value for name, value in flat.items() if name.startswith(f"{key}.")}
        faults += [
            f"{key}.{name} = {str(value)[:50]!r}: expected a number, a word, true or false, or a list of these"
            for name, value in given.items()
            if not _plain(value)
        ]
        if given:
            rest[key] = json.dumps({**unfold(rest.get(key, "")), **given}, sort_keys=True) if not faults else ""
    return rest, faults


def unfold(text: Any) -> dict[str, Any]:
    """Return an object's own settings by name, from their text; none from a text that is none.

    Example:
        >>> unfold('{"gain": 0.3}'), unfold("")
        ({'gain': 0.3}, {})
    """
    try:
        found: Any = parse_json(text) if isinstance(text, str) and text else None
    except Damaged:
        return {}
    return cast("dict[str, Any]", found) if isinstance(found, dict) else {}


def fault_of(key: str, text: str) -> str:
    """Return what is wrong with the text of an object's own settings, or ``""``.

    Example:
        >>> fault_of("model.my", "[1]")
        "model.my = '[1]': expected a table of settings, such as [model.my] with gain = 0.3"
    """
    found = unfold(text)
    if text and not (found and all(map(_plain, found.values()))):
        return f"{key} = {text[:50]!r}: expected a table of settings, such as [{key}] with gain = 0.3"
    return ""


def _plain(value: Any) -> bool:
    return all(map(_single, cast("list[Any]", value))) if isinstance(value, list) else _single(value)


def _single(value: Any) -> bool:
    return math.isfinite(value) if isinstance(value, float) else isinstance(value, bool | int | str)
