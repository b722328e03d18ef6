"""Where keys are asked for, in the shape of ETSI GS QKD 014: one end gets a key and its id, the other asks by the id.

A device of one's own fits behind it; what comes from it is only ever mixed with the secret of ML-KEM
(`qfl.security.mixing`), so that a source that is broken, simulated or tapped makes nothing weaker.
"""

from dataclasses import dataclass, field
from typing import Protocol, runtime_checkable

from qfl.errors import QflError

KEY_BYTES = 32
SERVER = "qfl-server"
ID_CHARACTERS = 64  # of a key's id, at most; a UUID has 36


class NoKey(QflError):
    """There is no key; the message is the sentence to show."""


@dataclass(frozen=True)
class QuantumKey:
    """A key of 32 bytes that both ends of a link hold.

    Args:
        key_id: By which the other end asks for it.
        key: The bytes.
        remark: Where it is from, for a row: that it is simulated, or from which service.
    """

    key_id: str
    key: bytes = field(repr=False)
    remark: str


@runtime_checkable
class KeySource(Protocol):
    """What gives keys to one end; a key is given once."""

    def get_key(self, peer: str) -> QuantumKey:
        """Return a new key that is shared with a peer, named as ETSI's SAE id.

        Raises:
            NoKey: If there is none, with the reason.
        """
        ...

    def get_key_with_id(self, peer: str, key_id: str) -> QuantumKey:
        """Return the key that the peer has got, by the id that it tells.

        Raises:
            NoKey: If there is none of this id, or it was given out before.
        """
        ...


def client_name(client: int) -> str:
    """Return the SAE id of a client.

    Example:
        >>> client_name(7)
        'qfl-client-7'
    """
    return f"qfl-client-{client}"
