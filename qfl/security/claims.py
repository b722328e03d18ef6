"""What a signature says: the claims of an update and of a broadcast, and the digests in them.

Claims are CBOR maps with small integer keys. Each class below is its own table: a field's `claim` gives the key, and
decoding is strict in the set of keys, in types and in lengths.
"""

import hashlib
import struct
from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from functools import lru_cache
from typing import Any, TypeVar

import cbor2
import numpy as np
from numpy.typing import NDArray

from qfl.angles import AngleLayout
from qfl.security import cbor
from qfl.security.reasons import rejection

FORMAT = 1
MODES = ("plain", "masked", "ckks", "dp")
KINDS = ("f", "i", "u")  # floats and integers; nothing else is signed
ANY = -1  # length of a byte string that may have any


def claim(
    key: int, kind: type, *, size: int = 0, choices: tuple[str, ...] = (), default: Any = None, rare: bool = False
) -> Any:
    """Return a dataclass field for one claim: its integer key, its type, and its length or its choices.

    Integers are counts (0 to 2^63 - 1); ``size`` is the length of byte strings, and of each entry of a tuple.

    Args:
        key: Integer key of the claim in its CBOR map, 2 or more; 1 is the format.
        kind: ``bytes``, ``int``, ``str``, or ``tuple`` for a list of byte strings.
        size: Length in bytes of a byte string, or of each entry of a tuple; `ANY` for any.
        choices: The strings that are accepted, of ``str`` alone.
        default: The value where nothing is given; None for a claim that must be given.
        rare: Whether a claim that holds its default is left out of the map, as before there was such a claim.
    """
    metadata = {"key": key, "kind": kind, "size": size, "choices": choices, "rare": rare}
    return field(metadata=metadata) if default is None else field(metadata=metadata, default=default)


@dataclass(frozen=True)
class UpdateClaims:
    """What a client says about the update that it sends."""

    run_id: bytes = claim(2, bytes, size=16)  # chosen by the server
    round: int = claim(3, int)
    nonce: bytes = claim(4, bytes, size=16)  # of the broadcast that is answered
    server: bytes = claim(5, bytes, size=32)  # thumbprint of the server's key
    client: int = claim(6, int)  # partition id
    num_examples: int = claim(7, int)
    base_model: bytes = claim(8, bytes, size=32)  # tensor digest of the model that training started from
    task: bytes = claim(9, bytes, size=32)  # `task_digest`
    mode: str = claim(10, str, choices=MODES)  # form of the arrays
    tensors: bytes = claim(11, bytes, size=32)  # `tensor_digest`
    metrics: bytes = claim(12, bytes, size=32)  # `metrics_digest`


@dataclass(frozen=True)
class BroadcastClaims:
    """What the server says about the model that it sends out."""

    run_id: bytes = claim(2, bytes, size=16)
    round: int = claim(3, int)
    nonce: bytes = claim(4, bytes, size=16)  # fresh in every round of every server process
    model: bytes = claim(5, bytes, size=32)  # `tensor_digest`
    task: bytes = claim(6, bytes, size=32)
    roster_version: int = claim(7, int)
    config: bytes = claim(8, bytes, size=32)  # `config_digest` of the round's settings
    accepted: tuple[bytes, ...] = claim(9, tuple, size=32, default=())  # SHA-256 of the previous round's updates
    started: int = claim(10, int, default=0)  # Unix time in ns at which the server's process took up the run
    ledger: bytes = claim(11, bytes, size=32, default=bytes(32))  # head of the server's ledger (`qfl.security.ledger`)


Claims = TypeVar("Claims")  # a dataclass whose fields are claims


def encode(claims: Any) -> bytes:
    """Return the canonical CBOR map of a dataclass whose fields are claims."""
    entries = {
        key: value
        for key, item in _table(claims.__class__).items()
        if (value := getattr(claims, item.name)) != item.default or not item.metadata["rare"]
    }
    return cbor2.dumps({1: FORMAT} | entries, canonical=True)


def decode(kind: type[Claims], payload: bytes) -> Claims:
    """Return the claims of a payload; the inverse of `encode`. Call it on signed bytes only.

    Raises:
        Rejection: ``wrong-format``, ``bad-claims`` or ``not-canonical``.
    """
    entries = _map(payload)
    if entries.pop(1, None) != FORMAT:
        raise rejection("wrong-format", f"expected {FORMAT}")
    table = _table(kind)
    if not {key for key, item in table.items() if not item.metadata["rare"]} <= set(entries) <= set(table):
        raise rejection("bad-claims", f"entries {sorted(map(str, entries))}"[:200])
    claims = kind(**{table[key].name: _checked(value, table[key]) for key, value in entries.items()})
    if encode(claims) != payload:
        raise rejection("not-canonical", "claims")
    return claims


