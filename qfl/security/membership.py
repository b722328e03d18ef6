"""Who is in a key folder's roster: invited, enrolled, with a new key from a round on, revoked.

An applicant makes its key in its own folder and sends the public half with a proof of possession; the authority puts
the row into the roster and signs the next version. Changes of the roster hold a lock. The folder is `keystore`'s.
"""

import fcntl
import os
import secrets
import time
from collections.abc import Callable, Generator
from contextlib import contextmanager
from pathlib import Path

from qfl.errors import Damaged, KeyFolderError, Rejection
from qfl.reading import read_bytes
from qfl.results import write_atomically
from qfl.security import enrolment
from qfl.security import roster as rosters
from qfl.security.applications import MAX_NUMBER
from qfl.security.enrolment import prove_possession
from qfl.security.keyfile import lock, write_secret
from qfl.security.keystore import MAX_EXAMPLES, authority_key, load_roster, load_signer, secret_path, stored
from qfl.security.outside_git import keep_out
from qfl.security.profiles import profile
from qfl.security.roster import Roster, RosterRow, sign_roster
from qfl.security.signing import decode_key, generate

INVITATION_DAYS, NONCE_BYTES, TIME_BYTES = 7, 32, 8


def invite(folder: str | Path, client: int, days: float = INVITATION_DAYS) -> bytes:
    """Return a nonce for an applicant, to be used once and handed over out of band; a second call replaces it.

    Args:
        folder: The authority's key folder.
        client: Partition id.
        days: Until the nonce is good for nothing.

    Raises:
        KeyFolderError: If there is no such client or folder.
    """
    folder = Path(folder)
    authority_key(folder)
    _require("client", client)
    (folder / "invitations").mkdir(mode=0o700, exist_ok=True)
    nonce, expires = secrets.token_bytes(NONCE_BYTES), int(time.time() + days * 86400)
    write_atomically(folder / "invitations" / str(client), nonce + expires.to_bytes(TIME_BYTES, "big"))
    return nonce


def apply(
    folder: str | Path,
    client: int,
    nonce: bytes,
    algorithm: str = "ML-DSA-65",
    passphrase: str | None = None,
    node: bytes = b"",
) -> tuple[bytes, bytes]:
    """Make a client's key in its own folder; return the public key (COSE_Key) and the proof to send to the authority.

    Args:
        folder: The client's own.
        client: Partition id.
        nonce: What `invite` returned.
        algorithm: Of the signatures.
        passphrase: Seals the key.
        node: The key of its SuperNode, which the proof then covers.

    Raises:
        KeyFolderError: If that client's key is there already.
    """
    _require("client", client)
    path, new = secret_path(Path(folder), client), not Path(folder).exists()
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    if new:
        keep_out(Path(folder))
    parameters = profile(algorithm)
    signer = generate(parameters, parameters.libraries[0])
    write_secret(path, stored(signer), lock(passphrase) if passphrase is not None else None)
    return signer.key.encode(), prove_possession(signer, client, nonce, node)


def enrol(
    folder: str | Path,
    client: int,
    public_key: bytes,
    proof: bytes,
    *,
    max_examples: int = MAX_EXAMPLES,
    not_before: int = 0,
    not_after: int | None = None,
    passphrase: str | None = None,
    node: bytes = b"",
    require: Callable[[], None] = lambda: None,
) -> Roster:
    """Take an invited client into the roster and return the new roster.

    Args:
        folder: The authority's key folder.
        client: Partition id.
        public_key: The COSE_Key that `apply` returned.
        proof: The proof that `apply` returned.
        max_examples: Largest number of examples the client may claim.
        not_before: First round in which the key counts.
        not_after: Last round in which it counts; None for no end.
        passphrase: The authority's.
        node: The key of its SuperNode, if the proof covers one.
        require: Called when the proof holds; raises what else speaks against the client.

    Raises:
        KeyFolderError: If the client is not invited or no longer, or key or proof are refused (the `Rejection` is its
            cause).
    """
    rounds = {"first round": not_before, "last round": not_before if not_after is None else not_after}
    for name, value in {"client": client, "largest number of examples": max_examples, **rounds}.items():
        _require(name, value)
    invitation = Path(folder) / "invitations" / str(client)

    def with_row(roster: Roster) -> Roster:
        nonce = _invitation(invitation, client)
        row = RosterRow(client, decode_key(public_key), max_examples, not_before, not_after)
        enrolled = enrolment.enrol(roster, row, proof, nonce, node)
        require()
        return enrolled

    roster = _change(folder, with_row, passphrase, f"client {client} is not enrolled")
    invitation.unlink()
    return roster


