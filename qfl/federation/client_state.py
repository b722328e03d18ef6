"""What a deployed client remembers from message to message, on its own disk, under its identity.

Flower keeps a client's context in the SuperNode's memory and loses it when that restarts. What must last longer is
here, in one JSON file per client of an authority's roster: how many updates the client has ever released (whatever a
privacy budget is spent on is counted by them), which broadcasts it has answered, and which samples are its part of a
task's data.

Within a run, rounds only go up. A server that is killed and resumed asks for rounds again, from its last checkpoint on;
it signs into every broadcast when its process took up the run, so what counts is the pair of that and the round. Of a
run that is no longer remembered, only what a server took up later than all forgotten ones is answered.
"""

import hashlib
import json
import os
from collections import Counter
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from flwr.app import Context
from jaxtyping import Int
from numpy import ndarray

from qfl.config import PrivacySettings
from qfl.errors import Damaged, Rejection
from qfl.federation.adapter import PARTITION_ID_KEY
from qfl.federation.runtime.context import HOME
from qfl.privacy.accountant import epsilon
from qfl.reading import parse_json, read_bytes
from qfl.results import write_atomically
from qfl.security.audit.witness import ENDING, keep
from qfl.security.claims import BroadcastClaims
from qfl.security.signing import LONGEST_KEY

RUNS = 100  # the runs remembered
NONCES = 32  # of one round of one server's process, which asks but once
MOST_BYTES = 2**22
EMPTY = {"updates": 0, "runs": {}, "partitions": {}, "forgotten": 0, "noise": {}}


@dataclass(frozen=True)
class Memory:
    """One client's memory.

    Args:
        path: Its file; absent before the first update.
    """

    path: Path

    @property
    def entries(self) -> dict[str, Any]:
        """What is remembered: ``updates``, ``runs`` by id, ``partitions`` by task, and when ``forgotten`` runs ended.

        Raises:
            Rejection: ``memory-damaged`` if the file cannot be read: to forget would be to spend a budget twice.
        """
        if not os.path.lexists(self.path):
            return EMPTY
        try:
            return _checked(parse_json(read_bytes(self.path, MOST_BYTES)))
        except (Damaged, KeyError, TypeError, ValueError, AttributeError) as error:
            raise Rejection("memory-damaged", f"{self.path.name}: {error}; restore it") from None

    def require_new(self, claims: BroadcastClaims, part: Int[ndarray, " sample"]) -> None:
        """Return if a broadcast has not been answered yet, and this client's part of the data is what it was.

        A server that is resumed asks for a round again, but says that it began later.

        Raises:
            Rejection: ``answered-before``, ``changed-partition`` or ``memory-damaged``.
        """
        entries = self.entries
        run = entries["runs"].get(claims.run_id.hex())
        if _answered(run, claims) if run else claims.started < entries["forgotten"]:
            raise Rejection("answered-before", f"round {claims.round} of the run, or a later one, was answered already")
        known = entries["partitions"].get(claims.task.hex())
        if known not in (None, _digest(part)):
            raise Rejection("changed-partition", "this client's samples for the task are not those of before")

    def require_budget(self, own: PrivacySettings, multiplier: float) -> None:
        """Return if this client's privacy budget lasts for one more update, beside all that it ever released.

        Keys may be rotated and runs forgotten: the memory is the client's under its authority.

        Args:
            own: The run's: its budget, delta and accountant.
            multiplier: Of the noise that the update would carry.

        Raises:
            Rejection: ``budget-spent`` or ``memory-damaged``.
        """
        spent = Counter({float(noise): count for noise, count in self.entries["noise"].items()})
        spent[multiplier] += 1
        if own.epsilon is not None and (found := epsilon(spent, own.delta, own.accountant)) > own.epsilon:
            raise Rejection("budget-spent", f"one more update would make epsilon {found:.4g} of {own.epsilon:g}")

    def note(self, claims: BroadcastClaims, part: Int[ndarray, " sample"], multiplier: float | None = None) -> None:
        """Remember an answer, before it leaves.

        Args:
            claims: Of the broadcast that is answered.
            part: This client's part of the data.
            multiplier: Of the noise by which its privacy is kept; None where it is not.
        """
        entries = self.entries
        name, runs = claims.run_id.hex(), dict(entries["runs"])
        run = runs.pop(name, {"updates": 0, "last_round": -1, "nonces": []})
        same = (run.get("started", 0), run["last_round"]) == (claims.started, claims.round)
        runs[name] = {
            "updates": run["updates"] + 1,
            "started": claims.started,
            "last_round": claims.round,
            "nonces": [*(run["nonces"] if same else []), claims.nonce.hex()],
        }
        kept = list(runs.items())
        late = [gone["started"] + 1 for _, gone in kept[:-RUNS] if gone.get("started")]
        partitions = dict([*entries["partitions"].items(), (claims.task.hex(), _digest(part))][-RUNS:])
        noise = Counter(entries["noise"])
        noise.update([repr(multiplier)] if multiplier else [])
        found = {
            "updates": entries["updates"] + 1,
            "noise": dict(noise),
            "runs": dict(kept[-RUNS:]),
            "partitions": partitions,
            "forgotten": max([entries["forgotten"], *late]),
        }
        write_atomically(self.path, json.dumps(found, indent=1).encode())

    def witness(self, run_id: bytes, broadcast: bytes, update: bytes) -> None:
        """Keep a broadcast, which names the head of the server's ledger, and the digest of the answer.

        Args:
            run_id: The run's 16 random bytes.
            broadcast: The server's envelope.
            update: The client's.
        """
        keep(self.path.with_suffix(ENDING), run_id, broadcast, update)


