"""Models' settings that have new names or new words: what an older file or command says, as what it says today."""

import logging
from collections.abc import Callable, Mapping
from functools import lru_cache, wraps
from typing import Any, TypeVar

from qfl.config.setting import new_word
from qfl.errors import ConfigError
from qfl.specs import MODELS

Kind = TypeVar("Kind")


def renewed(settings: Mapping[str, Any], model: str = "") -> dict[str, Any]:
    """Return settings as of `renew`.

    Args:
        settings: By key.
        model: See `renew`.

    Raises:
        ConfigError: If one is given by its old name and by its new one.
    """
    found: dict[str, Any] = {}
    for key, value in settings.items():
        new, word = renew(key, value, model)
        if new != key and new in settings:
            raise ConfigError(f"{key} and {new} are one setting, by its old name and by its new one; keep {new}")
        found[new] = word
    return found


def renew(key: str, value: Any, model: str = "") -> tuple[str, Any]:
    """Return a setting's new name, and the new word for its value, with one notice a process for each that was old.

    Args:
        key: Its name, or, as in a study's run file, that of a table and its own, whose words are joined by hyphens.
        value: What is given.
        model: The model that it is of, a key of `qfl.specs.MODELS`; the table's name if it is not given. What is of no
            model stays as it is.

    Example:
        >>> renew("sqm_gnn.layers", 4), renew("told", "told")
        (('sqm_gnn.layers', 4), ('told', 'told'))
    """
    table, dot, name = key.rpartition(".")
    spec = MODELS.get(model or table.rpartition(".")[2])
    if spec is None:
        return key, value
    if name in spec.old_names:
        new = table + dot + spec.old_names[name].replace("_", "-" if dot else "_")
        _tell_new_name(key, new)
        key = new
    return key, new_word(key, value, spec.old_words)


def old_keywords(model: str) -> Callable[[type[Kind]], type[Kind]]:
    """Return a decorator that lets a model's class take its settings by their old names, too.

    Args:
        model: A key of `qfl.specs.MODELS`.
    """

    def decorate(kind: type[Kind]) -> type[Kind]:
        make = kind.__init__

        @wraps(make)
        def begin(self: Kind, *args: Any, **given: Any) -> None:
            make(self, *args, **renewed(given, model))

        kind.__init__ = begin
        return kind

    return decorate


@lru_cache
def _tell_new_name(key: str, new: str) -> None:
    logging.getLogger("qfl").warning(f"{key} is now called {new!r}; the old name is still read")
