"""Cascade: the receiver's errors are found by comparing parities, and every parity that is disclosed is counted."""

from dataclasses import dataclass
from math import ceil

import numpy as np
from jaxtyping import Int64, UInt8
from numpy import ndarray

PASSES = 4
FIRST_BLOCK = 0.73  # over the error rate
LEAST_RATE = 1e-3  # below which first blocks grow no longer
Bits = UInt8[ndarray, " bit"]


@dataclass(frozen=True, eq=False)
class Reconciled:
    """What the receiver holds afterwards.

    Args:
        bits: The receiver's, corrected.
        leak_bits: Parities that were disclosed.
        corrected: Errors that were found.
    """

    bits: Bits
    leak_bits: int
    corrected: int


def reconcile(sender: Bits, receiver: Bits, error_rate: float, generator: np.random.Generator) -> Reconciled:
    """Return the receiver's bits, corrected against the sender's parities.

    Some errors may stay: an even number in every block of every pass. A hash must verify the result.

    Args:
        sender: Who answers with parities.
        receiver: Whose bits are corrected.
        error_rate: As estimated; it decides the first blocks' length.
        generator: Of the public permutations.

    Reference:
        Brassard and Salvail, "Secret-key reconciliation by public discussion", 1993, with four passes, the first
        blocks of 0.73 / Q bits, each pass's twice as long as those before.

    Example:
        >>> sender = np.arange(64, dtype=np.uint8) % 2
        >>> receiver = sender.copy()
        >>> receiver[7] ^= 1
        >>> found = reconcile(sender, receiver, 0.05, np.random.default_rng(1))
        >>> found.corrected, bool((found.bits == sender).all())
        (1, True)
    """
    work = _Cascade(sender, receiver.copy())
    length = max(1, ceil(FIRST_BLOCK / max(error_rate, LEAST_RATE)))
    for number in range(PASSES):
        order = generator.permutation(len(sender)) if number else np.arange(len(sender))
        work.begin(order, min(length << number, len(sender)))
        work.correct()
    return Reconciled(work.receiver, work.leak_bits, work.corrected)


@dataclass(frozen=True, eq=False)
class _Pass:
    order: Int64[ndarray, " bit"]  # which bit stands at each place
    place: Int64[ndarray, " bit"]  # where each bit stands
    length: int
    odd: set[int]  # blocks whose parities differ


class _Cascade:
    """Both ends' bits, the passes that have begun, and the count of parities that the sender disclosed."""

    def __init__(self, sender: Bits, receiver: Bits):
        self.sender, self.receiver = sender, receiver
        self.passes: list[_Pass] = []
        self.leak_bits = self.corrected = 0

    def begin(self, order: ndarray, length: int) -> None:
        """Compare the parities of all blocks of a new order."""
        if not len(order):
            return
        starts = np.arange(0, len(order), length)
        theirs, ours = (np.bitwise_xor.reduceat(bits[order], starts) for bits in (self.sender, self.receiver))
        self.leak_bits += len(starts)
        self.passes.append(_Pass(order, np.argsort(order), length, set(np.flatnonzero(theirs ^ ours).tolist())))

    def correct(self) -> None:
        """Correct one bit of an odd block, the shortest first, until none is odd in any pass."""
        while open_passes := [each for each in self.passes if each.odd]:
            each = open_passes[0]
            start = each.odd.pop() * each.length
            bit = self._search(each.order[start : start + each.length])
            each.odd.add(start // each.length)  # the flip below takes it out again
            self.receiver[bit] ^= 1
            self.corrected += 1
            for other in self.passes:
                other.odd.symmetric_difference_update([int(other.place[bit]) // other.length])

    def _search(self, places: ndarray) -> int:
        """Return one of an odd number of errors: the half whose parities differ is halved again."""
        while len(places) > 1:
            half = places[: len(places) // 2]
            self.leak_bits += 1
            differ = (np.count_nonzero(self.sender[half]) + np.count_nonzero(self.receiver[half])) % 2
            places = half if differ else places[len(half) :]
        return int(places[0])
