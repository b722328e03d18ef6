"""One setting: a field of a dataclass that knows its help, range, choices and source, and how a run file writes it.

A run file has numbers and words alone. Where one of its numbers says "all", "none" or "its own", Python holds None
(infinity for "no limit"): ``means`` of the field has both, and a dataclass that is a `Subject` takes either.
"""

import logging
import math
import re
from collections.abc import Iterable, Mapping
from dataclasses import Field, dataclass, field, fields, replace
from functools import cache, lru_cache
from typing import Any, get_args, get_type_hints

from qfl.extend import EXAMPLE, is_reference

Value = bool | int | float | str
Number = int | float
NUL = "\0"  # no word ends in it


@dataclass(frozen=True)
class Setting:
    """What a field says of itself.

    Args:
        about: One line of help, with the unit.
        default: Its value where none is given, as Python holds it.
        low: Least number of a run file; None where there is none.
        high: Largest number.
        above: Whether ``low`` itself is too little.
        or_off: Whether Python takes -inf as well, for 0 in dB; a run file has no infinite numbers.
        choices: Words that it takes; empty where it takes any.
        own: Whether it takes a reference to an object of the user's own besides (`qfl.extend`).
        files: Endings of the files, or of folders, that it takes besides.
        means: What numbers of a run file stand for in Python.
        renamed: Old words, with those that took their place.
        listed: Whether it takes a list, which is kept as one text with commas.
        pattern: Regular expression of other words that it takes besides its choices, and an example of them.
        source: Where the default is from.
        kind: Type of its values in a run file.
    """

    about: str
    default: Any
    low: Number | None = None
    high: Number | None = None
    above: bool = False
    or_off: bool = False
    choices: tuple[str, ...] = ()
    own: bool = False
    files: tuple[str, ...] = ()
    means: Mapping[Number, float | None] = field(default_factory=dict[Number, float | None])
    renamed: Mapping[str, str] = field(default_factory=dict[str, str])
    listed: bool = False
    pattern: tuple[str, str] = ("", "")
    source: str = ""
    kind: type = str

    @property
    def written(self) -> Value:
        """The default as a run file writes it."""
        return self.to_flat(self.default)

    def from_flat(self, value: Any, name: str) -> Any:
        """Return a value of a run file as Python holds it; an old word gives the new one, with one notice a process.

        Args:
            value: As a run file or as Python has it.
            name: Of the setting, for the notice.

        Example:
            >>> Setting("clients asked", None, means={0: None}).from_flat(0, "per_round") is None
            True
        """
        value = new_word(name, value, self.renamed)
        if not self.means or not isinstance(value, int | float):
            return value
        return self.means.get(-1 if value < 0 and -1 in self.means else value, value)

    def to_flat(self, value: Any) -> Value:
        """Return a value as a run file writes it."""
        return next((number for number, meant in self.means.items() if value == meant), value)

    def holds(self, value: Any) -> bool:
        """Return whether Python may hold a value: of the range, one of the choices, or what a number stands for."""
        if value in self.means.values():
            return True
        if self.kind is str:
            return self.takes(value) if self.choices else isinstance(value, str)
        if self.kind is bool or not isinstance(value, int if self.kind is int else int | float):
            return isinstance(value, bool)
        return (self.or_off and value == -math.inf) or (math.isfinite(value) and self.within(value))

    def takes(self, word: object) -> bool:
        """Return whether a word is one of the choices, an old one of them, or a reference where these are taken."""
        if word in self.choices or word in self.renamed:
            return True
        if self.pattern[0] and isinstance(word, str) and re.fullmatch(self.pattern[0], word):
            return True
        return (self.own and is_reference(word)) or (isinstance(word, str) and word.endswith(self.files or (NUL,)))

    def within(self, value: Number) -> bool:
        """Return whether a number is in the range; NaN, which compares false with everything, is not."""
        least = self.low is None or (value > self.low if self.above else value >= self.low)
        return least and (self.high is None or value <= self.high)

    def wanted(self) -> str:
        """Return what may be given, for a sentence that begins with ``give``.

        Example:
            >>> Setting("bandwidth, Hz", 1.0, low=0, above=True, kind=float).wanted()
            'a number above 0'
        """
        if self.choices:
            files = f", a file that ends in {' or '.join(self.files)}" if self.files else ""
            own = f", or your own, such as {EXAMPLE}" if self.own else ""
            shaped = f", {self.pattern[1]}" if self.pattern[1] else ""
            return f"one of {', '.join(self.choices)}{shaped}{files}{own}"
        if self.kind is int:
            return f"a whole number from {self.low} {'on' if self.high is None else f'to {self.high:,}'}"
        if self.low is None:
            return "a number that is finite, or -inf" if self.or_off else "a number that is finite"
        return f"a number above {self.low:g}" if self.above else f"a number of {self.low:g} or more"


