"""A checkpoint: named arrays, and a round and a state that JSON can hold, in one file with a digest of all of it."""

import hashlib
import json
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from qfl.errors import Damaged
from qfl.reading import parse_json, read_arrays
from qfl.writing import write_atomically

LAST_ROUND = 2**53  # of round numbers that a float holds exactly
STATE_LEVELS = 500  # of the JSON in a checkpoint: a strategy may hold objects within objects
META, PREFIX = "__meta__", "array/"


def write_checkpoint(path: Path, arrays: Mapping[str, NDArray], plain: bytes) -> None:
    """Replace a checkpoint.

    Args:
        path: The file.
        arrays: By name.
        plain: A JSON object of ``round`` and ``state``.
    """
    named = _named(arrays)
    found = parse_json(plain, STATE_LEVELS)
    meta = json.dumps(found | {"sha256": _digest(found, named)}).encode()
    with tempfile.SpooledTemporaryFile() as buffer:
        np.savez(buffer, allow_pickle=False, **{META: np.frombuffer(meta, dtype=np.uint8)} | named)
        buffer.seek(0)
        write_atomically(path, buffer.read())


def read_checkpoint(path: Path) -> tuple[int, dict[str, NDArray], dict[str, Any]]:
    """Return round, arrays and state of a checkpoint.

    Raises:
        Damaged: If the file holds something else, or not what was written.
    """
    arrays = read_arrays(path)
    content = arrays.pop(META, None)
    if content is None or content.dtype != np.uint8:
        raise Damaged(f"lacks its entry {META!r}")
    meta = parse_json(content.tobytes(), STATE_LEVELS)
    if not (isinstance(meta, dict) and is_round(meta.get("round")) and isinstance(meta.get("state"), dict)):
        raise Damaged("has no round number or no state")
    plain = {key: meta[key] for key in ("round", "state")}
    if "sha256" in meta and meta["sha256"] != _digest(plain, arrays):
        raise Damaged("holds other numbers than were written")
    return (
        meta["round"],
        {name.removeprefix(PREFIX): array for name, array in arrays.items() if name.startswith(PREFIX)},
        meta["state"],
    )


def content_digest(arrays: Mapping[str, NDArray], plain: bytes) -> bytes:
    """Return the SHA-256 of what a checkpoint of these holds: names, types, shapes and bits of arrays, and the state.

    Args:
        arrays: By name.
        plain: A JSON object of ``round`` and ``state``.
    """
    return bytes.fromhex(_digest(parse_json(plain, STATE_LEVELS), _named(arrays)))


def is_round(value: Any) -> bool:
    """Tell whether a value can be a round's number."""
    return type(value) is int and 0 <= value <= LAST_ROUND


def _named(arrays: Mapping[str, NDArray]) -> dict[str, NDArray]:
    return {f"{PREFIX}{name}": np.asarray(array) for name, array in arrays.items()}


def _digest(plain: Mapping[str, Any], arrays: Mapping[str, NDArray]) -> str:
    digest = hashlib.sha256(json.dumps(plain, sort_keys=True).encode())
    for name, array in sorted(arrays.items()):
        digest.update(f"{name} {array.dtype.str} {array.shape}".encode())
        digest.update(array.tobytes())
    return digest.hexdigest()