def _answered(run: dict[str, Any], claims: BroadcastClaims) -> bool:
    """Tell whether a broadcast is not later than the last one that was answered, or is that one."""
    last, asked = (run.get("started", 0), run["last_round"]), (claims.started, claims.round)
    if asked == last:
        return claims.nonce.hex() in run["nonces"] or len(run["nonces"]) >= NONCES
    return asked < last


def _checked(entries: dict[str, Any]) -> dict[str, Any]:
    found = {**EMPTY, "updates": entries["updates"], "runs": entries["runs"], "partitions": entries["partitions"]}
    found |= {"forgotten": entries.get("forgotten", 0), "noise": entries.get("noise", {})}
    if not all(float(noise) > 0 and type(count) is int for noise, count in found["noise"].items()):
        raise ValueError("a count of releases that is none")
    runs = [(run["updates"], run["last_round"], run.get("started", 0)) for run in found["runs"].values()]
    if any(type(count) is not int for count in (found["updates"], found["forgotten"], *sum(runs, ()))):
        raise ValueError("a count that is no whole number")
    if not all(isinstance(run["nonces"], list) for run in found["runs"].values()):
        raise ValueError("nonces that are no list")
    if not isinstance(found["partitions"], dict):
        raise ValueError("partitions that are no map")
    return found


def memory_of(context: Context) -> Memory | None:
    """Return a client's memory; None for a client that has no folder of its own.

    Its name is the client's under the authority that enrolled it: another authority's client 3 is somebody else.

    Raises:
        Rejection: ``memory-damaged`` if it cannot be known which authority that is.
    """
    if HOME not in context.node_config:
        return None
    home = Path(str(context.node_config[HOME]))
    try:
        authority = hashlib.sha256(read_bytes(home / "keys" / "authority.pub", LONGEST_KEY)).hexdigest()
    except Damaged as error:
        raise Rejection("memory-damaged", f"{home / 'keys' / 'authority.pub'} {error}; restore it") from None
    return Memory(home / "state" / f"client-{context.node_config[PARTITION_ID_KEY]}-{authority[:16]}.json")


def _digest(part: Int[ndarray, " sample"]) -> str:
    return hashlib.sha256(part.astype("<i8").tobytes()).hexdigest()
