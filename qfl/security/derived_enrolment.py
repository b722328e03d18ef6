"""Enrolment where nobody applies: a run that makes its own keys enrols its clients when they are first asked."""

from collections.abc import Callable, Iterable
from pathlib import Path

from qfl.errors import KeyFolderError, Rejection
from qfl.security.derived_keys import derive
from qfl.security.keyfile import write_secret
from qfl.security.keystore import MAX_EXAMPLES, load_signer, secret_path, stored
from qfl.security.membership import locked
from qfl.security.roster import Roster, RosterRow
from qfl.security.roster_blocks import add_block
from qfl.security.signing import PublicKey, Signer, generate


def enrol_derived(
    folder: str | Path, clients: Iterable[int], load: Callable[[], Roster], *, max_examples: int = MAX_EXAMPLES
) -> dict[int, Signer]:
    """Take clients into the roster whose keys the folder derives; return the private keys of those that are new.

    They need no invitation: a run that makes its own keys has all halves of them.

    Args:
        folder: The run's key folder.
        clients: Partition ids; those that are enrolled already are left as they are.
        load: Returns the folder's roster as it is now.
        max_examples: Largest number of examples that each may claim.

    Raises:
        KeyFolderError: If the folder derives no keys, or a key is refused.
    """
    folder = Path(folder)
    with locked(folder):
        roster = load()
        new = [client for client in clients if not roster.enrols(client)]
        if not new:
            return {}
        signers = {client: _first_key(folder, client, roster.server) for client in new}
        rows = tuple(RosterRow(client, signer.key, max_examples) for client, signer in signers.items())
        try:
            add_block(folder, roster, rows, load_signer(folder, "authority"))
        except Rejection as error:
            raise KeyFolderError(f"clients {new[:5]} are not enrolled: {error}") from error
    return signers


def _first_key(folder: Path, client: int, server: PublicKey) -> Signer:
    """Return a client's key: derived, or of liboqs, which derives none, made and written down."""
    if server.library == "cryptography":
        return derive(folder, client, server.profile)
    signer = generate(server.profile, server.library)
    path = secret_path(folder, client)
    path.unlink(missing_ok=True)  # of a run that was killed before the key was enrolled
    write_secret(path, stored(signer))
    return signer