class Subject:
    """Base of dataclasses of settings: what a run file would write is taken in Python, too, and means the same."""

    def __post_init__(self) -> None:
        for name, own in settings_of(type(self)).items():
            if own.means or own.renamed:
                object.__setattr__(self, name, own.from_flat(getattr(self, name), name))


def setting(
    default: Value | None,
    about: str,
    *,
    low: Number | None = None,
    high: Number | None = None,
    above: bool = False,
    or_off: bool = False,
    choices: Iterable[str] = (),
    own: bool = False,
    files: tuple[str, ...] = (),
    means: Mapping[Number, float | None] | None = None,
    renamed: Mapping[str, str] | None = None,
    listed: bool = False,
    pattern: tuple[str, str] = ("", ""),
    source: str = "",
) -> Any:
    """Return a dataclass field with a default, one line of help, and the values it accepts.

    Args:
        default: As Python holds it.
        about: Its meaning, with the unit.
        low: Least number.
        high: Largest number.
        above: Whether ``low`` itself is too little.
        or_off: Whether Python takes -inf as well.
        choices: Words that it takes.
        own: Whether it takes a reference to an object of the user's own besides.
        files: Endings of the files that it takes besides.
        means: What numbers of a run file stand for in Python, such as ``{0: None}``; -1 is any number below 0.
        renamed: Old words, with those that took their place.
        listed: Whether it takes a list, which is kept as one text with commas.
        pattern: Regular expression of other words that it takes besides its choices, and an example of them.
        source: Where the default is from.
    """
    words, old = tuple(choices), dict(renamed or {})
    found = Setting(
        about, default, low, high, above, or_off, words, own, files, dict(means or {}), old, listed, pattern, source
    )
    return field(default=default, metadata={"setting": found})


@cache  # a comparison builds hundreds of settings, and to look the types up takes most of the time
def settings_of(cls: type) -> Mapping[str, Setting]:
    """Return what every field of a dataclass of settings says of itself, without those that are dataclasses.

    Example:
        >>> from qfl.config import DataSettings
        >>> settings_of(DataSettings)["alpha"].low
        0.001
    """
    hints = hints_of(cls)
    return {item.name: replace(own, kind=_kind(hints[item.name])) for item in fields(cls) if (own := _of(item))}


@cache
def hints_of(cls: type) -> Mapping[str, Any]:
    """Return the types of a dataclass's fields."""
    return get_type_hints(cls)


def _of(item: Field[Any]) -> Setting | None:
    return item.metadata.get("setting")


def _kind(hint: Any) -> type:
    """Return the type of a run file's values: the first of a union, the rest is what numbers stand for."""
    return next(iter(get_args(hint)), hint)


def new_word(name: str, value: Any, renamed: Mapping[str, str]) -> Any:
    """Return the word that took the place of an old one, with one notice a process; any other value as it is.

    Args:
        name: Of the setting, for the notice.
        value: What is given for it.
        renamed: Old words, with those that took their place.
    """
    if not isinstance(value, str) or value not in renamed:
        return value
    _tell_new_word(name, value, renamed[value])
    return renamed[value]


@lru_cache
def _tell_new_word(name: str, old: str, new: str) -> None:
    logging.getLogger("qfl").warning(f"{name} = {old!r} is now called {new!r}; the old word is still read")
