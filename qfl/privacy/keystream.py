"""Random bits that nobody can foresee who has not the seed: what privacy's noise is drawn from.

A general generator's state can be worked out from its output, and the noise with it; AES-256 in counter mode hides its
seed. A deployed client or server takes the seed from the operating system. In a simulation, where one process holds
everybody's data anyway, it follows from the run's seed, so that the same seed gives the same run.
"""

from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes
from numpy import dtype, frombuffer, uint64
from numpy.typing import NDArray

SEED_BYTES = 32
BLOCK_BYTES = 4096  # of the stream that are kept at hand


class Keystream:
    """The bits of one seed, in order; a seed is for one use alone.

    Args:
        seed: 32 bytes.

    Reference:
        NIST SP 800-38A, section 6.5 (counter mode), with AES-256.

    Example:
        >>> Keystream(bytes(32)).words(2) == Keystream(bytes(32)).words(3)[:2]
        array([ True,  True])
    """

    def __init__(self, seed: bytes):
        self._cipher = Cipher(algorithms.AES(seed), modes.CTR(bytes(16))).encryptor()
        self._at_hand = b""

    def read(self, count: int) -> bytes:
        """Return the next bytes."""
        if count > len(self._at_hand):
            self._at_hand += self._cipher.update(bytes(count + BLOCK_BYTES))
        taken, self._at_hand = self._at_hand[:count], self._at_hand[count:]
        return taken

    def words(self, count: int) -> NDArray[uint64]:
        """Return uniform words of 64 bits."""
        return frombuffer(self.read(8 * count), dtype=dtype("<u8")).astype(uint64, copy=False)

    def below(self, bound: int) -> int:
        """Return a whole number from 0 to ``bound - 1``, each exactly as likely: what is too large is drawn again.

        Args:
            bound: At least 1, of any size.
        """
        bits = (bound - 1).bit_length()
        count = (bits + 7) // 8
        while (drawn := int.from_bytes(self.read(count), "little") >> (8 * count - bits)) >= bound:
            pass
        return drawn
