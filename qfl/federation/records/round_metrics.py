"""What one round cost: seconds by phase, and bytes by client split in model, signature and envelope."""

import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeVar

from flwr.app import ArrayRecord, ConfigRecord, RecordDict
from numpy.lib import format as npy

from qfl.errors import Rejection
from qfl.federation.adapter import serialized_size
from qfl.federation.records.messages import ARRAYS, BROADCAST, SAMPLES_RECORD, UPDATE
from qfl.security.envelope import envelope_sizes

PHASES = ("select", "broadcast", "train", "verify", "aggregate", "evaluate", "checkpoint", "total")
Result = TypeVar("Result")


@dataclass(frozen=True)
class Bytes:
    """Bytes of one message.

    Args:
        model: The numbers of the angle vector.
        signature: The signature itself.
        envelope: All else in the serialized records: names, array header, signed claims, metrics.
    """

    model: int = 0
    signature: int = 0
    envelope: int = 0

    def __add__(self, other: "Bytes") -> "Bytes":
        return Bytes(self.model + other.model, self.signature + other.signature, self.envelope + other.envelope)

    @property
    def total(self) -> int:
        """All bytes of the message."""
        return self.model + self.signature + self.envelope

    def row(self) -> dict[str, int]:
        """Return the three numbers under their names."""
        return {"model": self.model, "signature": self.signature, "envelope": self.envelope}


def clocked(work: Callable[[], Result]) -> tuple[Result, float]:
    """Return what a piece of work gives, and the seconds that it took."""
    start = time.perf_counter()
    return work(), time.perf_counter() - start


def measure(content: RecordDict) -> Bytes:
    """Return the size of a message's records, measured on their serialized form."""
    arrays = content.get(ARRAYS)
    model = sum(_payload(array.data) for array in arrays.values()) if isinstance(arrays, ArrayRecord) else 0
    signature = sum(_signature_bytes(content.get(name)) for name in (BROADCAST, UPDATE, SAMPLES_RECORD))
    return Bytes(model, signature, serialized_size(content) - model - signature)


def _payload(data: bytes) -> int:
    """Return the bytes after the NumPy header (all of them where there is none)."""
    if not data.startswith(npy.MAGIC_PREFIX) or len(data) < 10:
        return len(data)
    return max(len(data) - 10 - int.from_bytes(data[8:10], "little"), 0)


def _signature_bytes(record: object) -> int:
    cose = record.get("cose") if isinstance(record, ConfigRecord) else None
    try:
        return envelope_sizes(cose)[0] if isinstance(cose, bytes) else 0
    except Rejection:  # no envelope at all: verification will say what is wrong with it
        return 0
