"""The server's half of the ledger: an entry is on the disk before the round's rows are, and before anyone is told.

What a kill leaves of the last line is cut off with the next. A resumed server goes on in the chain that it finds, once
that is its own and its checkpoint is the one that it signed.
"""

import base64
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from typing import Any

from flwr.app import ConfigRecord
from numpy.typing import NDArray

from qfl.errors import RunFolderError
from qfl.federation.privacy.spending import Spent
from qfl.federation.records.messages import ANGLES, UPDATE
from qfl.federation.records.reply import Reply
from qfl.results import Row, RunFolder, as_written
from qfl.security.claims import tensor_digest
from qfl.security.ledger import COSE, FIRST, TABLE, Entry, accepted_updates, rows_digest, sign_entry
from qfl.security.ledger_chain import follow, in_force, read_ledger
from qfl.security.roster import only_key
from qfl.security.signing import Signer


@dataclass(frozen=True)
class Kept:
    """What a round leaves, as an entry holds it.

    Args:
        round: The number.
        angles: The aggregate.
        checkpoint: The digest of what a checkpoint after the round holds.
        row: The round's.
        clients: One row per asked client.
        updates: Envelope of each accepted update, by client.
        spent: Of clients' budgets, where they have any.
    """

    round: int
    angles: NDArray
    checkpoint: bytes
    row: Row
    clients: Sequence[Row]
    updates: Mapping[int, bytes]
    spent: Spent = field(default_factory=Spent)


class LedgerWriter:
    """Append to a run's ledger.

    Args:
        folder: The run's.
        signer: The server's private key.
        run_id: The run's 16 random bytes.
        started: Unix time in ns at which this process took up the run.

    Raises:
        RunFolderError: If the ledger that is there is not what this server signed.
    """

    def __init__(self, folder: RunFolder, signer: Signer, run_id: bytes, started: int):
        self._folder, self._signer, self._run_id, self._started = folder, signer, run_id, started
        self._settings = bytes.fromhex(folder.settings_digest)
        links, fault = follow(read_ledger(folder), lambda kid: only_key(signer.key, kid), run_id)
        if fault:
            raise _altered(folder, f"round {fault.round} {fault.what}")
        self._before = in_force(links)
        self._last = links[-1] if links else None

    @property
    def head(self) -> bytes:
        """The SHA-256 of the last entry, which the next and the next broadcast name."""
        return self._last.digest if self._last else FIRST

    @property
    def spent(self) -> Spent:
        """What the last entry says of clients' budgets."""
        last = self._last.entry if self._last else None
        return Spent(last.spendings, last.spent, last.micro_epsilon) if last else Spent()

    def write(self, kept: Kept, roster_version: int) -> None:
        """Append the entry of a round."""
        self._append(
            Entry(
                run_id=self._run_id,
                round=kept.round,
                previous=self.head,
                started=self._started,
                settings=self._settings,
                roster_version=roster_version,
                model=tensor_digest({ANGLES: kept.angles}),
                checkpoint=kept.checkpoint,
                row=rows_digest([as_written(kept.row)]),
                clients=rows_digest(as_written({"rows": kept.clients})["rows"]),
                accepted=accepted_updates(kept.updates),
                **asdict(kept.spent),
            )
        )

    def take_up(self, kept: Kept, roster_version: int) -> None:
        """Sign the round of a checkpoint again, by which later ones no longer count.

        What the round's rows were is taken from its first entry: what has become of them since is not signed.

        Args:
            kept: The round; its rows as they are now count only where a run has no ledger yet.
            roster_version: Of this moment.

        Raises:
            RunFolderError: If the checkpoint is not the one that was signed.
        """
        if not self._before:
            return self.write(kept, roster_version)
        before = self._before.get(kept.round)
        if before is None or before.entry.checkpoint != kept.checkpoint:
            raise _altered(self._folder, f"its checkpoint of round {kept.round} is not the one that was signed")
        news = {"previous": self.head, "started": self._started, "settings": self._settings} | asdict(kept.spent)
        return self._append(replace(before.entry, **news, roster_version=roster_version))

    def _append(self, entry: Entry) -> None:
        envelope, link = sign_entry(entry, self._signer)
        row = {"round": entry.round, COSE: base64.b64encode(envelope).decode()}
        self._folder.append(TABLE, [row])
        self._last = link


def envelopes_of(replies: Sequence[Reply]) -> dict[int, bytes]:
    """Return the signed envelope of each accepted reply, by client."""
    found: dict[int, bytes] = {}
    for reply in replies:
        record: Any = reply.content.get(UPDATE) if reply.accepted else None
        if isinstance(record, ConfigRecord) and isinstance(cose := record.get(COSE), bytes):
            found[reply.client] = cose
    return found


def _altered(folder: RunFolder, what: str) -> RunFolderError:
    return RunFolderError(f"{folder.path} was altered: {what}; `qfl audit` says more; begin a new run")
