"""From sifted bits to a key, or to the sentence that says why there is none. The channel behind it is simulated."""

from dataclasses import dataclass
from enum import Enum

import numpy as np
from jaxtyping import UInt8
from numpy import ndarray

from qfl.qkd.cascade import reconcile
from qfl.qkd.estimation import Estimate
from qfl.qkd.key_rate import Security, binary_entropy, one_way_threshold
from qfl.qkd.privacy_amplification import toeplitz_hash


class KeyStatus(Enum):
    """How an exchange ended; the value is the sentence to show."""

    KEY = "The exchange left a key."
    NO_PHOTONS = "No key: too few photons arrived to judge the channel."
    TOO_MANY_ERRORS = "No key: the error rate is above the threshold, as with somebody on the line."
    NO_ENTANGLEMENT = "No key: the pairs do not violate Bell's inequality by enough."
    TOO_SHORT = "No key: the secure length is not positive."
    NOT_EQUAL = "No key: the two ends' bits differ after error correction."


@dataclass(frozen=True, eq=False)
class Distilled:
    """What an exchange came to.

    Args:
        status: How it ended.
        key: Secret bits, equal at both ends; empty where there is no key.
        sifted_bits: Bits that might have become key.
        tested_bits: Bits that were disclosed to judge the channel.
        error_rate: Among those.
        error_limit: What it exceeds with probability one in a million at most.
        leak_bits: Parities that error correction disclosed; 0 where it did not come to that.
        bell: S of Bell's inequality; None where it is not the test.
        known: Share of the sifted bits that the eavesdropper has right, one half where she guesses: only a simulation
            can tell.
    """

    status: KeyStatus
    key: UInt8[ndarray, " bit"]
    sifted_bits: int
    tested_bits: int
    error_rate: float
    error_limit: float
    leak_bits: int = 0
    bell: float | None = None
    known: float = 0.5

    @property
    def secure_bits(self) -> int:
        """Length of the key, in bits."""
        return len(self.key)

    @property
    def sentence(self) -> str:
        """What happened, with the numbers that decided it."""
        seen = f"{self.sifted_bits} sifted bits, {100 * self.error_rate:.1f} % errors in {self.tested_bits} tested"
        bell = "" if self.bell is None else f", S = {self.bell:.2f}"
        return f"{self.status.value[:-1]} ({seen}{bell})."


def distil(estimate: Estimate, security: Security, generator: np.random.Generator) -> Distilled:
    """Return the key that both ends hold, or why there is none; no key leaves where the secure length is not positive.

    Errors are corrected by Cascade, a universal hash verifies the result, and a Toeplitz matrix shortens it. Seeds and
    permutations are public and from the generator, for this is a simulation; the public discussion of a real exchange
    must be authenticated.

    Args:
        estimate: Of `qfl.qkd.estimation`.
        security: The probabilities that it was made with.
        generator: Of permutations and seeds.

    Example:
        >>> from qfl.qkd.bb84 import Source, transmit
        >>> from qfl.qkd.channel import Link
        >>> from qfl.qkd.eavesdropper import Eavesdropper
        >>> from qfl.qkd.estimation import estimate_bb84
        >>> draw, tapped = np.random.default_rng(1), Eavesdropper("intercept_resend")
        >>> found = transmit(5000, Source(), Link(), tapped, draw)
        >>> distil(estimate_bb84(found, Source(), Security()), Security(), draw).status.value
        'No key: the error rate is above the threshold, as with somebody on the line.'
    """
    if fault := _hopeless(estimate):
        return _result(estimate, fault)
    sender = estimate.key.sender
    rate = (estimate.errors + 1) / (estimate.tested + 2)  # a test without an error does not mean that there are none
    found = reconcile(sender, estimate.key.receiver, rate, generator)
    length = estimate.length(found.leak_bits)
    if length <= 0:
        return _result(estimate, KeyStatus.TOO_SHORT, found.leak_bits)
    verifying = _seed(len(sender), security.hash_bits, generator)
    theirs, ours = (toeplitz_hash(bits, verifying, security.hash_bits) for bits in (sender, found.bits))
    if (theirs != ours).any():
        return _result(estimate, KeyStatus.NOT_EQUAL, found.leak_bits)
    key = toeplitz_hash(found.bits, _seed(len(sender), length, generator), length)
    return _result(estimate, KeyStatus.KEY, found.leak_bits, key)


def _hopeless(estimate: Estimate) -> KeyStatus | None:
    """Return why there is no key whatever is disclosed; None where there may be one."""
    if not estimate.tested or not len(estimate.key):
        return KeyStatus.NO_PHOTONS
    if estimate.error_rate > one_way_threshold():
        return KeyStatus.TOO_MANY_ERRORS
    if estimate.length(0.0) <= 0:
        return KeyStatus.TOO_SHORT if estimate.bell is None else KeyStatus.NO_ENTANGLEMENT
    least_leak = len(estimate.key) * binary_entropy(estimate.error_rate)  # Shannon's bound, which Cascade comes near
    return KeyStatus.TOO_SHORT if estimate.length(least_leak) <= 0 else None


def _result(estimate: Estimate, status: KeyStatus, leak_bits: int = 0, key: ndarray | None = None) -> Distilled:
    return Distilled(
        status,
        np.zeros(0, np.uint8) if key is None else key,
        len(estimate.key),
        estimate.tested,
        estimate.error_rate,
        estimate.error_limit,
        leak_bits,
        estimate.bell,
        estimate.key.known,
    )


def _seed(number: int, length: int, generator: np.random.Generator) -> ndarray:
    return generator.integers(2, size=number + length - 1, dtype=np.uint8)
