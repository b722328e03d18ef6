"""Whether a run folder is whole enough to go on with: all that the rest of the run will read, looked at beforehand.

A fault that came to light only at the end would cost the training in between.
"""

import math
import re
from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from qfl.angles import angle_digest
from qfl.errors import Damaged, RunFolderError
from qfl.results import Row, RunFolder

RUN_ID = re.compile("[0-9a-f]{32}")
MODEL = ("name", "parameters", "angles", "others", "qubits")


def check_resumable(folder: RunFolder, metric: str) -> None:
    """Return if the header and the rows of a run are as this version writes them.

    Args:
        folder: The run's.
        metric: Name of its figure of merit.

    Raises:
        RunFolderError: With the file, and the row, that is not.
    """
    header = folder.header
    if not RUN_ID.fullmatch(str(header.get("run_id"))):
        raise folder.damaged("run.json", Damaged("has no run_id of 32 hexadecimal digits"))
    model = header.get("model")
    if not isinstance(model, dict) or not set(MODEL) <= model.keys() or "baselines" not in header:
        raise folder.damaged("run.json", Damaged("does not say what the model is"))
    for table, fault_of in (("rounds", lambda row: _round_fault(row, metric)), ("clients", _client_fault)):
        for number, row in enumerate(folder.rows(table), start=1):
            if fault := fault_of(row):
                raise folder.damaged(f"{table}.jsonl", Damaged(f"has a row with {fault}", number))


def check_own(folder: RunFolder, own: bool) -> None:
    """Return if a run whose federation was made of somebody's own objects is given one again, and only then.

    Args:
        folder: The run's.
        own: Whether a federation was handed over, rather than its settings alone.

    Raises:
        RunFolderError: If not.
    """
    given = folder.header.get("given")
    began = isinstance(given, dict) and "federation" in given
    if began and not own:
        raise RunFolderError(
            f"{folder.path} trained a Federation of objects in Python; go on with qfl.run(FEDERATION, folder=..., "
            "resume=True)"
        )
    if own and not began:
        raise RunFolderError(f"{folder.path} was begun from its settings; go on without a Federation")


def check_angles(folder: RunFolder, round_number: int, angles: NDArray, initial: NDArray) -> None:
    """Return if a checkpoint's angles fit the model and are those that the round's row names.

    Args:
        folder: The run's.
        round_number: Of the checkpoint.
        angles: Of the checkpoint.
        initial: What the run began with, in its precision.

    Raises:
        RunFolderError: If they are not.
    """
    fault = ""
    if (angles.dtype, angles.shape) != (initial.dtype, initial.shape):
        fault = f"{angles.dtype} angles of shape {angles.shape}, where the model has {initial.dtype} {initial.shape}"
    elif not np.isfinite(angles).all():
        fault = "angles that are not finite"
    else:
        known = {row["round"]: row.get("angles_sha256") for row in folder.rounds()}
        if known.get(round_number) not in (None, angle_digest(angles)):
            fault = f"other angles than round {round_number} ended with, by its row in rounds.jsonl"
    if fault:
        raise RunFolderError(
            f"{folder.path / 'checkpoint.npz'} holds {fault}; put back the right file, or delete it to start over"
        )


def _round_fault(row: Row, metric: str) -> str:
    seconds = row.get("seconds")
    if not isinstance(seconds, dict) or not _number(seconds.get("total")):
        return "no seconds"
    absent = [key for key in ("loss", metric) if key not in row or not (row[key] is None or _number(row[key]))]
    return f"no {absent[0]}" if absent else ""


def _client_fault(row: Row) -> str:
    if type(row.get("client")) is not int:
        return "no client"
    if not isinstance(row.get("status"), str):
        return "no status"
    sent = row.get("bytes_up")
    whole = sent is None or (isinstance(sent, Mapping) and all(type(number) is int for number in sent.values()))
    return "" if whole else "bytes_up that are no whole numbers"


def _number(value: Any) -> bool:
    return type(value) in (int, float) and math.isfinite(value)