def _invitation(path: Path, client: int) -> bytes:
    """Return the nonce of an invitation that has not expired."""
    if not os.path.lexists(path):
        raise KeyFolderError(f"client {client} is not invited; invite it first and pass the token to it")
    try:
        content = read_bytes(path, NONCE_BYTES + TIME_BYTES)
    except Damaged as error:
        raise KeyFolderError(f"{path} {error}; delete it and invite client {client} again") from None
    nonce, expires = content[:NONCE_BYTES], int.from_bytes(content[NONCE_BYTES:], "big")
    if len(content) not in (NONCE_BYTES, NONCE_BYTES + TIME_BYTES):
        raise KeyFolderError(f"{path} holds {len(content)} bytes, which is no invitation; invite client {client} again")
    if expires <= time.time():  # also of those from before tokens expired, which hold no time
        since = time.strftime("%Y-%m-%d %H:%M UTC", time.gmtime(expires)) if len(content) > NONCE_BYTES else "long ago"
        raise KeyFolderError(f"the invitation of client {client} expired ({since}); invite it again")
    return nonce


def _require(name: str, value: int) -> None:
    """Refuse a number that a roster cannot hold: one that is signed into it could not be read again."""
    if not 0 <= value <= MAX_NUMBER:
        raise KeyFolderError(f"{name} {value}: expected a number from 0 to {MAX_NUMBER}")


def request_rotation(
    folder: str | Path, client: int, from_round: int, passphrase: str | None = None
) -> tuple[bytes, tuple[bytes, bytes]]:
    """Make a client's next key in its own folder; return the public key (COSE_Key) and the statement of both keys.

    Args:
        folder: The client's own folder, with its present key and the roster.
        client: Partition id.
        from_round: First round in which the new key counts.
        passphrase: The client's.

    Raises:
        KeyFolderError: If the client's present key is not there.
    """
    _require("round", from_round)
    folder = Path(folder)
    old = load_signer(folder, client, passphrase)
    new = generate(old.key.profile, old.key.profile.libraries[0])
    path = folder / "clients" / f"{client}-{new.key.thumbprint.hex()[:16]}.key"
    write_secret(path, stored(new), lock(passphrase) if passphrase is not None else None)
    return new.key.encode(), enrolment.request_rotation(old, new, client, from_round)


def rotate(
    folder: str | Path,
    client: int,
    public_key: bytes,
    proofs: tuple[bytes, bytes],
    from_round: int,
    *,
    passphrase: str | None = None,
) -> Roster:
    """Take a client's new key into the roster, from a round on, and return the new roster.

    Args:
        folder: The authority's key folder.
        client: Partition id.
        public_key: The COSE_Key that `request_rotation` returned.
        proofs: The statement that it returned, signed by the old key and by the new.
        from_round: First round in which the new key counts.
        passphrase: The authority's.

    Raises:
        KeyFolderError: If the client is not enrolled, its key is revoked, or the statement is not signed by both keys.
    """

    def with_key(roster: Roster) -> Roster:
        return enrolment.accept_rotation(roster, client, decode_key(public_key), from_round, proofs)

    return _change(folder, with_key, passphrase, f"the key of client {client} stays")


def retire(folder: str | Path, client: int, *, passphrase: str | None = None) -> Roster:
    """Drop a client's earlier keys, for runs to come: there, the latest counts from the first round on.

    Args:
        folder: The authority's key folder.
        client: Partition id.
        passphrase: The authority's.

    Raises:
        KeyFolderError: If the client is not enrolled.
    """
    return _change(folder, lambda roster: rosters.retire(roster, client), passphrase, "nothing is changed")


def revoke(folder: str | Path, client: int, from_round: int = 0, *, passphrase: str | None = None) -> Roster:
    """Revoke a client's key from a round on and return the new roster.

    Args:
        folder: The authority's key folder.
        client: Partition id.
        from_round: First round in which the key no longer counts; 0 for a key that was never to count.
        passphrase: The authority's.

    Raises:
        KeyFolderError: If the client is not enrolled.
    """
    _require("round", from_round)
    return _change(folder, lambda r: rosters.revoke(r, client, from_round), passphrase, "nothing is revoked")


def _change(folder: str | Path, change: Callable[[Roster], Roster], passphrase: str | None, failure: str) -> Roster:
    folder = Path(folder)
    with locked(folder):
        authority = load_signer(folder, "authority", passphrase)
        try:
            roster = change(load_roster(folder))
        except Rejection as error:
            raise KeyFolderError(f"{failure}: {error}") from error
        write_atomically(folder / "roster.cbor", sign_roster(roster, authority))
        write_atomically(folder / "roster.seen", b"%d" % roster.version)
    return roster


@contextmanager
def locked(folder: Path) -> Generator[None]:
    """Hold the lock of a key folder, under which its roster is changed."""
    authority_key(folder)
    handle = os.open(folder, os.O_RDONLY)
    try:
        fcntl.flock(handle, fcntl.LOCK_EX)
        yield
    finally:
        os.close(handle)