@lru_cache
def _table(kind: Any) -> dict[int, Any]:
    """Return the fields of a class of claims, by the keys of their map."""
    return {item.metadata["key"]: item for item in fields(kind)}


def tensor_digest(arrays: Mapping[str, NDArray[Any]]) -> bytes:
    """Return the SHA-256 over names, types, shapes and bits of arrays: the same bits, the same digest.

    For each array, by name: the length-prefixed CBOR header ``[name, dtype, shape]``, the number of bytes, and the
    elements little-endian in C order. Byte order and memory order of the given array do not matter; type and shape do.

    Raises:
        Rejection: ``wrong-tensors`` if an array is not of integers or floats.

    Example:
        >>> a = np.arange(6.0).reshape(2, 3)
        >>> tensor_digest({"a": a}) == tensor_digest({"a": np.asfortranarray(a)})
        True
        >>> tensor_digest({"a": a}) == tensor_digest({"a": a.astype(np.float32)})
        False
    """
    digest = hashlib.sha256(b"qfl/tensors/v1")
    for name in sorted(arrays):
        array = arrays[name]
        if array.dtype.kind not in KINDS:
            raise rejection("wrong-tensors", f"{name!r} has type {array.dtype}; only integers and floats are signed")
        dtype, header = _header(name, array.dtype, array.shape)
        digest.update(struct.pack("<QQ", len(header), array.nbytes) + header)
        digest.update(np.ascontiguousarray(array, dtype=dtype).reshape(-1).view(np.uint8).data)
    return digest.digest()


@lru_cache(maxsize=64)
def _header(name: str, dtype: np.dtype, shape: tuple[int, ...]) -> tuple[np.dtype, bytes]:
    """Return the type in which an array's elements are digested, and the header before them."""
    little = dtype.newbyteorder("<")
    return little, cbor2.dumps([name, little.str, list(shape)], canonical=True)


def metrics_digest(metrics: Mapping[str, Any]) -> bytes:
    """Return the SHA-256 over named numbers, each as a double.

    Raises:
        Rejection: ``metrics-digest`` if a value is not one number.

    Example:
        >>> metrics_digest({"loss": 1, "accuracy": 0.5}) == metrics_digest({"accuracy": 0.5, "loss": 1.0})
        True
    """
    doubles = [[name, _double(name, metrics[name])] for name in sorted(metrics)]
    return hashlib.sha256(b"qfl/metrics/v1" + cbor2.dumps(doubles, canonical=True)).digest()


def config_digest(config: Mapping[str, Any]) -> bytes:
    """Return the SHA-256 over named settings (numbers, strings, bytes and lists of them); ``1`` and ``1.0`` differ."""
    return hashlib.sha256(b"qfl/config/v1" + cbor2.dumps(dict(config), canonical=True)).digest()


def task_digest(layout: AngleLayout, config: Mapping[str, Any]) -> bytes:
    """Return the SHA-256 over what both ends must train alike: the angles' layout and the settings that matter."""
    return config_digest({"layout": layout.digest(), "config": dict(config)})


def _double(name: str, value: Any) -> bytes:
    try:
        return struct.pack(">d", value)
    except (struct.error, OverflowError):
        raise rejection("metrics-digest", f"{name!r} is no number but {str(value)[:40]!r}") from None


def _map(payload: bytes) -> dict[Any, Any]:
    # an enrolled client may be hostile, too; a broadcast may name as many updates as it has bytes for
    match cbor.decode(payload, "bad-claims", values=64 + len(payload) // 32, levels=2, prefix=True):
        case {**entries}:
            return entries
        case _:
            raise rejection("bad-claims", "no map")


def _checked(value: Any, item: Any) -> Any:
    kind, size, choices = (item.metadata[name] for name in ("kind", "size", "choices"))
    match value:
        case [*parts] if kind is tuple:  # CBOR knows lists alone
            value = tuple(parts)
        case _:
            pass
    valid = type(value) is kind  # strict: True is no count
    if valid and kind is int:
        valid = 0 <= value < 2**63
    elif valid and kind is str:
        valid = value in choices
    elif valid:
        valid = all(type(part) is bytes and size in (ANY, len(part)) for part in (value if kind is tuple else (value,)))
    if not valid:
        raise rejection("bad-claims", item.name.replace("_", "-"))
    return value
