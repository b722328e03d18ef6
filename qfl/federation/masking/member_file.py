"""Where a client keeps its part of a masked or encrypted round, for itself alone, so that it goes on after a kill.

::

    RUN/masking/<run id>/client-3.cbor            in a simulation; keyholder-3.cbor of who holds a CKKS key
    HOME/state/masking/<run id>/client-3.cbor     of a deployed client, flushed to the disk before it answers
"""

import os
import secrets
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Generic, TypeVar

from flwr.app import Context

from qfl.errors import Damaged, Rejection
from qfl.federation.adapter import PARTITION_ID_KEY
from qfl.federation.runtime.context import HOME, run_settings
from qfl.reading import read_bytes
from qfl.security.homomorphic.keyholder import Keyholder, packed_keyholder, unpacked_keyholder
from qfl.security.masking.member import Member, packed_member, unpacked_member
from qfl.writing import write_atomically

MOST_BYTES = 2**26
PRIVATE = 0o600


Kept = TypeVar("Kept")


@dataclass(frozen=True)
class MemberFile(Generic[Kept]):
    """One client's file of a run.

    Args:
        path: The file; absent before the client's first such round.
        durable: Whether it must outlive a power cut; simulated clients end with the run itself.
        pack: What is kept, as bytes.
        unpack: The inverse.
    """

    path: Path
    durable: bool
    pack: Callable[[Kept], bytes]
    unpack: Callable[[bytes], Kept]

    def load(self) -> Kept | None:
        """Return what was written down last; None before anything was.

        Raises:
            Rejection: ``memory-damaged`` if it cannot be read: to forget would be to answer twice.
        """
        if not os.path.lexists(self.path):
            return None
        try:
            return self.unpack(read_bytes(self.path, MOST_BYTES))
        except (Damaged, Rejection) as error:
            raise Rejection("memory-damaged", f"{self.path.name}: {error}; remove it and start a new run") from None

    def require(self) -> Kept:
        """Return what was written down last.

        Raises:
            Rejection: ``out-of-turn`` before anything was.
        """
        if (member := self.load()) is None:
            raise Rejection("out-of-turn", "this client has begun no such round of the run")
        return member

    def save(self, kept: Kept) -> None:
        """Write down what a client holds, before its answer leaves."""
        self.path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        if self.durable:
            write_atomically(self.path, self.pack(kept), PRIVATE)
            return
        name = self.path.with_name(f".{self.path.name}.{secrets.token_hex(4)}")
        with os.fdopen(os.open(name, os.O_WRONLY | os.O_CREAT | os.O_EXCL, PRIVATE), "wb") as file:
            file.write(self.pack(kept))
        os.replace(name, self.path)


def member_file(context: Context, run_id: bytes) -> MemberFile[Member]:
    """Return a client's file of a run's masked rounds.

    Args:
        context: The client's.
        run_id: The run's 16 random bytes.
    """
    return MemberFile(*_place(context, run_id, "client"), packed_member, unpacked_member)


def keyholder_file(context: Context, run_id: bytes) -> MemberFile[Keyholder]:
    """Return a client's file of the run's encrypted rounds whose key it holds.

    Args:
        context: The client's.
        run_id: The run's 16 random bytes.
    """
    return MemberFile(*_place(context, run_id, "keyholder"), packed_keyholder, unpacked_keyholder)


def _place(context: Context, run_id: bytes, name: str) -> tuple[Path, bool]:
    deployed, client = HOME in context.node_config, int(context.node_config[PARTITION_ID_KEY])
    base = Path(run_settings(context).run.folder) / ("state" if deployed else "")
    return base / "masking" / run_id.hex() / f"{name}-{client}.cbor", deployed
