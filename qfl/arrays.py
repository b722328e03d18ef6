"""Array arguments of public functions, checked by the axes and types that their annotations state.

A function under `checked` takes whatever numbers its caller has (`qfl.number_types`), brings them to one precision, and
refuses in one sentence what it cannot compute with: other numbers of axes, lengths that differ where one name stands
for both, numbers that are not finite or have no meaning. Loops inside the library call it once, around them.
"""

from collections.abc import Callable
from dataclasses import dataclass
from functools import cache, wraps
from inspect import signature
from threading import local
from typing import Any, ParamSpec, TypeVar, get_args

import numpy as np

from qfl.errors import InputError
from qfl.number_types import as_numpy, as_tensor, bits_of

P = ParamSpec("P")
R = TypeVar("R")
_running = local()


@dataclass(frozen=True)
class Expected:
    """What an annotation such as ``Float[Tensor, "*client angle"]`` says of an array.

    Args:
        kind: One of `qfl.number_types.KINDS`.
        is_tensor: Of torch; else of numpy.
        bits: 64 where only double precision is named, else 0.
        axes: As the annotation has them.
        open_at: Which of them stands for any number of axes; -1 if none does.
    """

    kind: str
    is_tensor: bool
    bits: int
    axes: tuple[str, ...]
    open_at: int


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
    rules = _rules(least, positive, infinite, free, some, same)

    def decorate(function: Callable[P, R]) -> Callable[P, R]:
        parameters = signature(function).parameters
        names = tuple(parameters)
        expected = {name: found for name, p in parameters.items() if (found := expectation(p.annotation))}

        @wraps(function)
        def call(*args: P.args, **kwargs: P.kwargs) -> R:
            if getattr(_running, "checked", False) or len(args) > len(names):
                return function(*args, **kwargs)
            given = dict(zip(names, args, strict=False))
            taken = _taken(expected, given | kwargs, rules, index or {}, mixed)
            own = tuple(taken.get(name, value) for name, value in given.items())
            named = {name: taken.get(name, value) for name, value in kwargs.items()}
            _running.checked = True
            try:
                return function(*own, **named)  # pyright: ignore[reportCallIssue]
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
    """Set the array fields of a frozen dataclass to what `checked` makes of arguments; called when it is made."""
    expected, rules = _of_fields(type(noun), least, positive, infinite, free, some, same)
    given = {name: getattr(noun, name) for name in expected}
    for name, value in _taken(expected, given, rules, {}, False).items():
        if value is not given[name]:
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
    _check_range(name, array, _rules(least=name if least else "", infinite=name if infinite else ""))
    return array


def expectation(annotation: Any) -> Expected | None:
    """Return what an annotation says of an array; None if it is of something else."""
    for hint in (annotation, *get_args(annotation)):
        if hasattr(hint, "dim_str") and hasattr(hint, "array_type"):
            is_tensor = hint.array_type.__module__.startswith("torch")
            kind, bits = _kind(hint.dtypes)
            axes = tuple(hint.dim_str.split())
            stars = [place for place, axis in enumerate(axes) if axis.startswith(("*", "..."))]
            return Expected(kind, is_tensor, bits, axes, stars[0] if stars else -1)
    return None


@dataclass(frozen=True)
class _Rules:
    least: frozenset[str]
    positive: frozenset[str]
    infinite: frozenset[str]
    free: frozenset[str]
    some: frozenset[str]
    same: frozenset[str]


@cache
def _of_fields(noun: type, *names: str) -> tuple[dict[str, Expected], _Rules]:
    expected = {name: found for name, hint in noun.__annotations__.items() if (found := expectation(hint))}
    return expected, _rules(*names)


@cache
def _rules(
    least: str, positive: str = "", infinite: str = "", free: str = "", some: str = "", same: str = ""
) -> _Rules:
    sets = [frozenset(names.split()) for names in (least, positive, infinite, free, some, same)]
    return _Rules(sets[0], sets[1], sets[2], sets[3], sets[4], sets[5])


def _kind(dtypes: Any) -> tuple[str, int]:
    names = [dtypes] if isinstance(dtypes, str) else list(dtypes) if isinstance(dtypes, tuple | list) else []
    if names and all("complex" in name for name in names):
        return "complex", 64 if names == ["complex128"] else 0
    if any("float" in name for name in names):
        return "real", 64 if names == ["float64"] else 0
    if any(name.startswith("bool") for name in names):
        return "bool", 0
    return ("int", 0) if any(name.startswith("int") for name in names) else ("any", 0)


