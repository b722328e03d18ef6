"""The shape of what two ends of a simulated link hold after sifting: one bit each per pulse that counts."""

from dataclasses import dataclass

import numpy as np
from jaxtyping import UInt8
from numpy import ndarray


@dataclass(frozen=True, eq=False)
class Sifted:
    """The bits of pulses for which both ends chose the same basis.

    Args:
        sender: The sender's bits.
        receiver: The receiver's.
        eavesdropper: What she holds for each, as good as she can know it.
    """

    sender: UInt8[ndarray, " bit"]
    receiver: UInt8[ndarray, " bit"]
    eavesdropper: UInt8[ndarray, " bit"]

    def __len__(self) -> int:
        return len(self.sender)

    @property
    def error_rate(self) -> float:
        """Share of bits in which the ends differ: the QBER; 0 of none."""
        return float(np.mean(self.sender != self.receiver)) if len(self) else 0.0

    @property
    def known(self) -> float:
        """Share of the sender's bits that the eavesdropper has right; one half where she guesses, and of none."""
        return float(np.mean(self.sender == self.eavesdropper)) if len(self) else 0.5

    def at(self, places: ndarray) -> "Sifted":
        """Return the bits at places, given as a mask or as indices."""
        return Sifted(self.sender[places], self.receiver[places], self.eavesdropper[places])
