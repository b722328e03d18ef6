"""Who listens on a simulated quantum channel: what she does to photons, and what she learns.

``intercept_resend`` measures in one of the two bases at random and sends on what she saw; ``breidbart`` measures in the
basis half way between, where she is right most often; ``photon_number_splitting`` keeps one photon of every pulse that
has two and measures it once the basis is known, so she disturbs nothing; ``jammer`` learns nothing and destroys all.
"""

from dataclasses import dataclass
from math import cos, pi

import numpy as np
from jaxtyping import Bool, UInt8
from numpy import ndarray

from qfl.errors import ConfigError

STRATEGIES = ("none", "intercept_resend", "breidbart", "photon_number_splitting", "jammer")
BREIDBART = cos(pi / 8) ** 2  # probability to be right, 0.854
Bits = UInt8[ndarray, " pulse"]


@dataclass(frozen=True)
class Eavesdropper:
    """Her strategy, and the share of pulses that she touches.

    Args:
        strategy: One of `STRATEGIES`.
        share: Of the pulses, 0 to 1.

    Example:
        >>> Eavesdropper("listen")
        Traceback (most recent call last):
            ...
        qfl.errors.ConfigError: no strategy 'listen'; take one of none, intercept_resend, ..., jammer
    """

    strategy: str = "none"
    share: float = 1.0

    def __post_init__(self) -> None:
        if self.strategy not in STRATEGIES:
            raise ConfigError(f"no strategy {self.strategy!r}; take one of {', '.join(STRATEGIES)}")
        if not 0 <= self.share <= 1:
            raise ConfigError(f"share = {self.share!r}; give a number from 0 to 1")

    @property
    def touches(self) -> float:
        """Share of the pulses that she touches; 0 without her."""
        return 0.0 if self.strategy == "none" else self.share


@dataclass(frozen=True, eq=False)
class Tapped:
    """What reaches the receiver of pulses that were tapped, and what she holds.

    Args:
        arriving: The bit that an undisturbed receiver would read.
        held: Her bit.
    """

    arriving: Bits
    held: Bits


def tap(
    strategy: str,
    sent: Bits,
    basis: Bits,
    measured: Bits,
    splits: Bool[ndarray, " pulse"],
    touched: Bool[ndarray, " pulse"],
    generator: np.random.Generator,
) -> Tapped:
    """Return what arrives and what she holds.

    Args:
        strategy: One of `STRATEGIES`.
        sent: The sender's bits.
        basis: Their bases, 0 or 1.
        measured: The bases in which the receiver will measure.
        splits: Which pulses have a photon to spare.
        touched: Which she touches.
        generator: Of her choices and of the outcomes of measurements.
    """
    number = len(sent)
    undisturbed = np.where(basis == measured, sent, _coins(number, generator))
    guesses = _coins(number, generator)
    if strategy == "photon_number_splitting":
        return Tapped(undisturbed, np.where(touched & splits, sent, guesses))
    if strategy == "jammer":
        return Tapped(np.where(touched, _coins(number, generator), undisturbed), guesses)
    arriving, held = _measured_and_sent_on(strategy, sent, basis, measured, generator)
    return Tapped(np.where(touched, arriving, undisturbed), np.where(touched, held, guesses))


def _measured_and_sent_on(
    strategy: str, sent: Bits, basis: Bits, measured: Bits, generator: np.random.Generator
) -> tuple[Bits, Bits]:
    number = len(sent)
    if strategy == "breidbart":
        held = sent ^ _wrong(number, 1 - BREIDBART, generator)
        return held ^ _wrong(number, 1 - BREIDBART, generator), held
    own = _coins(number, generator)
    held = np.where(own == basis, sent, _coins(number, generator))
    return np.where(own == measured, held, _coins(number, generator)), held


def _coins(number: int, generator: np.random.Generator) -> Bits:
    return generator.integers(2, size=number, dtype=np.uint8)


def _wrong(number: int, probability: float, generator: np.random.Generator) -> Bits:
    flips: Bool[ndarray, " pulse"] = generator.random(number) < probability
    return flips.astype(np.uint8)
