"""Settings that hold several numbers or words: a list in a run file, and between processes one text with commas.

Flower passes on numbers and words alone, so ``class-weights = [1, 2.5]`` is the setting ``"1, 2.5"``, which may be
written as well.
"""

import math
from collections.abc import Sequence
from typing import Any

from qfl.errors import ConfigError


def joined(values: Sequence[Any]) -> str:
    """Return a list as one text; raise ConfigError for what is neither a finite number nor a word without a comma.

    Example:
        >>> joined([1, 2.5]), joined(["height", "width"])
        ('1, 2.5', 'height, width')
    """
    for value in values:
        sound = isinstance(value, str | int | float) and not isinstance(value, bool)
        if not sound or "," in str(value) or (isinstance(value, float) and not math.isfinite(value)):
            raise ConfigError(f"a list holds {str(value)[:50]!r}; give numbers, or words without a comma")
    return ", ".join(map(str, values))


def words_of(text: str) -> tuple[str, ...]:
    """Return the words of a text with commas.

    Example:
        >>> words_of("height, width")
        ('height', 'width')
    """
    return tuple(word.strip() for word in text.split(",") if word.strip())


def numbers_of(text: str) -> tuple[float, ...] | None:
    """Return the numbers of a text with commas; None where something else stands there, or nothing.

    Example:
        >>> numbers_of("1, 2.5"), numbers_of("balanced"), numbers_of("1, nan")
        ((1.0, 2.5), None, None)
    """
    try:
        found = tuple(float(part) for part in text.split(","))
    except ValueError:
        return None
    return found if all(map(math.isfinite, found)) else None
