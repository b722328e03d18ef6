"""What a deployed client remembers from message to message, on its own disk, under its identity.

Flower keeps a client's context in the SuperNode's memory and loses it when that restarts. What must last longer is
here, in one JSON file per client of an authority's roster: how many updates the client has ever released (whatever a
privacy budget is spent on is counted by them), which broadcasts it has answered, and which samples are its part of a
task's data.
"""

import hashlib
import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from flwr.app import Context
from jaxtyping import Int
from numpy import ndarray

from qfl.errors import Rejection
from qfl.federation.adapter import PARTITION_ID_KEY
from qfl.federation.context import HOME
from qfl.results import write_atomically
from qfl.security.claims import BroadcastClaims

RUNS = 100  # the runs remembered


@dataclass(frozen=True)
class Memory:
    """One client's memory.

    Args:
        path: Its file; absent before the first update.
    """

    path: Path

    @property
    def entries(self) -> dict[str, Any]:
        """What is remembered: ``updates``, ``runs`` by id, and ``partitions`` by task.

        Raises:
            Rejection: ``memory-damaged`` if the file cannot be read: to forget would be to spend a budget twice.
        """
        if not self.path.exists():
            return {"updates": 0, "runs": {}, "partitions": {}}
        try:
            entries = json.loads(self.path.read_bytes())
            return {"updates": entries["updates"], "runs": entries["runs"], "partitions": entries["partitions"]}
        except (OSError, ValueError, KeyError, TypeError) as error:
            raise Rejection("memory-damaged", f"{self.path.name}: {error}; restore it") from None

    def require_new(self, claims: BroadcastClaims, part: Int[ndarray, " sample"]) -> None:
        """Return if a broadcast has not been answered yet, and this client's part of the data is what it was.

        A server that is resumed asks for a round again, but with another nonce.

        Raises:
            Rejection: ``answered-before``, ``changed-partition`` or ``memory-damaged``.
        """
        entries = self.entries
        run = entries["runs"].get(claims.run_id.hex(), {})
        if claims.nonce.hex() in run.get("nonces", ()):
            raise Rejection("answered-before", f"this broadcast of round {claims.round} was answered already")
        known = entries["partitions"].get(claims.task.hex())
        if known not in (None, _digest(part)):
            raise Rejection("changed-partition", "this client's samples for the task are not those of before")

    def note(self, claims: BroadcastClaims, part: Int[ndarray, " sample"]) -> None:
        """Remember an answer, before it leaves."""
        entries = self.entries
        run = entries["runs"].pop(claims.run_id.hex(), {"updates": 0, "nonces": []})
        nonces = [*run["nonces"][-31:], claims.nonce.hex()]
        run = {"updates": run["updates"] + 1, "last_round": claims.round, "nonces": nonces}
        runs = dict([*entries["runs"].items(), (claims.run_id.hex(), run)][-RUNS:])
        partitions = dict([*entries["partitions"].items(), (claims.task.hex(), _digest(part))][-RUNS:])
        found = {"updates": entries["updates"] + 1, "runs": runs, "partitions": partitions}
        write_atomically(self.path, json.dumps(found, indent=1).encode())


def memory_of(context: Context) -> Memory | None:
    """Return a client's memory; None for a client that has no folder of its own.

    Its name is the client's under the authority that enrolled it: another authority's client 3 is somebody else.
    """
    if HOME not in context.node_config:
        return None
    home = Path(str(context.node_config[HOME]))
    authority = hashlib.sha256((home / "keys" / "authority.pub").read_bytes()).hexdigest()
    return Memory(home / "state" / f"client-{context.node_config[PARTITION_ID_KEY]}-{authority[:16]}.json")


def _digest(part: Int[ndarray, " sample"]) -> str:
    return hashlib.sha256(part.astype("<i8").tobytes()).hexdigest()
