"""The sum of a round, kept from its unmasking to the round's checkpoint.

A server that is killed in between must not ask for the round again: clients refuse it, for two sums of other survivors
would differ by a client. So it goes on with this.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from qfl.checkpoint import read_checkpoint, write_checkpoint
from qfl.errors import Damaged
from qfl.federation.records.round_metrics import Bytes

SUM = "sum"


@dataclass(frozen=True, eq=False)
class KeptSum:
    """A round's sum.

    Args:
        words: The sum of the survivors' words.
        uploads: Bytes of each masked update that arrived, in time or not.
        dropped: Of the others: status, reason and detail.
        updates: Signed envelope of each masked update that is in the sum.
        model: Digest of the angles that clients started from, as hexadecimal digits.
        report: What the round's row says of it.
    """

    words: NDArray[np.uint64]
    uploads: Mapping[int, Bytes]
    dropped: Mapping[int, tuple[str, str | None, str | None]]
    updates: Mapping[int, bytes]
    model: str
    report: Mapping[str, Any]


def save_sum(path: Path, number: int, found: KeptSum) -> None:
    """Replace the sum that is kept.

    Args:
        path: The file.
        number: The round.
        found: Its sum.
    """
    state = {
        "uploads": [[client, *size.row().values()] for client, size in found.uploads.items()],
        "dropped": [[client, *what] for client, what in found.dropped.items()],
        "updates": [[client, cose.hex()] for client, cose in found.updates.items()],
        "model": found.model,
        "report": dict(found.report),
    }
    write_checkpoint(path, {SUM: found.words}, json.dumps({"round": number, "state": state}).encode())


def load_sum(path: Path, number: int, model: str) -> KeptSum | None:
    """Return the sum of a round, None where none is kept of it.

    Args:
        path: The file.
        number: The round.
        model: Digest of the angles that would be broadcast.
    """
    try:
        kept, arrays, state = read_checkpoint(path)
        if (kept, state["model"]) != (number, model):
            return None
        uploads = {int(row[0]): Bytes(*row[1:]) for row in state["uploads"]}
        dropped = {int(row[0]): (row[1], row[2], row[3]) for row in state["dropped"]}
        updates = {int(client): bytes.fromhex(cose) for client, cose in state["updates"]}
        return KeptSum(arrays[SUM], uploads, dropped, updates, model, state["report"])
    except (Damaged, KeyError, TypeError, ValueError, IndexError):
        return None  # the round is asked for; who helped to unmask it refuses
