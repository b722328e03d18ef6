"""A model file on the disk: numpy's ``.npz`` of a header, numbers, and the server's signature over both.

::

    header      a JSON object as bytes            key        the signer's public key (COSE_Key)
    angles      the trained entries               signature  COSE_Sign1 over the SHA-256 of all the rest
    ...         more numbers, such as principal components

There are no pickles. Sizes are bounded before anything is built, and nothing of the header is read before the signature
holds. The key comes with the file: whoever made a whole new file signed it with a key of their own. `read_model` gives
the key back, and ``signed_by`` names the one that is expected.
"""

import hashlib
import json
import os
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from qfl.errors import Damaged, DataError, Rejection
from qfl.reading import parse_json, read_arrays
from qfl.security.envelope import MODEL, open_envelope, sign
from qfl.security.roster import only_key
from qfl.security.signing import LONGEST_KEY, PublicKey, Signer, decode_key
from qfl.writing import write_atomically

FORMAT = "qfl-model-2"
HEADER, ANGLES, KEY, SIGNATURE = "header", "angles", "key", "signature"
MOST_BYTES = 2**28  # of a file
MOST_HEADER = 2**24


@dataclass(frozen=True, eq=False)
class ModelFile:
    """What a model file holds.

    Args:
        header: Plain values: settings, facts of the data, layout, provenance.
        angles: The trained entries, float32 or float64.
        arrays: More numbers by name.
    """

    header: Mapping[str, Any]
    angles: NDArray
    arrays: Mapping[str, NDArray] = field(default_factory=dict)


def write_model(path: str | Path, content: ModelFile, signer: Signer) -> None:
    """Write a model file.

    Args:
        path: The file; ``.npz`` is usual.
        content: What it holds.
        signer: Whose signature stands in it.
    """
    header = json.dumps(dict(content.header) | {"format": FORMAT}, allow_nan=False).encode()
    arrays = {**content.arrays, ANGLES: content.angles, HEADER: _bytes(header)}
    envelope = sign(_digest(arrays), signer, MODEL)
    arrays |= {KEY: _bytes(signer.key.encode()), SIGNATURE: _bytes(envelope)}
    with tempfile.SpooledTemporaryFile() as buffer:
        np.savez(buffer, allow_pickle=False, **arrays)
        buffer.seek(0)
        write_atomically(Path(path), buffer.read())


def read_model(path: str | Path, signed_by: PublicKey | None = None) -> tuple[ModelFile, PublicKey]:
    """Return what a model file holds, and the key that signed it.

    Args:
        path: What `write_model` wrote.
        signed_by: The key that must have signed it; None takes the one that comes with the file.

    Raises:
        DataError: If the file is absent, no model file, damaged, or signed by another.
    """
    path = Path(path)
    if not os.path.lexists(path):
        raise DataError(f"{path}: no such model file; `qfl export RUN` writes one")
    try:
        arrays = _bounded(path)
        key = _verified(arrays, signed_by)
        header = parse_json(arrays.pop(HEADER).tobytes())
    except (Damaged, Rejection) as error:
        raise DataError(f"{path} is refused as a model file: it {_as_fault(error)}; export it again") from None
    if not isinstance(header, dict) or header.get("format") != FORMAT:
        raise DataError(f"{path} is no model file of this version ({FORMAT}); export it again")
    return ModelFile(header, arrays.pop(ANGLES), arrays), key


def _bounded(path: Path) -> dict[str, NDArray]:
    if path.is_file() and path.stat().st_size > MOST_BYTES:
        raise Damaged(f"has more than {MOST_BYTES:,} bytes")
    arrays = read_arrays(path)
    for name, most in ((HEADER, MOST_HEADER), (KEY, LONGEST_KEY), (SIGNATURE, MODEL.limit_bytes)):
        if name not in arrays or arrays[name].dtype != np.uint8:
            raise Damaged(f"lacks its entry {name!r}")
        if arrays[name].nbytes > most:
            raise Damaged(f"has a {name} of {arrays[name].nbytes:,} bytes, where at most {most:,} are read")
    angles = arrays.get(ANGLES)
    if angles is None or angles.ndim != 1 or angles.dtype not in (np.float32, np.float64):
        raise Damaged("has no angles of float32 or float64")
    return arrays


def _verified(arrays: dict[str, NDArray], expected: PublicKey | None) -> PublicKey:
    """Return the key whose signature holds over all other entries, which stay."""
    key, envelope = decode_key(arrays.pop(KEY).tobytes()), arrays.pop(SIGNATURE).tobytes()
    if expected is not None:
        only_key(expected, key.thumbprint)
    payload, _ = open_envelope(envelope, MODEL, lambda kid: only_key(key, kid))
    if payload != _digest(arrays):
        raise Damaged("holds other numbers than were signed")
    if not np.isfinite(arrays[ANGLES]).all():
        raise Damaged("has angles that are not finite")
    return key


def _digest(arrays: Mapping[str, NDArray]) -> bytes:
    digest = hashlib.sha256()
    for name, array in sorted(arrays.items()):
        little = np.ascontiguousarray(array.astype(array.dtype.newbyteorder("<"), copy=False))
        digest.update(json.dumps([name, little.dtype.str, list(array.shape)]).encode() + b"\n" + little.tobytes())
    return digest.digest()


def _bytes(content: bytes) -> NDArray[np.uint8]:
    return np.frombuffer(content, dtype=np.uint8)


def _as_fault(error: Damaged | Rejection) -> str:
    return str(error) if isinstance(error, Damaged) else f"is not signed as it should be, {error}"
