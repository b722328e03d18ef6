"""The angle vector: what a client trains and what travels.

A model's trained numbers are one flat vector. Its `AngleLayout` says what each entry is: its name, its period (the
smallest shift that leaves every expectation value unchanged) and, for ``Rot(phi, theta, omega)``, which triples belong
together. Entries that are no angles (a scale, a bias, a classical weight) have period infinity.

The period is that of the angle where it stands, which may be less than its gate's: half of a controlled rotation's
where nothing that is measured sees the phase of its control, a fraction where gates share the angle. It holds for all
values of the other entries, all samples, and all sizes of network that the model takes. An angle that changes nothing
at all, such as that of RZ before a measured Z, keeps the longest period of its gates (`qfl.quantum.periods`).
"""

import hashlib
import math
from collections.abc import Sequence
from dataclasses import dataclass
from math import inf, pi
from numbers import Integral
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from qfl.errors import InputError
from qfl.number_types import as_numpy

TWO_PI = 2 * pi
FOUR_PI = 4 * pi


@dataclass(frozen=True)
class AngleLayout:
    """Names and periods of the entries of an angle vector.

    Args:
        names: One name per entry, unique.
        periods: One period per entry in radians: 2 pi for one RX, RY, RZ or phase shift (up to a global phase), at most
            4 pi for controlled rotations, `math.inf` for what is not an angle.
        rotations: Index triples (phi, theta, omega) that together are one ``Rot`` gate, i.e. one SU(2) element.

    Raises:
        InputError: If the lengths differ, a name comes twice, a period is not positive, or a rotation has an entry
            that there is not.

    Example:
        >>> layout = AngleLayout(("a", "b", "scale"), (TWO_PI, TWO_PI, inf))
        >>> layout.num_angles, len(layout)
        (2, 3)
    """

    names: tuple[str, ...]
    periods: tuple[float, ...]
    rotations: tuple[tuple[int, int, int], ...] = ()

    def __post_init__(self):
        if len(self.names) != len(self.periods):
            raise InputError(f"{len(self.names)} names but {len(self.periods)} periods; give one period per name")
        if len(set(self.names)) != len(self.names):
            raise InputError("names of an angle layout must be unique")
        if not all(period > 0 for period in self.periods):  # so is no NaN
            raise InputError("periods must be positive (math.inf for entries that are no angles)")
        for rotation in self.rotations:
            if len(rotation) != 3 or not all(0 <= entry < len(self.names) for entry in rotation):
                raise InputError(f"a rotation is {rotation}; give three entries, from 0 to {len(self.names) - 1}")

    def __len__(self) -> int:
        return len(self.names)

    @property
    def num_angles(self) -> int:
        """Count the entries that are angles, i.e. have a finite period."""
        return sum(period < inf for period in self.periods)

    def digest(self) -> str:
        """Return the SHA-256 of names, periods and rotations: two ends that differ here must not exchange angles."""
        text = repr((self.names, self.periods, self.rotations))
        return hashlib.sha256(text.encode()).hexdigest()


def pack(parts: Sequence[ArrayLike]) -> NDArray:
    """Return one flat vector from arrays of any shape, in order; whole numbers are taken as floats.

    Example:
        >>> pack([np.zeros((2, 2)), np.ones(1)]).shape
        (5,)

    Raises:
        InputError: If a part is no array of real numbers, or there is none.
    """
    flat = [np.ravel(as_numpy(f"part {place}", part)) for place, part in enumerate(parts)]
    if not flat:
        raise InputError("there are no parts to pack; give one array or more")
    return np.concatenate(flat)


def unpack(vector: ArrayLike, shapes: Sequence[Sequence[int]]) -> list[NDArray]:
    """Return the arrays that `pack` joined; the inverse of `pack`.

    Raises:
        InputError: If it is no vector of real numbers, or the shapes do not add up to its length.
    """
    vector = as_numpy("vector", vector)
    if vector.ndim != 1:
        raise InputError(f"vector has {vector.ndim} axes {vector.shape}; give [angle]")
    for shape in shapes:
        if not all(isinstance(size, Integral) and size >= 0 for size in shape):
            raise InputError(f"a shape is {tuple(shape)}; give lengths of 0 or more")
    sizes = [math.prod(shape) for shape in shapes]
    if sum(sizes) != len(vector):
        raise InputError(
            f"a vector of {len(vector)} entries cannot fill shapes of {sum(sizes)} entries; give as many of both"
        )
    bounds = np.cumsum([0, *sizes])
    return [vector[a:b].reshape(s) for a, b, s in zip(bounds[:-1], bounds[1:], shapes, strict=True)]


def canonical_bytes(vector: Any) -> bytes:
    """Return the bytes that are digested and signed: little-endian, C order, float32 or float64 as they are.

    A list of numbers is taken in double precision, a tensor in its own.

    Raises:
        InputError: If it is not a vector of float32 or float64.
    """
    vector = vector if isinstance(vector, np.ndarray) else as_numpy("vector", vector)
    if vector.ndim != 1 or vector.dtype.newbyteorder("=") not in (np.float32, np.float64):
        raise InputError(f"an angle vector is 1-D float32 or float64, not {vector.ndim}-D {vector.dtype}; convert it")
    return np.ascontiguousarray(vector.astype(vector.dtype.newbyteorder("<"))).tobytes()


def angle_digest(vector: Any) -> str:
    """Return the SHA-256 of a vector's bits: equal digests are equal runs.

    Example:
        >>> angle_digest(np.zeros(3))[:12]
        '9d908ecfb6b2'
    """
    return hashlib.sha256(canonical_bytes(vector)).hexdigest()
