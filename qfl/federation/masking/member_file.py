"""Where a client keeps its part of a masked round, for itself alone, so that it goes on after a kill.

::

    RUN/masking/<run id>/client-3.cbor            in a simulation
    HOME/state/masking/<run id>/client-3.cbor     of a deployed client, flushed to the disk before it answers
"""

import os
import secrets
from dataclasses import dataclass
from pathlib import Path

from flwr.app import Context

from qfl.errors import Damaged, Rejection
from qfl.federation.adapter import PARTITION_ID_KEY
from qfl.federation.runtime.context import HOME, run_settings
from qfl.reading import read_bytes
from qfl.security.masking.member import Member, packed_member, unpacked_member
from qfl.writing import write_atomically

MOST_BYTES = 2**26
PRIVATE = 0o600


@dataclass(frozen=True)
class MemberFile:
    """One client's file of a run.

    Args:
        path: The file; absent before the client's first masked round.
        durable: Whether it must outlive a power cut; simulated clients end with the run itself.
    """

    path: Path
    durable: bool

    def load(self) -> Member | None:
        """Return what was written down last; None before anything was.

        Raises:
            Rejection: ``memory-damaged`` if it cannot be read: to forget would be to answer twice.
        """
        if not os.path.lexists(self.path):
            return None
        try:
            return unpacked_member(read_bytes(self.path, MOST_BYTES))
        except (Damaged, Rejection) as error:
            raise Rejection("memory-damaged", f"{self.path.name}: {error}; remove it and start a new run") from None

    def require(self) -> Member:
        """Return what was written down last.

        Raises:
            Rejection: ``out-of-turn`` before anything was.
        """
        if (member := self.load()) is None:
            raise Rejection("out-of-turn", "this client has begun no masked round of the run")
        return member

    def save(self, member: Member) -> None:
        """Write down what a client holds, before its answer leaves."""
        self.path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        if self.durable:
            write_atomically(self.path, packed_member(member), PRIVATE)
            return
        name = self.path.with_name(f".{self.path.name}.{secrets.token_hex(4)}")
        with os.fdopen(os.open(name, os.O_WRONLY | os.O_CREAT | os.O_EXCL, PRIVATE), "wb") as file:
            file.write(packed_member(member))
        os.replace(name, self.path)


def member_file(context: Context, run_id: bytes) -> MemberFile:
    """Return a client's file of a run.

    Args:
        context: The client's.
        run_id: The run's 16 random bytes.
    """
    deployed, client = HOME in context.node_config, int(context.node_config[PARTITION_ID_KEY])
    base = Path(run_settings(context).run.folder) / ("state" if deployed else "")
    return MemberFile(base / "masking" / run_id.hex() / f"client-{client}.cbor", deployed)
