"""Which numbers of an array have a meaning: finite ones, those of 0 or more, those above 0, numbers of entries."""

from cmath import isfinite
from dataclasses import dataclass
from functools import cache
from typing import Any

import numpy as np

from qfl.errors import InputError
from qfl.number_types import from_torch


@dataclass(frozen=True)
class Rules:
    """Names of the arguments, and of the axes, for which a rule holds; meanings as of `qfl.arrays.checked`."""

    least: frozenset[str]
    positive: frozenset[str]
    infinite: frozenset[str]
    free: frozenset[str]
    some: frozenset[str]
    same: frozenset[str]


@cache
def rules(
    least: str = "", positive: str = "", infinite: str = "", free: str = "", some: str = "", same: str = ""
) -> Rules:
    """Return the rules for names with spaces between.

    Args:
        least: Arrays whose numbers are 0 or more.
        positive: Those above 0.
        infinite: Those that may hold infinities.
        free: Those that may hold anything.
        some: Axes that must not be empty.
        same: Axes of one length that have several names.
    """
    sets = [frozenset(names.split()) for names in (least, positive, infinite, free, some, same)]
    return Rules(sets[0], sets[1], sets[2], sets[3], sets[4], sets[5])


def check_range(name: str, array: Any, rules: Rules) -> None:
    """Refuse an array with numbers outside its range.

    Args:
        name: Of the array.
        array: Numbers of any shape; numpy or torch.
        rules: What holds for the array's name.

    Raises:
        InputError: With how many they are, and the first of them and its place.
    """
    above, from_zero = name in rules.positive, name in rules.least
    if name not in rules.infinite and _is_fine(array, above, from_zero):
        return
    values = np.asarray(from_torch(array))
    good = ~np.isnan(values) if name in rules.infinite else np.isfinite(values)
    if above or from_zero:
        good &= values > 0 if above else values >= 0
    if good.all():
        return
    bad = np.argwhere(~good)
    at = f"{values[tuple(bad[0])]:g}" + (f" at {bad[0].tolist()}" if values.ndim else "")
    fault = ["no number" if name in rules.infinite else "not finite"]
    fault[:0] = ["0 or below"] if above else ["below 0"] if from_zero else []
    wanted = ("" if name in rules.infinite else "finite ") + "numbers"
    wanted += " above 0" if above else " of 0 or more" if from_zero else ""
    raise InputError(
        f"{name}: {len(bad)} of {values.size} numbers {'is' if len(bad) == 1 else 'are'} {' or '.join(fault)} ({at}); "
        f"give {wanted}"
    )


def _is_fine(array: Any, above: bool, from_zero: bool) -> bool:
    """Return whether all numbers are surely finite and in range; where not sure, each is looked at."""
    if 0 in array.shape:
        return True
    array = from_torch(array)
    if above or from_zero:
        least = np.minimum.reduce(array, axis=None)  # the ufuncs' own reductions cost a third of the methods'
        if not (least > 0 if above else least >= 0):
            return False
    return isfinite(np.vdot(array, array))  # a finite sum of squares has finite terms, at half the price of isfinite


def check_index(name: str, values: np.ndarray, axis: str, size: int) -> None:
    """Refuse numbers of entries that an axis does not have.

    Args:
        name: Of the array, for the message.
        values: Whole numbers of any shape.
        axis: Name of the axis whose entries they number.
        size: Its length.

    Raises:
        InputError: With the first number that is not from 0 to ``size - 1``.
    """
    wrong = values[(values < 0) | (values >= size)]
    if wrong.size:
        raise InputError(f"{name} has {wrong.flat[0]}, but there are {size} of the axis {axis}; count them from 0")
