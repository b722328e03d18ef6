r"""Whole numbers under CKKS: encrypt, add up, open; what is opened is exact, for it is rounded to whole numbers.

.. math::
    c_k = \operatorname{Enc}(\Delta z_k), \qquad
    z = \operatorname{round}\bigl(\Delta^{-1} \operatorname{Dec}(\textstyle\sum_k c_k)\bigr) = \sum_k z_k

CKKS decrypts with an error, and who sees that error with the ciphertext solves for the key (Li and Micciancio, 2021,
doi:10.1007/978-3-030-77870-5_23). Nobody is told it here: the scale is so far above the error that rounding takes it
off, and what is opened is a function of the numbers alone. A sum that is not near whole numbers is not opened.

There is no multiplication, so one prime carries the numbers. TenSEAL makes keys that need a second one, for a circuit
with products; encryption divides by it and is left with less error than under one prime alone.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from jaxtyping import Int64

from qfl.errors import MissingExtra
from qfl.security.reasons import rejection
from qfl.shipped import install

RING, MODULUS_BITS = 4096, (60, 41)  # 101 bits: the most of that ring for 128 bits against quantum computers (Table 2)
SLOTS = RING // 2
SCALE_BITS = 20
ROOM = 2 ** (MODULUS_BITS[0] - SCALE_BITS - 2)  # below half the prime over the scale, with a factor of two to spare
HEADER_BYTES = 4
CHUNK_BYTES = 2 * 8 * RING + 256  # a ciphertext of two polynomials, with what TenSEAL writes around it and its length
FARTHEST = 0.25  # of an opened number from a whole one


@dataclass(frozen=True)
class KeyPair:
    """A key under which numbers are encrypted, and the one that opens their sum.

    Args:
        public: For everybody.
        secret: For the keyholder alone.
    """

    public: bytes
    secret: bytes = field(repr=False)


def new_keys() -> KeyPair:
    """Return new keys, from the operating system's randomness (SEAL's generator is seeded by it).

    Raises:
        MissingExtra: If TenSEAL is not installed.

    Reference:
        Albrecht et al., *Homomorphic Encryption Standard*, 2018, Table 2 (ternary secret, quantum attacks).
    """
    context = tenseal().context(tenseal().SCHEME_TYPE.CKKS, RING, coeff_mod_bit_sizes=list(MODULUS_BITS))
    parts = {"save_galois_keys": False, "save_relin_keys": False}
    public = context.serialize(save_public_key=True, save_secret_key=False, **parts)
    return KeyPair(public, context.serialize(save_public_key=False, save_secret_key=True, **parts))


def read_key(content: bytes) -> Any:
    """Return a key as TenSEAL has it.

    Args:
        content: Of a `KeyPair`, public or secret; it may come from anybody.

    Raises:
        Rejection: ``bad-key`` if it is none, or one of other parameters.
        MissingExtra: If TenSEAL is not installed.
    """
    library = tenseal()
    try:
        context = library.context_from(content)
        parameters = context.seal_context().data.key_context_data().parms()
        found = parameters.poly_modulus_degree(), tuple(each.bit_count() for each in parameters.coeff_modulus())
    except (RuntimeError, ValueError, TypeError) as error:
        raise rejection("bad-key", str(error)[:100]) from None
    if found != (RING, MODULUS_BITS):
        raise rejection("bad-key", f"ring and modulus {found}, expected {(RING, MODULUS_BITS)}")
    return context


def encrypt(numbers: Int64[np.ndarray, " number"], key: Any) -> bytes:
    """Return whole numbers, encrypted.

    Args:
        numbers: The sum of all clients' must stay within `ROOM`.
        key: The public key (`read_key`).

    Returns:
        `encrypted_bytes` bytes.

    Example:
        >>> pair = new_keys()
        >>> key, secret = read_key(pair.public), read_key(pair.secret)
        >>> one, other = (encrypt(np.array([n, -n]), key) for n in (2, 40))
        >>> open_sum(add_up([one, other], 2, key), 2, secret)
        array([ 42, -42])
    """
    vector = tenseal().ckks_vector
    chunks = (numbers[at : at + SLOTS] for at in range(0, len(numbers), SLOTS))
    return b"".join(_framed(vector(key, chunk.tolist(), scale=2.0**SCALE_BITS).serialize()) for chunk in chunks)


def encrypted_bytes(count: int) -> int:
    """Return the bytes of so many numbers, encrypted: as many for one client's as for the sum.

    Example:
        >>> encrypted_bytes(246), encrypted_bytes(2049)
        (65792, 131584)
    """
    return CHUNK_BYTES * -(-count // SLOTS)


def add_up(encrypted: Iterable[bytes], count: int, key: Any) -> bytes:
    """Return the encrypted sum.

    Args:
        encrypted: At least one vector.
        count: Numbers of each.
        key: The public key (`read_key`).

    Raises:
        Rejection: ``bad-ciphertext`` if one is no such vector (`read_vector`).
    """
    return sum_of(read_vector(each, count, key) for each in encrypted)


def sum_of(vectors: Iterable[list[Any]]) -> bytes:
    """Return the encrypted sum of vectors of one length.

    Args:
        vectors: Of `read_vector`, at least one; the first becomes the sum.
    """
    first, *others = vectors
    for other in others:
        for total, chunk in zip(first, other, strict=True):
            total += chunk
    return b"".join(_framed(chunk.serialize()) for chunk in first)


def open_sum(encrypted: bytes, count: int, secret: Any) -> Int64[np.ndarray, " number"]:
    """Return what a sum is, exactly.

    Args:
        encrypted: Of `add_up`.
        count: Numbers in it.
        secret: The secret key (`read_key`).

    Raises:
        Rejection: ``bad-ciphertext`` if it is none, or does not open to whole numbers: then it is no sum of vectors
            under this key. (Numbers so large that the sum wraps around the prime are not always found out.)
    """
    opened = np.concatenate([chunk.decrypt() for chunk in read_vector(encrypted, count, secret)])
    whole = np.rint(opened)
    if not (np.abs(opened - whole) < FARTHEST).all() or not (np.abs(whole) <= ROOM).all():
        raise rejection("bad-ciphertext", "it does not open to whole numbers")
    return whole.astype(np.int64)


def read_vector(encrypted: bytes, count: int, key: Any) -> list[Any]:
    """Return the ciphertexts of a vector, as TenSEAL has them.

    Args:
        encrypted: Of `encrypt`; it may come from anybody.
        count: Numbers in it.
        key: Public or secret.

    Raises:
        Rejection: ``bad-ciphertext`` if it is not a vector of so many numbers at our scale, under these parameters.
    """
    if len(encrypted) != encrypted_bytes(count):
        raise rejection("bad-ciphertext", f"{len(encrypted)} bytes, expected {encrypted_bytes(count)}")
    sizes = [min(SLOTS, count - at) for at in range(0, count, SLOTS)]
    frames = [_unframed(encrypted[CHUNK_BYTES * k : CHUNK_BYTES * (k + 1)]) for k in range(len(sizes))]
    try:
        chunks = [tenseal().ckks_vector_from(key, frame) for frame in frames]
        found = [(chunk.size(), [each.scale for each in chunk.ciphertext()]) for chunk in chunks]
    except (RuntimeError, ValueError, TypeError) as error:
        raise rejection("bad-ciphertext", str(error)[:100]) from None
    if found != [(size, [2.0**SCALE_BITS]) for size in sizes]:
        raise rejection("bad-ciphertext", f"sizes and scales {found[:2]}")
    return chunks


def error_deviation(clients: int) -> float:
    r"""Return the standard deviation of a number of the sum before it is rounded, in whole numbers.

    Division by the second prime leaves a remainder, uniform within a half, of each of the two polynomials, the second
    times the secret (2/3 of whose coefficients are 1 or -1); a slot adds up N of these, and takes the real part:

    .. math::
        \sigma = 2^{-s} \sqrt{\tfrac{K}{12} \left(1 + \tfrac{2 N}{3}\right) \tfrac{N}{2}}

    Args:
        clients: Vectors that were added up, K.

    Example:
        >>> round(error_deviation(1000), 3)
        0.021
    """
    return float(np.sqrt(clients / 12 * (1 + 2 * RING / 3) * RING / 2) / 2**SCALE_BITS)


def _framed(content: bytes) -> bytes:
    """Return a ciphertext at one length: what SEAL writes is compressed, and may differ by a few bytes."""
    if len(content) > CHUNK_BYTES - HEADER_BYTES:
        raise rejection("bad-ciphertext", f"{len(content)} bytes")
    return (len(content).to_bytes(HEADER_BYTES, "big") + content).ljust(CHUNK_BYTES, b"\0")


def _unframed(frame: bytes) -> bytes:
    length = int.from_bytes(frame[:HEADER_BYTES], "big")
    content, rest = frame[HEADER_BYTES : HEADER_BYTES + length], frame[HEADER_BYTES + length :]
    if len(content) != length or any(rest):
        raise rejection("bad-ciphertext", "length and bytes are at odds")
    return content


def tenseal() -> Any:
    """Return the library.

    Raises:
        MissingExtra: If it is not installed.
    """
    try:
        import tenseal as library  # type: ignore[import-not-found]
        import tenseal.sealapi  # type: ignore[import-not-found]  # registers the types of parameters
    except ImportError:
        raise MissingExtra(f"homomorphic sums need TenSEAL, which is not installed; {install('homomorphic')}") from None
    return library
