"""What every channel model must be: positive, finite gains that the seed alone decides.

::

    assert run(checks(lambda seed, count: sample_links(scenario, count, seed, "d2d-train").gain, shape=(5, 5))) == []
"""

from collections.abc import Callable, Iterator

import numpy as np
import torch
from numpy.typing import NDArray

from qfl.testing.kits import Check

Draw = Callable[[int, int], NDArray[np.float64]]
"""Takes a seed and a number of samples; gives power gains, linear, ``[sample ...]``."""
SAMPLES = 4


def checks(draw: Draw, shape: tuple[int, ...], *, longer_begins_alike: bool = False) -> Iterator[Check]:
    """Yield what must be true of a channel model.

    Args:
        draw: Power gains of so many samples, of a seed.
        shape: Shape of one sample.
        longer_begins_alike: Whether a draw of more samples begins with the same ones.
    """
    kit = _Kit(draw, shape)
    yield "gains are doubles of the shape that is asked for", kit.shapes
    yield "gains are finite and above zero", kit.positive
    yield "the same seed gives the same gains", kit.same_seed
    yield "another seed gives other gains", kit.other_seed
    yield "samples are drawn afresh, and links have gains of their own", kit.different
    yield "global generators are neither used nor moved", kit.generators
    if longer_begins_alike:
        yield "a longer draw begins with the same samples", kit.prefix


class _Kit:
    """The checks of one channel model."""

    def __init__(self, draw: Draw, shape: tuple[int, ...]):
        self.draw, self.shape = draw, shape

    def shapes(self) -> None:
        for count in (1, SAMPLES):
            gain = self.draw(1, count)
            assert gain.shape == (count, *self.shape), f"given {gain.shape}, expected {(count, *self.shape)}"
            assert gain.dtype == np.float64, f"they are {gain.dtype}"

    def positive(self) -> None:
        gain = np.concatenate([self.draw(seed, SAMPLES) for seed in range(1, 6)])
        assert np.isfinite(gain).all(), f"{int((~np.isfinite(gain)).sum())} of {gain.size} are not finite"
        assert (gain > 0).all(), f"{int((gain <= 0).sum())} of {gain.size} are not above zero"

    def same_seed(self) -> None:
        assert np.array_equal(self.draw(3, SAMPLES), self.draw(3, SAMPLES)), "a second draw is another"

    def other_seed(self) -> None:
        assert not np.isin(self.draw(3, SAMPLES), self.draw(4, SAMPLES)).any(), "seeds 3 and 4 have gains in common"

    def different(self) -> None:
        gain = self.draw(1, SAMPLES)
        assert len(np.unique(gain)) == gain.size, f"{gain.size - len(np.unique(gain))} of {gain.size} gains come twice"

    def generators(self) -> None:
        with torch.random.fork_rng(devices=[]):
            kept, state = np.random.get_state(legacy=False), torch.get_rng_state()  # noqa: NPY002
            before = self.draw(2, SAMPLES)
            moved = not torch.equal(state, torch.get_rng_state())
            moved |= str(kept) != str(np.random.get_state(legacy=False))  # noqa: NPY002
            torch.manual_seed(11)
            assert not moved, "a draw moves a global generator"
            assert np.array_equal(before, self.draw(2, SAMPLES)), "another state of torch's generator gives other gains"

    def prefix(self) -> None:
        short, long = self.draw(1, SAMPLES), self.draw(1, 3 * SAMPLES)
        assert np.array_equal(short, long[:SAMPLES]), "the first samples of a longer draw are others"
