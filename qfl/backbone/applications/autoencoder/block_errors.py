r"""Receivers, and how often they take a message for another after white Gaussian noise.

A use of the channel receives :math:`y = x + n`, with noise of variance :math:`1 / (2 R\,E_b/N_0)`, where R is the bits
of a message over its uses: codes of different lengths are compared at equal energy for each bit.
"""

from collections.abc import Callable
from dataclasses import dataclass
from math import isfinite, sqrt

import numpy as np
from jaxtyping import Float64, Int64
from numpy import ndarray

from qfl.backbone.applications.autoencoder.codebooks import BITS, MESSAGES, Codebook, require_codebook
from qfl.errors import ConfigError
from qfl.seeds import stream

MOST_WORDS = 10_000_000
AT_ONCE = 50_000
LOWEST_DB, HIGHEST_DB = -20.0, 20.0
Z = 1.959964  # of a normal distribution, 95 %
Received = Float64[ndarray, "word use"]
Decided = Int64[ndarray, " word"]
Decide = Callable[[Received], Decided]


@dataclass(frozen=True)
class BlockErrors:
    """How many words were taken for others.

    Args:
        errors: Words decided wrongly.
        words: Words sent.
    """

    errors: int
    words: int

    @property
    def rate(self) -> float:
        """The share of words in error."""
        return self.errors / self.words

    @property
    def interval(self) -> tuple[float, float]:
        """Wilson's interval of that share, 95 %.

        Example:
            >>> [round(end, 4) for end in BlockErrors(10, 100).interval]
            [0.0552, 0.1744]

        Reference:
            Wilson, Probable inference, the law of succession, and statistical inference, JASA 22, 209 (1927).
        """
        share, n = self.rate, self.words
        middle = (share + Z**2 / (2 * n)) / (1 + Z**2 / n)
        half = Z * sqrt(share * (1 - share) / n + Z**2 / (4 * n**2)) / (1 + Z**2 / n)
        return max(0.0, middle - half), min(1.0, middle + half)


def maximum_likelihood(codebook: Codebook, received: Received) -> Decided:
    """Return the message of the nearest symbols: of all receivers the one with the fewest errors.

    Args:
        codebook: What was sent.
        received: Symbols after the channel.
    """
    return (np.sum(codebook**2, axis=1) - 2 * received @ codebook.T).argmin(axis=1)


def hard(codebook: Codebook, received: Received) -> Decided:
    """Return the message of the nearest symbols after each was decided by itself, +1 or -1.

    Args:
        codebook: What was sent, symbols of +1 and -1.
        received: Symbols after the channel.
    """
    return maximum_likelihood(codebook, np.where(received < 0, -1.0, 1.0))


def noise_deviation(snr_db: float, uses: int) -> float:
    """Return the standard deviation of a use's noise where a use has energy 1.

    Args:
        snr_db: Eb/N0, dB, -20 to 20.
        uses: For the four bits of a message.

    Raises:
        ConfigError: If it is out of range.

    Example:
        >>> round(noise_deviation(0.0, 4), 6)
        0.707107
    """
    if not (isfinite(snr_db) and LOWEST_DB <= snr_db <= HIGHEST_DB):
        raise ConfigError(f"snr_db is {snr_db:g}; give Eb/N0 in dB, {LOWEST_DB:g} to {HIGHEST_DB:g}")
    return sqrt(uses / (2 * BITS * 10 ** (snr_db / 10)))


def block_errors(
    codebook: Codebook, snr_db: float, words: int, *, decide: Decide | None = None, seed: int = 1
) -> BlockErrors:
    """Return how many of some random messages are taken for others.

    Args:
        codebook: Symbols of each message, of mean energy 1.
        snr_db: Eb/N0, dB, -20 to 20.
        words: Messages sent, 1 to 10 million.
        decide: The receiver; None for the maximum-likelihood one.
        seed: Of messages and noise; the same for codebooks of as many uses.

    Raises:
        ConfigError: If the codebook is none, or a number is out of range.

    Example:
        >>> from qfl.backbone.applications.autoencoder.codebooks import hamming
        >>> block_errors(hamming(), 20.0, 1000).errors
        0
    """
    require_codebook(codebook)
    deviation = noise_deviation(snr_db, codebook.shape[1])
    if not 1 <= words <= MOST_WORDS:
        raise ConfigError(f"words is {words:,}; give 1 to {MOST_WORDS:,}")
    draw, wrong = stream(seed, "autoencoder", "blocks"), 0
    for size in (min(AT_ONCE, words - done) for done in range(0, words, AT_ONCE)):
        message = draw.integers(MESSAGES, size=size)
        received = codebook[message] + deviation * draw.normal(size=(size, codebook.shape[1]))
        found = maximum_likelihood(codebook, received) if decide is None else decide(received)
        wrong += int((found != message).sum())
    return BlockErrors(wrong, words)
