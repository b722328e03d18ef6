"""Train a run again without what a client gave it from some round on, as its revocation would have had it.

The ledger says which of the client's updates were accepted. The new run begins at the last kept checkpoint before the
first of them (`round.archive-every` keeps them), else at the beginning, and draws the same batches and clients. In a
roster of its own the client is revoked from that round on, so it is asked and absent as it would have been.

What this is not: a proof that nothing of the client's data is left in places that are not of the run, such as earlier
releases of its model; and the updates before that round stay.
"""

import secrets
from dataclasses import dataclass, replace
from pathlib import Path

from qfl.api.run import Run, run
from qfl.config import Settings
from qfl.errors import ConfigError, RunFolderError
from qfl.federation.runtime.keys import enrol_asked, prepare_keys
from qfl.results import RunFolder
from qfl.security.audit.audit import audit, verified_entries
from qfl.security.membership import revoke


@dataclass(frozen=True)
class Unlearning:
    """What is to be trained again.

    Args:
        client: Whose updates go.
        from_round: The first round without them.
        accepted: SHA-256 of each signed update that counted from then on, by round.
        base: The round after which training begins anew; 0 for the beginning.
        checkpoint: The kept checkpoint of that round; None for the beginning.
    """

    client: int
    from_round: int
    accepted: dict[int, bytes]
    base: int = 0
    checkpoint: Path | None = None


def plan(folder: RunFolder, client: int, from_round: int) -> Unlearning:
    """Return which of a client's updates counted from a round on, and where training can begin without them.

    Args:
        folder: The run's, as its ledger says.
        client: The client's number.
        from_round: From 1.

    Raises:
        ConfigError: If there is no such client or round.
        RunFolderError: If the folder is not as its server signed it.
    """
    settings = Settings.from_flat(folder.settings)
    if client >= settings.clients.count:
        raise ConfigError(f"--client {client}: the run has clients 0 to {settings.clients.count - 1}")
    if not 1 <= from_round <= settings.rounds:
        raise ConfigError(f"--from-round {from_round}: the run has rounds 1 to {settings.rounds}")
    if fault := audit(folder).first:
        raise RunFolderError(f"{folder.path} was altered: round {fault.round} {fault.what}; `qfl audit` says more")
    entries = verified_entries(folder)
    updates = {number: entry.updates for number, entry in entries.items() if number >= from_round}
    accepted = {number: found[client] for number, found in sorted(updates.items()) if client in found}
    whole = Unlearning(client, from_round, accepted)
    if not accepted or (folder.path / "kept").exists():  # what clients kept after a round is not archived
        return whole
    last = min(accepted)
    archived = {number: path for number, path in folder.archived().items() if number < last and number in entries}
    digests = {number: folder.checkpoint_digest(path) for number, path in archived.items()}
    signed = [number for number, found in digests.items() if found == (number, entries[number].checkpoint)]
    base = max(signed, default=0)
    return replace(whole, base=base, checkpoint=archived[base] if base else None)


def rerun(folder: RunFolder, asked: Unlearning, new: Path, *, progress: bool | None = None) -> Run:
    """Return the run without the updates, in a folder of its own.

    Args:
        folder: The run's.
        asked: What `plan` returned.
        new: The new folder.
        progress: Whether rounds are shown as they are done; None shows them on a terminal.

    Raises:
        ConfigError: If the run was trained by deployed clients, or from objects in Python.
        RunFolderError: If there is a run in the new folder.
    """
    settings = _settings(folder, new)
    if (new / "run.json").exists():
        raise RunFolderError(f"{new} holds a run already; name another folder")
    prepare_keys(settings)
    enrol_asked(settings, [asked.client])
    revoke(new / "keys", asked.client, asked.from_round)
    if asked.checkpoint:
        _begun(folder, asked, settings, asked.checkpoint)
        done = run(new, resume=True, progress=progress)
    else:
        done = run(settings, folder=new, progress=progress)
    RunFolder(new).update(
        unlearned={
            "run": str(folder.path),
            "client": asked.client,
            "from_round": asked.from_round,
            "base": asked.base,
            "updates": {str(number): digest.hex() for number, digest in asked.accepted.items()},
        }
    )
    return done


def _settings(folder: RunFolder, new: Path) -> Settings:
    settings = Settings.from_flat(folder.settings)
    if settings.backend == "deployed":
        raise ConfigError(
            "the run was trained by clients on hosts of their own, who alone have their data; "
            "revoke the client with `qfl keys revoke` and begin a new `qfl deploy run`"
        )
    if folder.header.get("given"):
        raise ConfigError("the run trained objects of Python; begin it again from there, without the client")
    within = replace(settings.run, folder=str(new), resume=False)
    return replace(settings, run=within, security=replace(settings.security, keys=""))


def _begun(folder: RunFolder, asked: Unlearning, settings: Settings, checkpoint: Path) -> None:
    """Make a run folder that was interrupted after the round of a checkpoint."""
    new = Path(settings.run.folder)
    gone = ("final", "predictions", "uplink", "error", "roll_call")
    kept = {name: entry for name, entry in folder.header.items() if name not in gone}
    own = {"name": new.name, "settings": settings.to_flat(), "keys": str(new / "keys"), "uplink": None}
    made = RunFolder.create(new.name, kept | own | {"status": "interrupted", "run_id": secrets.token_hex(16)}, path=new)
    for table in ("clients", "rounds"):
        made.append(table, [row for row in folder.rows(table) if row["round"] <= asked.base])
    made.restore_checkpoint(checkpoint)
