"""Read a TOML run file into settings."""

import tomllib
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from qfl.config.settings import Settings
from qfl.errors import ConfigError


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
        return tomllib.loads(Path(path).read_text(encoding="utf-8"))
    except OSError as error:
        raise ConfigError(
            f"cannot read run file {str(path)!r} ({error.strerror}); give the path of a TOML file"
        ) from None
    except (tomllib.TOMLDecodeError, UnicodeDecodeError, RecursionError) as error:
        raise ConfigError(f"{path} is not TOML ({error}); mend it, or see `qfl run --settings`") from None


def flatten_toml(tables: Mapping[str, Any], prefix: str = "") -> dict[str, Any]:
    """Return nested tables as flat dotted keys.

    Example:
        >>> flatten_toml({"rounds": 2, "data": {"root": "d"}})
        {'rounds': 2, 'data.root': 'd'}
    """
    flat: dict[str, Any] = {}
    for key, value in tables.items():
        flat |= flatten_toml(value, f"{prefix}{key}.") if isinstance(value, Mapping) else {f"{prefix}{key}": value}
    return flat


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
        return key.strip(), tomllib.loads(f"value = {value}")["value"]
    except tomllib.TOMLDecodeError:
        return key.strip(), value.strip()
