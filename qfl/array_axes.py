"""What an annotation of jaxtyping says of an array: its kind of numbers, its axes, and which lengths must agree."""

from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, get_args

import numpy as np

from qfl.errors import InputError


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


def _kind(dtypes: Any) -> tuple[str, int]:
    names = [dtypes] if isinstance(dtypes, str) else list(dtypes) if isinstance(dtypes, tuple | list) else []
    if names and all("complex" in name for name in names):
        return "complex", 64 if names == ["complex128"] else 0
    if any("float" in name for name in names):
        return "real", 64 if names == ["float64"] else 0
    if any(name.startswith("bool") for name in names):
        return "bool", 0
    return ("int", 0) if any(name.startswith("int") for name in names) else ("any", 0)


def agree(
    shapes: Iterable[tuple[str, Expected, tuple[int, ...]]], some: frozenset[str], same: frozenset[str]
) -> dict[str, Any]:
    """Return the length of each axis of a name (under ``same`` for those of one length), for all arrays together.

    Args:
        shapes: Name, annotation and shape of each array.
        some: Axes that must not be empty.
        same: Axes of one length that have several names.

    Raises:
        InputError: If an array has other axes, or an axis has two lengths or none.
    """
    sizes: dict[str, tuple[str, Any]] = {}
    for name, want, shape in shapes:
        for axis, size in _lengths(name, want.axes, want.open_at, shape):
            if axis.startswith("*#"):
                sizes[axis] = (name, _broadcast(name, size, *sizes.get(axis, (name, ()))))
                continue
            first, known = sizes.setdefault("same" if axis in same else axis, (name, size))
            if known != size:
                raise InputError(
                    f"{name} has {size} of the axis {axis}, where {first} has {known}; give as many of both"
                )
            if axis in some and (size == 0 or size == () or (isinstance(size, tuple) and 0 in size)):
                raise InputError(f"{name} of shape {shape} has no {axis.lstrip('*')}; give one or more")
    return {axis: size for axis, (_, size) in sizes.items()}


@lru_cache(1024)
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
