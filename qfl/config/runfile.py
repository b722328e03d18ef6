"""Read a TOML run file into settings."""

import re
import tomllib
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any, cast

from qfl.config.settings import Settings
from qfl.errors import ConfigError

MOST_BYTES = 2**15
MOST_LEVELS = 32  # of tables and lists, and of a key's parts
DOT_OF_A_KEY = re.compile(r"""[\w"'-][ \t]*\.(?=[ \t]*[\w"'-])""")  # the parser's time grows with their square


def read_run_file(path: str | Path, overrides: Iterable[str] = ()) -> Settings:
    """Return the settings of a TOML run file, with ``key=value`` overrides applied last.

    Raises:
        ConfigError: If the file is absent, is no TOML, is empty, or holds faults; all of them are named.
    """
    written, overrides = flatten_toml(read_toml(path)), list(overrides)
    if not written:
        raise ConfigError(f"{path} sets nothing; write at least one setting, for example rounds = 30")
    try:
        return Settings.from_flat(written | dict(parse_override(text) for text in overrides))
    except ConfigError as error:
        source = " with ".join([str(path), *overrides])
        raise ConfigError([f"{source}: {fault}" for fault in error.faults]) from None


def read_toml(path: str | Path) -> dict[str, Any]:
    """Return a TOML file's tables.

    Raises:
        ConfigError: If the file is absent or is no TOML.
    """
    try:
        with open(path, "rb") as file:  # a pipe may be given as well, as in `qfl run <(generate)`
            content = file.read(MOST_BYTES + 1)
    except (OSError, ValueError) as error:
        why = error.strerror if isinstance(error, OSError) else error
        raise ConfigError(f"cannot read run file {str(path)!r} ({why}); give the path of a TOML file") from None
    if len(content) > MOST_BYTES:
        raise ConfigError(f"{path} has more than {MOST_BYTES:,} bytes, which no run file has; give another")
    try:
        return _parsed(_text(content))
    except ValueError as error:
        raise ConfigError(f"{path} is not TOML ({str(error)[:300]}); mend it, or see `qfl run --settings`") from None


def flatten_toml(tables: Mapping[str, Any], prefix: str = "") -> dict[str, Any]:
    """Return nested tables as flat dotted keys.

    Raises:
        ConfigError: If a setting is given twice, by its dotted name in quotes and within a table.

    Example:
        >>> flatten_toml({"rounds": 2, "data": {"root": "d"}})
        {'rounds': 2, 'data.root': 'd'}
    """
    found: dict[str, tuple[str, Any]] = {}
    for path, value in _leaves(tables, ()):
        key, spelling = prefix + ".".join(path), ".".join(part if "." not in part else f'"{part}"' for part in path)
        if key in found:
            raise ConfigError(
                f"{key} is set twice, as {found[key][0]} = {_brief(found[key][1])} "
                f"and as {spelling} = {_brief(value)}; keep one of them"
            )
        found[key] = spelling, value
    return {key: value for key, (_, value) in found.items()}


def parse_override(text: str) -> tuple[str, Any]:
    """Return key and value of ``key=value``; the value is TOML, or a bare word.

    Raises:
        ConfigError: If there is no ``=``.

    Example:
        >>> parse_override("rounds=3"), parse_override("data.name=mnist")
        (('rounds', 3), ('data.name', 'mnist'))
    """
    key, equals, value = text.partition("=")
    if not equals:
        raise ConfigError(f"--set takes key=value, not {text!r}; for example --set rounds=3")
    try:
        found = _parsed(f"value = {value}")
    except ValueError:
        return key.strip(), value.strip()
    if found.keys() != {"value"}:
        raise ConfigError(f"--set {key.strip()} holds more than one setting; give each a --set of its own")
    return key.strip(), found["value"]


def _text(content: bytes) -> str:
    """Return a file's text: UTF-8, with or without a byte-order mark, and line ends of any system."""
    if content.startswith((b"\xff\xfe", b"\xfe\xff")) or b"\0" in content[:4]:
        raise ValueError("it is UTF-16 or UTF-32, expected UTF-8; save it as that")
    return content.decode("utf-8-sig").replace("\r\n", "\n").replace("\r", "\n")


def _parsed(text: str) -> dict[str, Any]:
    """Return the tables of a TOML text.

    Raises:
        ValueError: If it is none, or nests deeper than any settings do.
    """
    if any(
        len(DOT_OF_A_KEY.findall(part)) > MOST_LEVELS for part in re.split(r"[=,\[\]{}\n]", text) if "#" not in part
    ):
        raise ValueError(f"a key has more than {MOST_LEVELS} parts")
    try:
        found = tomllib.loads(text)
    except RecursionError:
        raise ValueError("it nests too deep") from None
    level: list[Any] = [found]
    for _ in range(MOST_LEVELS):
        level = [inner for node in level for inner in _inner(node)]
        if not level:
            return found
    raise ValueError(f"it nests deeper than {MOST_LEVELS} levels")


def _inner(node: Any) -> Iterable[Any]:
    if isinstance(node, dict):
        return cast("dict[str, Any]", node).values()
    return cast("list[Any]", node) if isinstance(node, list) else ()


def _leaves(tables: Mapping[str, Any], path: tuple[str, ...]) -> Iterator[tuple[tuple[str, ...], Any]]:
    for key, value in tables.items():
        if isinstance(value, Mapping):
            yield from _leaves(cast("Mapping[str, Any]", value), (*path, key))
        else:
            yield (*path, key), value


def _brief(value: Any) -> str:
    return repr(value)[:50]
