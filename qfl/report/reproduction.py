"""How to run it again: the settings that matter, and the run file and command that repeat them."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import groupby
from typing import Any

from qfl.config import KEYS
from qfl.config.fields import as_toml
from qfl.report.record import Record

PLACES = ("run.folder", "run.resume", "security.keys")  # where, not what
STAMP = re.compile(r"-\d{8}-\d{6}-[0-9a-f]{4}$")


@dataclass(frozen=True)
class Line:
    """One setting: its key, its value and default as written in a run file, and what it means."""

    key: str
    value: str
    default: str
    about: str


def changed_settings(record: Record) -> list[Line]:
    """Return the settings that differ from their default."""
    return [line for line in _lines(record) if line.value != line.default]


def default_settings(record: Record) -> list[Line]:
    """Return the settings that are at their default."""
    return [line for line in _lines(record) if line.value == line.default]


def command(record: Record) -> str:
    """Return shell lines that write the run file and run it, or nothing where no settings are kept.

    The file holds every setting that differs from its default, and the seed.
    """
    kept = {key: value for key, value in _values(record) if _matters(key, value)}
    if not kept:
        return ""
    name = f"{run_name(record)}.toml"
    return f"cat > {name} <<'END'\n{_toml(kept)}END\nqfl run {name}"


def run_name(record: Record) -> str:
    """Return the run's name without its time stamp, in letters that are plain in a shell.

    Example:
        >>> run_name(Record({"name": "quickstart-20261121-081500-1f3a"}, [], []))
        'quickstart'
    """
    name = re.sub(r"[^A-Za-z0-9_.-]+", "-", STAMP.sub("", record.word("name"))).strip("-.")
    return name or "run"


def _matters(key: str, value: Any) -> bool:
    return key in KEYS and key not in PLACES and (value != KEYS[key].written or key == "seed")


def _values(record: Record) -> Iterator[tuple[str, Any]]:
    """Yield the settings of a run, old words as those that took their place."""
    for key, value in record.settings.items():
        words = isinstance(value, str) and key in KEYS
        yield key, KEYS[key].renamed.get(value, value) if words else value


def _toml(kept: dict[str, Any]) -> str:
    """Return a run file: plain settings first, then one table per subject."""
    plain = sorted((key, value) for key, value in kept.items() if "." not in key)
    nested = sorted((key, value) for key, value in kept.items() if "." in key)
    lines = [f"{key} = {as_toml(value)}" for key, value in plain]
    for subject, entries in groupby(nested, key=lambda entry: entry[0].partition(".")[0]):
        lines += ["", f"[{subject}]", *(f"{key.partition('.')[2]} = {as_toml(value)}" for key, value in entries)]
    return "\n".join(lines) + "\n"


def _lines(record: Record) -> Iterator[Line]:
    for key, value in _values(record):
        if key.startswith("run."):
            continue
        known = KEYS.get(key)
        default, about = (as_toml(known.written), known.about) if known else ("", "not known here")
        yield Line(key, as_toml(value), default, about)
