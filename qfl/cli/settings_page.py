"""``qfl run --settings``: every setting with its default, type and meaning, as a run file that can be edited."""

from collections.abc import Iterator
from typing import Any

from qfl.config import KEYS, Setting
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
        {"key": key, "type": setting.kind.__name__, "default": setting.written}
        | {name: getattr(setting, name) for name in ("about", "low", "high", "choices")}
        for key, setting in KEYS.items()
    ]


def _lines() -> Iterator[str]:
    table = ""
    for key, setting in KEYS.items():
        subject, _, name = key.rpartition(".")
        if subject != table:
            yield from ("", f"[{subject}]")
            table = subject
        yield f"{f'{name} = {as_toml(setting.written)}':<25} # {_accepts(setting)}; {setting.about}"


def _accepts(setting: Setting) -> str:
    if setting.choices:
        return " | ".join(setting.choices)
    return f"{EXPECTED[setting.kind]} {span(setting)}" if setting.kind in (int, float) else EXPECTED[setting.kind]