def _taken(
    expected: dict[str, Expected], given: dict[str, Any], rules: _Rules, index: dict[str, str], mixed: bool
) -> dict[str, Any]:
    """Return the arrays among the arguments that are given, each as it is expected."""
    present = {name: want for name, want in expected.items() if given.get(name) is not None}
    floats = [name for name, want in present.items() if want.is_tensor and want.kind in ("real", "complex")]
    bits = max([bits_of(given[name]) for name in floats], default=0)
    arrays, sizes = {}, {}
    for name, want in present.items():
        turn = as_tensor if want.is_tensor else as_numpy
        array = arrays[name] = turn(
            name, given[name], want.kind, want.bits or (_wanted(bits, given[name], mixed) if want.is_tensor else 0)
        )
        for axis, size in _lengths(name, want.axes, want.open_at, tuple(array.shape)):
            if axis.startswith("*#"):
                sizes[axis] = (name, _broadcast(name, size, *sizes.get(axis, (name, ()))))
                continue
            first, known = sizes.setdefault("same" if axis in rules.same else axis, (name, size))
            if known != size:
                raise InputError(
                    f"{name} has {size} of the axis {axis}, where {first} has {known}; give as many of both"
                )
            if axis in rules.some and (size == 0 or size == () or (isinstance(size, tuple) and 0 in size)):
                raise InputError(f"{name} of shape {tuple(array.shape)} has no {axis.lstrip('*')}; give one or more")
        if name not in rules.free and (want.kind in ("real", "complex") or name in rules.least):
            _check_range(name, array, rules)
    for name, axis in index.items():
        if name in arrays and (axis in sizes or axis in rules.same):
            _check_index(name, np.asarray(arrays[name]), axis, sizes["same" if axis in rules.same else axis][1])
    return arrays


def _wanted(most: int, values: Any, mixed: bool) -> int:
    return (bits_of(values) if mixed else 0) or most or 64


def _lengths(name: str, axes: tuple[str, ...], open_at: int, shape: tuple[int, ...]) -> list[tuple[str, Any]]:
    """Return the name and the length of each axis of a name, and of all that one name with a star stands for."""
    least = len(axes) - (open_at >= 0)
    if len(shape) < least or (len(shape) > least and open_at < 0):
        raise InputError(f"{name} has {len(shape)} axes {shape}; give [{' '.join(axes)}]")
    named: list[tuple[str, Any]] = []
    if open_at >= 0:
        width = len(shape) - least
        if axes[open_at] != "...":
            named.append((axes[open_at], shape[open_at : open_at + width]))
        axes = axes[:open_at] + ("_",) * width + axes[open_at + 1 :]
    for axis, size in zip(axes, shape, strict=True):
        if axis[0] in "123456789":
            if int(axis) != size:
                raise InputError(f"{name} has an axis of length {size} where {axis} are expected: {shape}")
        elif axis != "_" and axis[0] != "#":
            named.append((axis, size))
    return named


def _broadcast(name: str, size: tuple[int, ...], first: str, known: tuple[int, ...]) -> tuple[int, ...]:
    try:
        return np.broadcast_shapes(size, known)
    except ValueError:
        raise InputError(f"{name} has leading axes {size}, and {first} has {known}; give the same, or 1") from None


def _check_range(name: str, array: Any, rules: _Rules) -> None:
    above, from_zero = name in rules.positive, name in rules.least
    if name not in rules.infinite and _is_fine(array, above, from_zero):
        return
    values = np.asarray(array.detach().cpu().resolve_conj() if hasattr(array, "detach") else array)
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
    """Return whether all numbers are finite and in range, at the price of a pass or two."""
    if 0 in array.shape:
        return True
    if not isinstance(array, np.ndarray):
        array = array.detach()
        if not (above or from_zero):
            return bool(array.sum().isfinite())  # a finite sum has finite terms; the others are looked at
    if not (above or from_zero):
        return bool(np.logical_and.reduce(np.isfinite(array), axis=None))
    array = np.asarray(array)  # the ufuncs' own reductions cost a third of the methods'
    least = np.minimum.reduce(array, axis=None)
    return bool((least > 0 if above else least >= 0) and np.maximum.reduce(array, axis=None) < np.inf)


def _check_index(name: str, values: np.ndarray, axis: str, size: int) -> None:
    wrong = values[(values < 0) | (values >= size)]
    if wrong.size:
        raise InputError(f"{name} has {wrong.flat[0]}, but there are {size} of the axis {axis}; count them from 0")
