"""COSE_Sign1: the one envelope around everything that is signed.

::

    envelope = 18([protected, {}, payload, signature])              RFC 9052, section 4.2
    signed   = ["Signature1", protected, purpose.aad, payload]      RFC 9052, section 4.4
    protected = {1: alg, 4: kid, 16: typ}                           and nothing else; RFC 9964, RFC 9679, RFC 9596

Domains are separated twice: `typ` is in the header, and every purpose signs its own external data, so that an envelope
of one kind cannot be opened as another. The enrolled key decides on the algorithm, never the message.

Before the signature holds, nothing is read but this: two byte strings of bounded length, and a header of one integer,
32 bytes and a short text, in their one encoding (`qfl.security.cbor`). The payload stays bytes until then.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import NamedTuple

import cbor2

from qfl.security.cbor import decode
from qfl.security.reasons import rejection
from qfl.security.signing import PublicKey, Signer, verify

ALG, KID, TYP = 1, 4, 16
COSE_SIGN1_TAG = 18
_TAG = bytes([0xC0 + COSE_SIGN1_TAG])
_LONG_TAGS = tuple(bytes([0xD8 + k]) + COSE_SIGN1_TAG.to_bytes(1 << k, "big") for k in range(4))
LONGEST_TYP = 64


@dataclass(frozen=True)
class Purpose:
    """One kind of message.

    Args:
        typ: The header's type (RFC 9596).
        aad: The external data that is signed with it.
        limit_bytes: No longer envelope is looked at.
    """

    typ: str
    aad: bytes
    limit_bytes: int


# All kinds in one place, so that no two share a type.
UPDATE = Purpose("application/qfl-update+cose", b"qfl/update/v1", 16 * 1024)
BROADCAST = Purpose("application/qfl-broadcast+cose", b"qfl/broadcast/v1", 1024 * 1024)
ROSTER = Purpose("application/qfl-roster+cose", b"qfl/roster/v1", 64 * 1024 * 1024)
ROSTER_ROWS = Purpose("application/qfl-roster-rows+cose", b"qfl/roster-rows/v1", 64 * 1024 * 1024)
PRESENCE = Purpose("application/qfl-presence+cose", b"qfl/presence/v1", 16 * 1024)
ROTATION = Purpose("application/qfl-rotation+cose", b"qfl/rotation/v1", 32 * 1024)
ENROLMENT = Purpose("application/qfl-enrolment+cose", b"qfl/enrolment/v1", 32 * 1024)
MODEL = Purpose("application/qfl-model+cose", b"qfl/model/v1", 16 * 1024)
LEDGER = Purpose("application/qfl-ledger+cose", b"qfl/ledger/v1", 8 * 1024 * 1024)
TEMPLATE = Purpose("application/qfl-template+cose", b"qfl/template/v1", 16 * 1024)
MASK_START = Purpose("application/qfl-mask-start+cose", b"qfl/mask-start/v1", 1024 * 1024)
MASK_ADVERT = Purpose("application/qfl-mask-advert+cose", b"qfl/mask-advert/v1", 1024 * 1024)
MASK_BOXES = Purpose("application/qfl-mask-boxes+cose", b"qfl/mask-boxes/v1", 8 * 1024 * 1024)
MASK_SURVIVORS = Purpose("application/qfl-mask-survivors+cose", b"qfl/mask-survivors/v1", 1024 * 1024)
MASK_AGREEMENT = Purpose("application/qfl-mask-agreement+cose", b"qfl/mask-agreement/v1", 16 * 1024)
MASK_SHARES = Purpose("application/qfl-mask-shares+cose", b"qfl/mask-shares/v1", 1024 * 1024)
CKKS_CALL = Purpose("application/qfl-ckks-call+cose", b"qfl/ckks-call/v1", 1024 * 1024)
CKKS_KEY = Purpose("application/qfl-ckks-key+cose", b"qfl/ckks-key/v1", 1024 * 1024)
CKKS_SUM = Purpose("application/qfl-ckks-sum+cose", b"qfl/ckks-sum/v1", 8 * 1024 * 1024)
CKKS_OPENED = Purpose("application/qfl-ckks-opened+cose", b"qfl/ckks-opened/v1", 8 * 1024 * 1024)
SAMPLE_CALL = Purpose("application/qfl-sample-call+cose", b"qfl/sample-call/v1", 16 * 1024)
SAMPLE_REPORT = Purpose("application/qfl-sample-report+cose", b"qfl/sample-report/v1", 16 * 1024)


def sign(payload: bytes, signer: Signer, purpose: Purpose) -> bytes:
    """Return the envelope of a payload.

    Args:
        payload: What is signed, up to the purpose's limit with everything around it.
        signer: The private key.
        purpose: The kind of message.

    Reference:
        RFC 9052, section 4.4 (signing process of COSE_Sign1).

    Example:
        >>> from qfl.security.profiles import profile
        >>> from qfl.security.signing import generate
        >>> signer = generate(profile("ML-DSA-44"))
        >>> open_envelope(sign(b"payload", signer, UPDATE), UPDATE, lambda kid: signer.key)[0]
        b'payload'
    """
    protected = _header(signer.key.profile.cose_alg, signer.key.thumbprint, purpose.typ)
    signature = signer.sign(_signed(protected, payload, purpose))
    return _joined(protected, payload, signature)


def open_envelope(envelope: bytes, purpose: Purpose, lookup: Callable[[bytes], PublicKey]) -> tuple[bytes, bytes]:
    """Return payload and kid of an envelope whose signature holds.

    The order of checks is size, canonical form, header, type, key, algorithm, signature length, signature.

    Args:
        envelope: What `sign` made.
        purpose: The kind of message expected here.
        lookup: Returns the enrolled key of a kid, or raises ``unknown-key``.

    Raises:
        Rejection: With the reason of the first check that fails.
    """
    unverified = read_envelope(envelope, purpose)
    unverified.verify(lookup)
    return unverified.payload, unverified.kid


class Unverified(NamedTuple):
    """An envelope that is one by its form; whose it is, `verify` says.

    Args:
        alg: The COSE algorithm that its header claims.
        kid: Thumbprint of the key that it claims.
        payload: Not to be read before the signature holds.
        signature: Over ``signed``.
        signed: Header, external data and payload.
    """

    alg: int
    kid: bytes
    payload: bytes
    signature: bytes
    signed: bytes

    def verify(self, lookup: Callable[[bytes], PublicKey]) -> None:
        """Return if the signature holds.

        Args:
            lookup: Returns the enrolled key of a kid, or raises ``unknown-key``.

        Raises:
            Rejection: With the reason of the first check that fails: key, algorithm, signature length, signature.
        """
        key = lookup(self.kid)
        if self.alg != key.profile.cose_alg:
            raise rejection("wrong-algorithm", f"{self.alg}, expected {key.profile.cose_alg} ({key.profile.name})")
        verify(key, self.signature, self.signed)


def read_envelope(envelope: bytes, purpose: Purpose) -> Unverified:
    """Return an envelope's parts, of which nothing is known yet; several may verify them without reading them again.

    Args:
        envelope: What `sign` made.
        purpose: The kind of message expected here.

    Raises:
        Rejection: With the reason of the first check that fails: size, canonical form, header, type.
    """
    _check_size(envelope, purpose.limit_bytes)
    protected, payload, signature = _split(envelope)
    alg, kid, typ = _read_header(protected)
    if typ != purpose.typ:
        raise rejection("wrong-type", f"{typ!r}, expected {purpose.typ!r}")
    return Unverified(alg, kid, payload, signature, _signed(protected, payload, purpose))


def envelope_sizes(envelope: bytes, limit_bytes: int = BROADCAST.limit_bytes) -> tuple[int, int]:
    """Return the bytes of the signature and of everything else in an envelope.

    Raises:
        Rejection: If it is no envelope, or longer than ``limit_bytes``.
    """
    _check_size(envelope, limit_bytes)
    signature = len(_split(envelope)[2])
    return signature, len(envelope) - signature


def _header(alg: int, kid: bytes, typ: str) -> bytes:
    return cbor2.dumps({ALG: alg, KID: kid, TYP: typ}, canonical=True)


def _signed(protected: bytes, payload: bytes, purpose: Purpose) -> bytes:
    return cbor2.dumps(["Signature1", protected, purpose.aad, payload], canonical=True)


def _joined(protected: bytes, payload: bytes, signature: bytes) -> bytes:
    return cbor2.dumps(cbor2.CBORTag(COSE_SIGN1_TAG, [protected, {}, payload, signature]), canonical=True)


def _check_size(envelope: bytes, limit_bytes: int) -> None:
    if len(envelope) > limit_bytes:
        raise rejection("too-large", f"{len(envelope)} bytes, at most {limit_bytes}")


def _split(envelope: bytes) -> tuple[bytes, bytes, bytes]:
    if envelope.startswith(_LONG_TAGS):
        raise rejection("not-canonical", "a longer tag than needed")
    if not envelope.startswith(_TAG):
        raise rejection("not-cose", "it does not begin with tag 18")
    match decode(envelope, "not-cose", values=8, levels=2, start=1):
        case [bytes(protected), {**unprotected}, bytes(payload), bytes(signature)]:
            pass
        case _:
            raise rejection("not-cose", "it is not [bytes, {}, bytes, bytes]")
    if unprotected:
        raise rejection("bad-header", "unprotected entries")
    return protected, payload, signature


def _read_header(protected: bytes) -> tuple[int, bytes, str]:
    match decode(protected, "bad-header", values=7, levels=1):
        case {1: alg, 4: bytes(kid), 16: str(typ), **rest} if type(alg) is int and not rest:
            pass
        case _:
            raise rejection("bad-header", "not exactly {alg: integer, kid: bytes, typ: text}")
    if len(kid) != 32 or len(typ) > LONGEST_TYP:
        raise rejection("bad-header", "a kid that is not of 32 bytes, or a long typ")
    return alg, kid, typ
