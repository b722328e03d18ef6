"""E91, simulated: entangled pairs, three settings at either end, and S of Bell's inequality as the test.

A pair counts if both halves click. Settings are angles on the Bloch sphere, those of Ekert's paper doubled; the
receiver's bits are turned over, so that equal settings give equal bits.
"""

from dataclasses import dataclass
from math import pi

import numpy as np
from jaxtyping import UInt8
from numpy import ndarray

from qfl.errors import ConfigError
from qfl.qkd.bb84 import MOST_CLICKS
from qfl.qkd.bits import Sifted
from qfl.qkd.channel import Link
from qfl.qkd.eavesdropper import Eavesdropper

SENDER_RAD = np.array([0, pi / 4, pi / 2])
RECEIVER_RAD = np.array([pi / 4, pi / 2, 3 * pi / 4])
HERS_RAD = np.array([0, pi / 2])
STRATEGIES = ("none", "intercept_resend", "jammer")


@dataclass(frozen=True, eq=False)
class Pairs:
    """What both ends and the eavesdropper hold of the pairs that clicked.

    Args:
        pairs: That were made.
        sender: The sender's setting of each, 0 to 2.
        receiver: The receiver's.
        bits: What they hold.
    """

    pairs: int
    sender: UInt8[ndarray, " pair"]
    receiver: UInt8[ndarray, " pair"]
    bits: Sifted

    @property
    def key_fraction(self) -> float:
        """Share of the clicks whose settings are equal: two of nine."""
        return float(np.mean(self._equal())) if len(self.bits) else 0.0

    def sifted(self) -> Sifted:
        """Return the bits of equal settings."""
        return self.bits.at(self._equal())

    def correlation(self, sender: int, receiver: int) -> tuple[float, int]:
        """Return E of two settings, the mean of +1 for equal bits and -1 for others, and of how many it is."""
        chosen = self.bits.at((self.sender == sender) & (self.receiver == receiver))
        return 1 - 2 * chosen.error_rate, len(chosen)

    @property
    def bell(self) -> float:
        """S = E(a1, b1) - E(a1, b3) + E(a3, b1) + E(a3, b3): 2 at most without entanglement, 2 sqrt 2 with it."""
        return sum(sign * self.correlation(a, b)[0] for a, b, sign in TESTS)

    def _equal(self) -> ndarray:
        return SENDER_RAD[self.sender] == RECEIVER_RAD[self.receiver]


TESTS = ((0, 0, 1), (0, 2, -1), (2, 0, 1), (2, 2, 1))  # settings of both ends, and the sign of their correlation in S


def share_pairs(pairs: int, link: Link, eavesdropper: Eavesdropper, generator: np.random.Generator) -> Pairs:
    """Return what clicks at both ends of so many pairs; the source is the sender's, whose half goes over no channel.

    Args:
        pairs: 1 or more.
        link: Channel and detectors of the receiver; the sender has the same detectors.
        eavesdropper: On the channel; she listens by ``intercept_resend`` or jams.
        generator: Of all draws.

    Raises:
        ConfigError: If the strategy needs pulses of weak light, or more would click than fit into memory.

    Reference:
        Ekert, "Quantum cryptography based on Bell's theorem", 1991.

    Example:
        >>> found = share_pairs(1000, Link(), Eavesdropper(), np.random.default_rng(1))
        >>> found.sifted().error_rate, found.bell > 2
        (0.0, True)
    """
    if pairs < 1 or eavesdropper.strategy not in STRATEGIES:
        raise ConfigError(
            f"{pairs} pairs, eavesdropper {eavesdropper.strategy!r}; give 1 or more, and one of {', '.join(STRATEGIES)}"
        )
    near, far = link.lossless().click(1), link.click(1)
    clicks = int(generator.binomial(pairs, near * far))
    if clicks > MOST_CLICKS:
        raise ConfigError(f"{clicks:,} pairs click; ask for pairs of which {MOST_CLICKS:,} do at most")
    lit = link.detector_efficiency * link.efficiency / (near * far) if near * far else 0.0
    sender, receiver = (generator.integers(3, size=clicks, dtype=np.uint8) for _ in range(2))
    bits = _measured(SENDER_RAD[sender], RECEIVER_RAD[receiver], eavesdropper, generator)
    read = bits.receiver ^ (generator.random(clicks) < link.flip).astype(np.uint8)
    read = np.where(generator.random(clicks) < lit, read, _coins(clicks, generator))
    return Pairs(pairs, sender, receiver, Sifted(bits.sender, read, bits.eavesdropper))


def _measured(sender: ndarray, receiver: ndarray, eavesdropper: Eavesdropper, generator: np.random.Generator) -> Sifted:
    """Return all three bits of pairs of undisturbed detectors."""
    number = len(sender)
    first = _coins(number, generator)
    direct = _along(first, sender - receiver, generator)
    touched = generator.random(number) < eavesdropper.touches
    if eavesdropper.strategy == "jammer":
        return Sifted(first, np.where(touched, _coins(number, generator), direct), _coins(number, generator))
    hers = HERS_RAD[generator.integers(2, size=number)]
    seen = _along(first, sender - hers, generator)
    sent_on = _along(seen, hers - receiver, generator)
    return Sifted(first, np.where(touched, sent_on, direct), np.where(touched, seen, _coins(number, generator)))


def _along(bits: ndarray, apart_rad: ndarray, generator: np.random.Generator) -> ndarray:
    """Return what is read at an angle from where the bits stand: they flip with probability (1 - cos) / 2."""
    return bits ^ (generator.random(len(bits)) < (1 - np.cos(apart_rad)) / 2).astype(np.uint8)


def _coins(number: int, generator: np.random.Generator) -> ndarray:
    return generator.integers(2, size=number, dtype=np.uint8)
