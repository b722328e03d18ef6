"""The global random generators, as a strategy finds them.

Flower draws the order of the nodes and the noise of its privacy wrappers from the global generators of Python and
NumPy. They are nobody's state: not the strategy's, not the checkpoint's. So for as long as a strategy works they are
set from the run's seed and the round, and afterwards they are what they were for the caller.

Whoever knows the seed knows the noise, so it protects against those who read the results, not against the clients.
"""

import random
from collections.abc import Iterator
from contextlib import contextmanager

import numpy as np
import torch

from qfl.seeds import stream


@contextmanager
def draws_of(seed: int, *path: str | int) -> Iterator[None]:
    """Have the global generators of Python, NumPy and torch draw from ``stream(seed, *path)`` within the block.

    Example:
        >>> with draws_of(1, "strategy", 3):
        ...     first = np.random.normal()
        >>> with draws_of(1, "strategy", 3):
        ...     first == np.random.normal()
        True
    """
    own = stream(seed, *path)
    with same_draws_afterwards():
        random.seed(int(own.integers(2**63)))
        np.random.seed(int(own.integers(2**32)))  # noqa: NPY002
        torch.manual_seed(int(own.integers(2**63)))
        yield


@contextmanager
def same_draws_afterwards() -> Iterator[None]:
    """Leave the global generators as they were before the block."""
    kept = random.getstate(), np.random.get_state(), torch.get_rng_state()  # noqa: NPY002
    try:
        yield
    finally:
        random.setstate(kept[0])
        np.random.set_state(kept[1])  # noqa: NPY002
        torch.set_rng_state(kept[2])
