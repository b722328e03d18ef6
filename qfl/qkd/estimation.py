"""What both ends of a simulated exchange learn of the channel from the bits they disclose."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from math import log, sqrt

import numpy as np
from scipy.stats import beta

from qfl.qkd.bb84 import KEY_BASIS, TEST_BASIS, Detections, Source
from qfl.qkd.bits import Sifted
from qfl.qkd.e91 import TESTS, Pairs
from qfl.qkd.key_rate import (
    DecoyCounts,
    Security,
    decoy_bounds,
    decoy_length,
    entangled_length,
    single_photon_length,
)

TESTED_SHARE = 0.1  # of E91's bits of equal settings
LIMIT = 1e-6  # probability that an error rate exceeds its upper limit


@dataclass(frozen=True, eq=False)
class Estimate:
    """What may become the key, and what was disclosed to judge it.

    Args:
        key: Bits that nobody has disclosed.
        tested: Bits that were disclosed.
        errors: Among those.
        length: From the bits that error correction discloses to the secure length, 0 or less where there is no key.
        bell: S of Bell's inequality; None where it is not the test.
    """

    key: Sifted
    tested: int
    errors: int
    length: Callable[[float], int]
    bell: float | None = None

    @property
    def error_rate(self) -> float:
        """Share of errors among the disclosed bits."""
        return self.errors / self.tested if self.tested else 0.5

    @property
    def error_limit(self) -> float:
        """What the error rate exceeds with probability one in a million at most."""
        return upper_limit(self.errors, self.tested, LIMIT)


def upper_limit(errors: int, tested: int, probability: float) -> float:
    """Return the limit that a share exceeds with this probability at most, after so many errors of so many.

    Args:
        errors: 0 or more.
        tested: 0 or more.
        probability: Above 0, below 1.

    Reference:
        Clopper and Pearson, 1934.

    Example:
        >>> round(upper_limit(0, 100, 0.05), 4)
        0.0295
    """
    return float(beta.ppf(1 - probability, errors + 1, tested - errors)) if errors < tested else 1.0


def estimate_bb84(found: Detections, source: Source, security: Security) -> Estimate:
    """Return what the bits of the test basis say: all of them are disclosed, and those of the other become the key.

    Args:
        found: What clicked.
        source: The sender's: single photons, or three intensities.
        security: The probabilities.

    Raises:
        ConfigError: If there are intensities but not three.
    """
    key, test = found.sifted(KEY_BASIS), found.sifted(TEST_BASIS)
    tested, errors = len(test), int(np.sum(test.sender != test.receiver))
    if not source.intensities:
        rate = errors / tested if tested else 0.5
        return Estimate(key, tested, errors, lambda leak: single_photon_length(len(key), tested, rate, leak, security))
    bounds = decoy_bounds(decoy_counts(found, source), security)
    return Estimate(key, tested, errors, lambda leak: decoy_length(bounds, leak, security))


def decoy_counts(found: Detections, source: Source) -> DecoyCounts:
    """Return how many bits each intensity left in either basis, and the errors of the test basis."""
    count = partial(np.bincount, minlength=len(source.intensities))
    test = found.sifted(TEST_BASIS)
    wrong = test.sender != test.receiver
    key, tested = count(found.kinds(KEY_BASIS)), count(found.kinds(TEST_BASIS))
    errors = count(found.kinds(TEST_BASIS)[wrong])
    return DecoyCounts(
        source.intensities, source.probabilities, tuple(key.tolist()), tuple(tested.tolist()), tuple(errors.tolist())
    )


def estimate_e91(found: Pairs, security: Security, generator: np.random.Generator) -> Estimate:
    """Return what S says of all other settings, and the error rate of a tenth of the bits, which is disclosed.

    Args:
        found: The pairs that clicked.
        security: The probabilities.
        generator: Of the choice of the bits that are disclosed.
    """
    sifted = found.sifted()
    disclosed = generator.random(len(sifted)) < TESTED_SHARE
    test, key = sifted.at(disclosed), sifted.at(~disclosed)
    least = found.bell - bell_margin(found, security.secrecy)
    errors = int(np.sum(test.sender != test.receiver))
    return Estimate(key, len(test), errors, lambda leak: entangled_length(len(key), least, leak, security), found.bell)


def bell_margin(found: Pairs, probability: float) -> float:
    """Return by how much S may be too large by chance, with this probability at most: Hoeffding's bound, four times.

    Args:
        found: The pairs that clicked.
        probability: Above 0, below 1.
    """
    numbers = [found.correlation(a, b)[1] for a, b, _ in TESTS]
    return sum(sqrt(2 * log(4 / probability) / n) for n in numbers) if min(numbers) else 4.0
