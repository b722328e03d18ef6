"""Array arguments of public functions, checked by the axes and types that their annotations state.

A function under `checked` takes whatever numbers its caller has (`qfl.number_types`), brings them to one precision, and
refuses in one sentence what it cannot compute with: other numbers of axes, lengths that differ where one name stands
for both, numbers that are not finite or have no meaning. Loops inside the library call it once, around them.
"""

from collections.abc import Callable
from functools import cache, wraps
from inspect import signature
from threading import local
from typing import Any, ParamSpec, TypeVar

import numpy as np

from qfl.array_axes import agree, expectation
from qfl.array_ranges import Rules, check_index, check_range, rules
from qfl.number_types import as_numpy, as_tensor, bits_of

P = ParamSpec("P")
R = TypeVar("R")
_running = local()
MOST_REMEMBERED = 1024  # combinations of types and shapes, of one function


def checked(
    *,
    least: str = "",
    positive: str = "",
    infinite: str = "",
    free: str = "",
    some: str = "",
    same: str = "",
    index: dict[str, str] | None = None,
    mixed: bool = False,
) -> Callable[[Callable[P, R]], Callable[P, R]]:
    """Return a decorator that checks a function's array arguments: those annotated with jaxtyping's types.

    What a checked function calls is not checked again.

    Args:
        least: Names of arguments whose numbers are 0 or more, with spaces between.
        positive: Names of those above 0.
        infinite: Names of those that may hold infinities.
        free: Names of those that may hold anything, or whose range the function itself looks at.
        some: Axes that must not be empty.
        same: Axes of one length that have several names.
        index: Names of arguments that number the entries of an axis, and the axis.
        mixed: Whether tensors keep their own precision, instead of the highest of all.

    Example:
        >>> from jaxtyping import Float
        >>> @checked(least="weights", some="client")
        ... def mean(values: Float[np.ndarray, "client"], weights: Float[np.ndarray, "client"]) -> float:
        ...     return float(values @ weights / weights.sum())
        >>> mean([1, 3], [True, True])
        2.0
        >>> mean([1, 3], [1, -1])
        Traceback (most recent call last):
        qfl.errors.InputError: weights: 1 of 2 numbers is below 0 or not finite (-1 at [1]); give finite numbers of ...
    """
    rule = rules(least, positive, infinite, free, some, same)

    def decorate(function: Callable[P, R]) -> Callable[P, R]:
        parameters = signature(function).parameters
        names = tuple(parameters)
        check = _Check({name: p.annotation for name, p in parameters.items()}, rule, index or {}, mixed)

        @wraps(function)
        def call(*args: P.args, **kwargs: P.kwargs) -> R:
            if getattr(_running, "checked", False) or len(args) > len(names):
                return function(*args, **kwargs)
            given = dict(zip(names, args, strict=False))
            taken = check(given | kwargs)
            if taken:
                args = tuple(taken.get(name, value) for name, value in given.items())  # pyright: ignore
                kwargs = {name: taken.get(name, value) for name, value in kwargs.items()}  # pyright: ignore
            _running.checked = True
            try:
                return function(*args, **kwargs)
            finally:
                _running.checked = False

        return call

    return decorate


def check_fields(
    noun: Any,
    *,
    least: str = "",
    positive: str = "",
    infinite: str = "",
    free: str = "",
    some: str = "",
    same: str = "",
) -> None:
    """Set the array fields of a frozen dataclass to what `checked` makes of arguments; called when it is made.

    Args:
        noun: The dataclass's object; all else are names, with spaces between, as for `checked`.
        least: Fields whose numbers are 0 or more.
        positive: Those above 0.
        infinite: Those that may hold infinities.
        free: Those that may hold anything.
        some: Axes that must not be empty.
        same: Axes of one length that have several names.
    """
    check = _of_fields(type(noun), rules(least, positive, infinite, free, some, same))
    for name, value in check(noun.__dict__).items():
        object.__setattr__(noun, name, value)


def real(name: str, values: Any, *, infinite: bool = False, least: bool = False) -> np.ndarray:
    """Return one argument without an annotation as finite numbers in double precision; errors as of `checked`.

    Args:
        name: For the message.
        values: A number, an array, or lists of numbers.
        infinite: Whether infinities are numbers, too.
        least: Whether numbers are 0 or more.
    """
    array = as_numpy(name, values, bits=64)
    check_range(name, array, rules(least=name if least else "", infinite=name if infinite else ""))
    return array


@cache
def _of_fields(noun: type, rule: Rules) -> "_Check":
    return _Check(noun.__annotations__, rule, {}, False)


class _Check:
    """The check of one function's arguments, which remembers the types and shapes that it found sound as they were."""

    def __init__(self, annotations: dict[str, Any], rule: Rules, index: dict[str, str], mixed: bool):
        self._expected = {name: found for name, hint in annotations.items() if (found := expectation(hint))}
        self._rule, self._index, self._mixed = rule, index, mixed
        self._ranged = [
            name
            for name, want in self._expected.items()
            if name not in rule.free and (want.kind in ("real", "complex") or name in rule.least)
        ]
        self._sound: set[tuple] = set()

    def __call__(self, given: dict[str, Any]) -> dict[str, Any]:
        """Return, of the arrays among the arguments that are given, those that are not yet as expected."""
        values = [given.get(name) for name in self._expected]
        looks = tuple([(type(value), getattr(value, "dtype", None), getattr(value, "shape", None)) for value in values])
        if looks in self._sound:
            self._check_ranges(given)
            return {}
        arrays = self._converted(given)
        shapes = [(name, self._expected[name], tuple(array.shape)) for name, array in arrays.items()]
        sizes = agree(shapes, self._rule.some, self._rule.same)
        self._check_ranges(arrays)
        for name, axis in self._index.items():
            size = sizes.get("same" if axis in self._rule.same else axis)
            if name in arrays and size is not None:
                check_index(name, np.asarray(arrays[name]), axis, size)
        changed = {name: array for name, array in arrays.items() if array is not given[name]}
        if not changed and not self._index:  # numbers of entries are looked at each time
            if len(self._sound) >= MOST_REMEMBERED:
                self._sound.clear()
            self._sound.add(looks)
        return changed

    def _converted(self, given: dict[str, Any]) -> dict[str, Any]:
        present = {name: want for name, want in self._expected.items() if given.get(name) is not None}
        floats = [name for name, want in present.items() if want.is_tensor and want.kind in ("real", "complex")]
        most = max([bits_of(given[name]) for name in floats], default=0)
        arrays = {}
        for name, want in present.items():
            value = given[name]
            if want.is_tensor:
                own = bits_of(value) if self._mixed else 0
                arrays[name] = as_tensor(name, value, want.kind, want.bits or own or most or 64)
            else:
                arrays[name] = as_numpy(name, value, want.kind, want.bits)
        return arrays

    def _check_ranges(self, arrays: dict[str, Any]) -> None:
        for name in self._ranged:
            if arrays.get(name) is not None:
                check_range(name, arrays[name], self._rule)
