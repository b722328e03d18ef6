"""Arrays that are signed: numpy's ``.npz`` of a header, numbers, and a signature over both.

::

    header      a JSON object as bytes            key        the signer's public key (COSE_Key)
    ...         numbers by name                   signature  COSE_Sign1 over the SHA-256 of all the rest

There are no pickles. Sizes are bounded before anything is built, and nothing of the header is read before the signature
holds. The key comes with the file: whoever made a whole new file signed it with a key of their own, so a reader names
the key that is expected, or looks at the one that is given back. The purpose keeps one kind of file from being taken
for another.
"""

import hashlib
import json
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any, cast

import numpy as np
from numpy.typing import NDArray

from qfl.errors import Damaged, Rejection
from qfl.reading import parse_json, read_arrays
from qfl.security.envelope import Purpose, open_envelope, sign
from qfl.security.roster import only_key
from qfl.security.signing import LONGEST_KEY, PublicKey, Signer, decode_key
from qfl.writing import write_atomically

HEADER, KEY, SIGNATURE = "header", "key", "signature"
MOST_BYTES = 2**28  # of a file
MOST_HEADER = 2**24


def write_signed(
    path: Path, header: Mapping[str, Any], arrays: Mapping[str, NDArray[Any]], signer: Signer, purpose: Purpose
) -> None:
    """Write a signed file, whole or not at all.

    Args:
        path: The file.
        header: Plain values, all of them finite.
        arrays: Numbers by name; none is called header, key or signature.
        signer: Whose signature stands in it.
        purpose: The kind of file.
    """
    content = {**arrays, HEADER: _bytes(json.dumps(dict(header), allow_nan=False).encode())}
    envelope = sign(_digest(content), signer, purpose)
    content |= {KEY: _bytes(signer.key.encode()), SIGNATURE: _bytes(envelope)}
    with tempfile.SpooledTemporaryFile() as buffer:
        np.savez(buffer, allow_pickle=False, **content)
        buffer.seek(0)
        write_atomically(path, buffer.read())


def read_signed(
    path: Path, purpose: Purpose, signed_by: PublicKey | None = None
) -> tuple[dict[str, Any], dict[str, NDArray[Any]], PublicKey]:
    """Return header and numbers of a signed file, and the key that signed it.

    Args:
        path: What `write_signed` wrote.
        purpose: The kind of file that is expected.
        signed_by: The key that must have signed it; None takes the one that comes with the file.

    Raises:
        Damaged: If it is no such file, or holds other numbers than were signed.
        Rejection: If the signature does not hold, or is another's.
    """
    arrays = _bounded(path, purpose)
    key = _verified(arrays, purpose, signed_by)
    header: Any = parse_json(arrays.pop(HEADER).tobytes())
    if type(header) is not dict:
        raise Damaged("has a header that is no JSON object")
    return cast("dict[str, Any]", header), arrays, key


def as_fault(error: Damaged | Rejection) -> str:
    """Return what is wrong with a file that `read_signed` refused, as the rest of a sentence."""
    return str(error) if isinstance(error, Damaged) else f"is not signed as it should be, {error}"


def _bounded(path: Path, purpose: Purpose) -> dict[str, NDArray[Any]]:
    if path.is_file() and path.stat().st_size > MOST_BYTES:
        raise Damaged(f"has more than {MOST_BYTES:,} bytes")
    arrays = read_arrays(path)
    for name, most in ((HEADER, MOST_HEADER), (KEY, LONGEST_KEY), (SIGNATURE, purpose.limit_bytes)):
        if name not in arrays or arrays[name].dtype != np.uint8:
            raise Damaged(f"lacks its entry {name!r}")
        if arrays[name].nbytes > most:
            raise Damaged(f"has a {name} of {arrays[name].nbytes:,} bytes, where at most {most:,} are read")
    return arrays


def _verified(arrays: dict[str, NDArray[Any]], purpose: Purpose, expected: PublicKey | None) -> PublicKey:
    """Return the key whose signature holds over all other entries, which stay."""
    key, envelope = decode_key(arrays.pop(KEY).tobytes()), arrays.pop(SIGNATURE).tobytes()
    if expected is not None:
        only_key(expected, key.thumbprint)
    payload, _ = open_envelope(envelope, purpose, lambda kid: only_key(key, kid))
    if payload != _digest(arrays):
        raise Damaged("holds other numbers than were signed")
    return key


def _digest(arrays: Mapping[str, NDArray[Any]]) -> bytes:
    digest = hashlib.sha256()
    for name, array in sorted(arrays.items()):
        little = np.ascontiguousarray(array.astype(array.dtype.newbyteorder("<"), copy=False))
        digest.update(json.dumps([name, little.dtype.str, list(array.shape)]).encode() + b"\n" + little.tobytes())
    return digest.digest()


def _bytes(content: bytes) -> NDArray[np.uint8]:
    return np.frombuffer(content, dtype=np.uint8)
