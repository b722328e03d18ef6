"""Noise that points of presence have recorded, as the data of a federation: bits and noise in, the message out.

``data.name`` = ``qfl.backbone.applications.autoencoder.recorded:load``; its arguments besides the seed are
``[data.my]``. The noise is drawn, white and Gaussian, at a signal-to-noise ratio of each point's own; all points train
one code, for whoever sends to one of them may have to be understood by the others.
"""

import numpy as np
from numpy import ndarray

from qfl.backbone.applications.autoencoder.block_errors import noise_deviation
from qfl.backbone.applications.autoencoder.codebooks import MESSAGES, USES, every_message
from qfl.errors import ConfigError
from qfl.seeds import stream

MOST_POINTS, MOST_BLOCKS = 1000, 100_000


def load(
    seed: int, points: int = 8, blocks: int = 320, test_blocks: int = 2000, snr_db: float = 3.0, spread_db: float = 2.0
) -> dict[str, ndarray]:
    """Return samples of every point, who has recorded which, and fresh ones of all points to be tested on.

    Args:
        seed: Of messages and noise.
        points: How many.
        blocks: That each has recorded.
        test_blocks: That each is tested on.
        snr_db: Mean Eb/N0 over the points, dB.
        spread_db: The first point's is that much lower, the last one's that much higher, dB.

    Raises:
        ConfigError: If a number is out of range.

    Example:
        >>> found = load(1, points=2, blocks=32, test_blocks=16)
        >>> found["x"].shape, found["x_test"].shape, found["client"].tolist() == [0] * 32 + [1] * 32
        ((64, 11), (32, 11), True)
    """
    ranges = {
        "points": (1, MOST_POINTS),
        "blocks": (MESSAGES, MOST_BLOCKS),
        "test_blocks": (MESSAGES, MOST_BLOCKS),
        "spread_db": (0, 20),
    }
    given = {"points": points, "blocks": blocks, "test_blocks": test_blocks, "spread_db": spread_db}
    if faults := [f"{k} is {given[k]}; give {a} to {b}" for k, (a, b) in ranges.items() if not a <= given[k] <= b]:
        raise ConfigError(faults)
    deviations = [noise_deviation(snr, USES) for snr in np.linspace(snr_db - spread_db, snr_db + spread_db, points)]
    seen, asked = (
        [_drawn(stream(seed, "autoencoder", part, k), d, size) for k, d in enumerate(deviations)]
        for part, size in (("recorded", blocks), ("tested", test_blocks))
    )
    return {
        "x": np.concatenate([x for x, _ in seen]),
        "y": np.concatenate([y for _, y in seen]),
        "x_test": np.concatenate([x for x, _ in asked]),
        "y_test": np.concatenate([y for _, y in asked]),
        "client": np.repeat(np.arange(points), blocks),
    }


def _drawn(draw: np.random.Generator, deviation: float, blocks: int) -> tuple[ndarray, ndarray]:
    """Return samples and messages, every message about as often."""
    message = draw.permutation(np.arange(blocks) % MESSAGES)
    return np.column_stack([every_message()[message], deviation * draw.normal(size=(blocks, USES))]), message
