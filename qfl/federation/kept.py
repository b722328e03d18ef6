"""What clients keep for themselves from round to round, on their own disks, and never send.

Whether an update counted, its client does not see: it may have been lost on the way, or the server may have been killed
and ask for the round again. So the server says, signed with the round's settings, which round's update it took last of
each client, and a client goes on from what it had after that round. ::

    broadcast   "config"   ... and {"taken": for each client a round, 0 for none}, signed with the rest
    client      RUN/kept/<run id>/client-3-round-7.npz            in a simulation
                HOME/state/kept/<run id>/client-3-round-7.npz     of a deployed client
"""

import json
import shutil
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from flwr.app import ConfigRecord, Context
from numpy.typing import NDArray

from qfl.checkpoint import read_checkpoint, write_checkpoint
from qfl.errors import Damaged, Rejection
from qfl.federation.adapter import PARTITION_ID_KEY
from qfl.federation.runtime.context import HOME, run_settings

TAKEN = "taken"
RUNS = 20  # of a deployed client, whose things are kept


@dataclass(frozen=True)
class Drawer:
    """What one client keeps in one run.

    Args:
        folder: Of the run's files.
        client: The client's number.
        taken: The round whose update the server took last; 0 for none.
    """

    folder: Path
    client: int
    taken: int

    def load(self) -> dict[str, NDArray]:
        """Return what was kept after the round that was taken last, by name; nothing before the first.

        Raises:
            Rejection: ``kept-lost`` if it is gone or cannot be read: to begin anew would be another run, unseen.
        """
        if not self.taken:
            return {}
        path = self._file(self.taken)
        try:
            return read_checkpoint(path)[1]
        except Damaged as error:
            raise Rejection("kept-lost", f"{path.name}, what this client kept, {error}; restore it") from None

    def save(self, round_number: int, arrays: Mapping[str, NDArray]) -> None:
        """Write down what there is after a round, and throw away what no server can ask for any more.

        Args:
            round_number: The round.
            arrays: By name.
        """
        if not self.folder.exists():
            self._make_room()
        self.folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        plain = json.dumps({"round": round_number, "state": {}}).encode()
        write_checkpoint(self._file(round_number), arrays, plain)
        for old in self.folder.glob(f"client-{self.client}-round-*.npz"):
            if old not in (self._file(round_number), self._file(self.taken)):
                old.unlink(missing_ok=True)

    def _file(self, number: int) -> Path:
        return self.folder / f"client-{self.client}-round-{number}.npz"

    def _make_room(self) -> None:
        parent = self.folder.parent
        runs = sorted(parent.iterdir(), key=lambda run: run.stat().st_mtime) if parent.exists() else []
        for run in runs[: max(0, len(runs) - RUNS + 1)]:
            shutil.rmtree(run, ignore_errors=True)


def drawer_of(context: Context, config: ConfigRecord, run_id: bytes) -> Drawer | None:
    """Return where a client keeps things, None where the broadcast speaks of none.

    Args:
        context: The client's.
        config: The round's settings, verified.
        run_id: The run's 16 random bytes, verified.

    Raises:
        Rejection: ``bad-config`` if it does not speak of this client.
    """
    if TAKEN not in config:
        return None
    client, taken = int(context.node_config[PARTITION_ID_KEY]), config[TAKEN]
    number = taken[client] if isinstance(taken, list) and client < len(taken) else None
    if not isinstance(number, int) or number < 0:
        raise Rejection("bad-config", f"{TAKEN!r} holds no round of client {client}")
    base = Path(run_settings(context).run.folder) / ("state" if HOME in context.node_config else "")
    return Drawer(base / "kept" / run_id.hex(), client, number)


def taken_config(taken: Mapping[int, int], num_clients: int) -> dict[str, list[int]]:
    """Return what a broadcast says of the updates that were taken.

    Args:
        taken: Round by client.
        num_clients: Of the federation.

    Example:
        >>> taken_config({1: 7}, 3)
        {'taken': [0, 7, 0]}
    """
    return {TAKEN: [taken.get(client, 0) for client in range(num_clients)]}


def save_taken(taken: Mapping[int, int]) -> dict[str, NDArray]:
    """Return what a checkpoint holds of the updates that were taken, by name; nothing where there are none."""
    return {TAKEN: np.array(sorted(taken.items()), dtype=np.int64)} if taken else {}


def load_taken(arrays: Mapping[str, NDArray]) -> dict[int, int]:
    """Return round by client out of a checkpoint.

    Raises:
        ValueError: If it holds something else.

    Example:
        >>> load_taken(save_taken({3: 7})), load_taken({})
        ({3: 7}, {})
    """
    return {int(client): int(last) for client, last in arrays.get(TAKEN, ())}
