"""Every random number of the project comes from here.

There is no global generator: a draw is a pure function of the seed and of a path that says what it is for, so
the numbers do not depend on the order in which clients run, on the backend, or on what was drawn before.
"""

import hashlib

import numpy as np


def stream(seed: int, *path: str | int) -> np.random.Generator:
    """Return the generator of one purpose, such as ``stream(seed, "batch", round, client)``.

    The path is hashed whole, so two purposes, rounds or clients never share numbers (unlike counting seeds up,
    where client 1 of seed 0 and client 0 of seed 1 meet).

    Args:
        seed: The run's seed, any integer.
        path: Words and integers that name the draw.

    Returns:
        A fresh PCG64 generator; the same arguments give the same numbers.

    Example:
        >>> int(stream(1, "batch", 3, 7).integers(1000)) == int(stream(1, "batch", 3, 7).integers(1000))
        True
        >>> int(stream(1, "batch", 3, 7).integers(1000)) == int(stream(1, "batch", 7, 3).integers(1000))
        False
    """
    name = "/".join(f"{type(part).__name__}:{part}" for part in (int(seed), *path))
    digest = hashlib.sha256(name.encode()).digest()
    return np.random.Generator(np.random.PCG64(int.from_bytes(digest[:16], "little")))
