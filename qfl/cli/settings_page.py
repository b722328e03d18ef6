"""``qfl run --settings``: every setting with its default, type and meaning, as a run file that can be edited."""

from collections.abc import Iterator
from dataclasses import Field
from typing import Any

from qfl.config import KEYS, Settings
from qfl.config.fields import EXPECTED, as_toml, span

INTRODUCTION = "# Every setting at its default: value  # what it accepts; what it means. Keep the lines you change."


def settings_page() -> str:
    """Return a TOML run file that sets everything to its default and explains it.

    Example:
        >>> print(settings_page().splitlines()[3])
        rounds = 30               # a whole number of at least 1; federation rounds
    """
    return "\n".join((INTRODUCTION, "", *_lines())) + "\n"


def settings_rows() -> list[dict[str, Any]]:
    """Return the same as rows with the keys ``key type default low high choices about``.

    Example:
        >>> settings_rows()[1]["key"], settings_rows()[1]["default"]
        ('rounds', 30)
    """
    return [
        {"key": key, "type": kind.__name__, "default": item.default, **item.metadata}
        for key, (kind, item) in KEYS.items()
    ]


def _lines() -> Iterator[str]:
    table = ""
    for key, value in Settings().to_flat().items():
        subject, _, name = key.rpartition(".")
        if subject != table:
            yield from ("", f"[{subject}]")
            table = subject
        kind, item = KEYS[key]
        yield f"{f'{name} = {as_toml(value)}':<25} # {_accepts(kind, item)}; {item.metadata['about']}"


def _accepts(kind: type, item: Field) -> str:
    if item.metadata["choices"]:
        return " | ".join(item.metadata["choices"])
    return f"{EXPECTED[kind]} {span(item)}" if kind in (int, float) else EXPECTED[kind]
