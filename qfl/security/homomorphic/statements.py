"""What server and clients say to one another around an encrypted sum, each signed as another kind of message.

::

    server -> one client    KeyCall         who takes part, with how many samples at most
    client -> server        KeyOffer        the public key that this client made for the round; relayed to all
    client -> server        (the encrypted update: `qfl.security.updates`, mode "ckks")
    server -> that client   EncryptedSum    what the server added up
    client -> server        OpenedSum       what it says, in whole numbers

All name one session: run, round and the server's nonce.
"""

import hashlib
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from qfl.security.claims import ANY, claim
from qfl.security.envelope import CKKS_CALL, CKKS_KEY, CKKS_OPENED, CKKS_SUM
from qfl.security.reasons import rejection
from qfl.security.sealing import HYBRID, ML_KEM
from qfl.security.session import NO_SEAL, Said, Statement, unpacked


@dataclass(frozen=True)
class KeyCall(Statement):
    """The server's: an encrypted sum begins, and the client that is sent this may make its key."""

    purpose = CKKS_CALL
    started: int = claim(5, int)  # Unix time in ns at which the server's process took up the run
    roster_version: int = claim(6, int)
    clients: bytes = claim(7, bytes, size=ANY)  # `packed`, ascending
    most: int = claim(8, int)  # samples of any of them
    seal: str = claim(9, str, choices=(NO_SEAL, ML_KEM, HYBRID))  # to which replies are sealed, as updates are
    seal_key: bytes = claim(10, bytes, size=ANY)

    @cached_property
    def members(self) -> list[int]:
        """The clients."""
        return unpacked(self.clients)


@dataclass(frozen=True)
class KeyOffer(Said):
    """A client's: the public key under which all encrypt."""

    purpose = CKKS_KEY
    public: bytes = claim(6, bytes, size=ANY)


@dataclass(frozen=True)
class EncryptedSum(Statement):
    """The server's: what it asks the keyholder to open."""

    purpose = CKKS_SUM
    count: int = claim(5, int)  # numbers in it
    encrypted: bytes = claim(6, bytes, size=ANY)


@dataclass(frozen=True)
class OpenedSum(Said):
    """The keyholder's: what it opened."""

    purpose = CKKS_OPENED
    ciphertext: bytes = claim(6, bytes, size=32)  # `ciphertext_digest` of what it opened
    numbers: bytes = claim(7, bytes, size=ANY)  # int64, eight bytes each, the lowest first

    def of(self, encrypted: bytes, count: int) -> NDArray[np.int64]:
        """Return the numbers, if they are those of a ciphertext.

        Args:
            encrypted: What was asked for.
            count: Numbers in it.

        Raises:
            Rejection: ``bad-claims``.
        """
        if self.ciphertext != ciphertext_digest(encrypted) or len(self.numbers) != 8 * count:
            raise rejection("bad-claims", "another sum than the one that was sent")
        return np.frombuffer(self.numbers, dtype="<i8").astype(np.int64)


def ciphertext_digest(encrypted: bytes) -> bytes:
    """Return what an opened sum says of the ciphertext."""
    return hashlib.sha256(b"qfl/ckks-sum/v1" + encrypted).digest()
