"""A key folder: what `qfl keys new | enrol | list | revoke` works on.

::

    keys/                   mode 0700
        authority.pub       the authority's public key (COSE_Key); clients get it beforehand, out of band
        authority.key       its seed, 0600; may be kept elsewhere between changes of the roster
        server.key          the server's seed, 0600
        clients/7.key       one file per client, 0600; each belongs on its client's machine
        clients/7-9f3c.key  its next key, by the beginning of the key's thumbprint
        invitations/7       a nonce handed out to an applicant, used once
        roster.cbor         the signed roster
        roster.seen         the highest roster version seen here

A client's own folder holds authority.pub, roster.cbor and its one key; the same functions work on it. Every file is
replaced atomically, and a change of the roster holds a lock. Keys come from the operating system's randomness, never
from the experiment's seed.
"""

import fcntl
import os
import secrets
import shutil
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from qfl.errors import KeyFolderError, Rejection
from qfl.results import write_atomically
from qfl.security import enrolment, registry
from qfl.security.enrolment import prove_possession
from qfl.security.keyfile import Lock, lock, read_secret, write_secret
from qfl.security.profiles import profile
from qfl.security.registry import Roster, RosterRow, open_roster, sign_roster
from qfl.security.signing import SEED_BYTES, PublicKey, Signer, decode_key, from_seed, generate

Who = int | str  # a client's partition id, "server" or "authority"
MAX_EXAMPLES = 1_000_000
DAYS = 365


def new(
    folder: str | Path,
    algorithm: str = "ML-DSA-65",
    clients: int = 0,
    *,
    max_examples: int | Sequence[int] = MAX_EXAMPLES,
    library: str = "cryptography",
    passphrase: str | None = None,
    days: int = DAYS,
) -> Roster:
    """Make a key folder with an authority, a server and clients 0, 1, 2, ... and return its roster.

    Args:
        folder: Must not exist, or be empty.
        algorithm: Of all keys; see `qfl.security.profiles`.
        clients: How many.
        max_examples: Largest number of examples a client may claim: one number, or one per client.
        library: ``"cryptography"`` or ``"liboqs"``.
        passphrase: Seals every private key.
        days: Until the roster expires.

    Raises:
        KeyFolderError: If the folder is not empty.
        ConfigError: If the algorithm is unknown.
        MissingExtra: If it needs liboqs and that is not usable.

    Example:
        >>> with tempfile.TemporaryDirectory() as folder:
        ...     len(new(folder, "ML-DSA-44", clients=3).rows)
        3
    """
    folder, parameters = Path(folder), profile(algorithm)
    bounds = [max_examples] * clients if isinstance(max_examples, int) else [int(bound) for bound in max_examples]
    if len(bounds) != clients:
        raise KeyFolderError(f"{len(bounds)} example bounds for {clients} clients; give one per client")
    if folder.exists() and any(folder.iterdir()):
        raise KeyFolderError(f"{str(folder)!r} is not empty; give a new folder, or enrol into this one")
    authority, server, *others = (generate(parameters, library) for _ in range(clients + 2))
    rows = tuple(RosterRow(k, s.key, bound) for k, (s, bound) in enumerate(zip(others, bounds, strict=True)))
    roster = Roster(1, int(time.time()) + days * 86400, server.key, rows)
    folder.parent.mkdir(parents=True, exist_ok=True)
    draft = Path(tempfile.mkdtemp(prefix=f".{folder.name}.", dir=folder.parent))  # mode 0700
    try:
        _fill(draft, roster, authority, server, others, lock(passphrase) if passphrase is not None else None)
        os.replace(draft, folder)
    except BaseException:
        shutil.rmtree(draft, ignore_errors=True)
        raise
    return roster


def load_roster(folder: str | Path, *, library: str = "cryptography", now: float | None = None) -> Roster:
    """Return the folder's roster, verified under its authority's key and not older than the last one seen here.

    Raises:
        KeyFolderError: If there is no key folder, or the roster is refused (the `Rejection` is its cause).
    """
    folder = Path(folder)
    seen = folder / "roster.seen"
    try:
        known = int(seen.read_text()) if seen.exists() else 0
        roster = open_roster(
            (folder / "roster.cbor").read_bytes(), _authority(folder), min_version=known, now=now, library=library
        )
    except OSError:
        raise KeyFolderError(f"{str(folder)!r} is no key folder; make one with `qfl keys new`") from None
    except ValueError:
        raise KeyFolderError(f"{seen} is damaged; it holds the highest roster version seen, a whole number") from None
    except Rejection as error:
        raise KeyFolderError(f"the roster of {str(folder)!r} is refused: {error}") from error
    if roster.version > known and os.access(folder, os.W_OK):  # nobody replaces a roster in a read-only folder
        write_atomically(seen, b"%d" % roster.version)
    return roster


def load_signer(folder: str | Path, who: Who, passphrase: str | None = None) -> Signer:
    """Return the private key of a client (its id), of ``"server"`` or of ``"authority"``.

    Raises:
        KeyFolderError: If it is absent, not the enrolled one, readable by others, or sealed with another passphrase.
    """
    return load_signers(folder, [who], passphrase)[who]


def load_signers(
    folder: str | Path, whose: Sequence[Who], passphrase: str | None = None, round_number: int | None = None
) -> dict[Who, Signer]:
    """Return several private keys, reading the roster and deriving the passphrase's key once.

    Of a client with several keys it is the one that counts in a round, or the latest.

    Raises:
        KeyFolderError: As `load_signer`.
    """
    folder = Path(folder)
    public = _public_keys(folder, whose, round_number)
    return {who: _signer(_secret_path(folder, who, public[who]), public[who], passphrase) for who in whose}


def invite(folder: str | Path, client: int) -> bytes:
    """Return a nonce for an applicant, to be used once and handed over out of band; a second call replaces it."""
    folder = Path(folder)
    _authority(folder)
    (folder / "invitations").mkdir(mode=0o700, exist_ok=True)
    nonce = secrets.token_bytes(32)
    write_atomically(folder / "invitations" / str(client), nonce)
    return nonce


def apply(
    folder: str | Path, client: int, nonce: bytes, algorithm: str = "ML-DSA-65", passphrase: str | None = None
) -> tuple[bytes, bytes]:
    """Make a client's key in its own folder; return the public key (COSE_Key) and the proof to send to the authority.

    Raises:
        KeyFolderError: If that client's key is there already.
    """
    path = _secret_path(Path(folder), client)
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    parameters = profile(algorithm)
    signer = generate(parameters, parameters.libraries[0])
    write_secret(path, _stored(signer), lock(passphrase) if passphrase is not None else None)
    return signer.key.encode(), prove_possession(signer, client, nonce)


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

    Raises:
        KeyFolderError: If the client is not invited, or key or proof are refused (the `Rejection` is its cause).
    """
    invitation = Path(folder) / "invitations" / str(client)

    def with_row(roster: Roster) -> Roster:
        if not invitation.is_file():
            raise KeyFolderError(f"client {client} is not invited; call invite first and pass the nonce to the client")
        row = RosterRow(client, decode_key(public_key), max_examples, not_before, not_after)
        return enrolment.enrol(roster, row, proof, invitation.read_bytes())

    roster = _change(folder, with_row, passphrase, f"client {client} is not enrolled")
    invitation.unlink()
    return roster


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
    folder = Path(folder)
    old = load_signer(folder, client, passphrase)
    new = generate(old.key.profile, old.key.profile.libraries[0])
    path = folder / "clients" / f"{client}-{new.key.thumbprint.hex()[:16]}.key"
    write_secret(path, _stored(new), lock(passphrase) if passphrase is not None else None)
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

    Raises:
        KeyFolderError: If the client is not enrolled, its key is revoked, or the statement is not signed by both keys.
    """

    def with_key(roster: Roster) -> Roster:
        return enrolment.accept_rotation(roster, client, decode_key(public_key), from_round, proofs)

    return _change(folder, with_key, passphrase, f"the key of client {client} stays")


def retire(folder: str | Path, client: int, *, passphrase: str | None = None) -> Roster:
    """Drop a client's earlier keys, for runs to come: there, the latest counts from the first round on.

    Raises:
        KeyFolderError: If the client is not enrolled.
    """
    return _change(folder, lambda roster: registry.retire(roster, client), passphrase, "nothing is changed")


def revoke(folder: str | Path, client: int, from_round: int = 0, *, passphrase: str | None = None) -> Roster:
    """Revoke a client's key from a round on and return the new roster.

    Raises:
        KeyFolderError: If the client is not enrolled.
    """
    return _change(folder, lambda r: registry.revoke(r, client, from_round), passphrase, "nothing is revoked")


def list_rows(folder: str | Path) -> list[dict[str, Any]]:
    """Return one row per enrolled client, ready to print.

    Raises:
        KeyFolderError: As `load_roster`.
    """
    return [
        {
            "client": row.client,
            "algorithm": row.key.profile.name,
            "kid": row.kid.hex(),
            "status": row.status,
            "revoked_from": row.revoked_from,
            "not_before": row.not_before,
            "not_after": row.not_after,
            "max_examples": row.max_examples,
        }
        for row in load_roster(folder).rows
    ]


def _fill(
    folder: Path, roster: Roster, authority: Signer, server: Signer, others: Sequence[Signer], seal: Lock | None
) -> None:
    (folder / "clients").mkdir(mode=0o700)
    named: dict[Who, Signer] = {"authority": authority, "server": server, **dict(enumerate(others))}
    for who, signer in named.items():
        write_secret(_secret_path(folder, who), _stored(signer), seal)
    (folder / "authority.pub").write_bytes(authority.key.encode())
    (folder / "roster.cbor").write_bytes(sign_roster(roster, authority))
    (folder / "roster.seen").write_text(str(roster.version))


def _change(folder: str | Path, change: Callable[[Roster], Roster], passphrase: str | None, failure: str) -> Roster:
    folder = Path(folder)
    with _locked(folder):
        authority = load_signer(folder, "authority", passphrase)
        try:
            roster = change(load_roster(folder))
        except Rejection as error:
            raise KeyFolderError(f"{failure}: {error}") from error
        write_atomically(folder / "roster.cbor", sign_roster(roster, authority))
        write_atomically(folder / "roster.seen", b"%d" % roster.version)
    return roster


@contextmanager
def _locked(folder: Path) -> Iterator[None]:
    _authority(folder)
    handle = os.open(folder, os.O_RDONLY)
    try:
        fcntl.flock(handle, fcntl.LOCK_EX)
        yield
    finally:
        os.close(handle)


def _authority(folder: Path) -> PublicKey:
    try:
        return decode_key((folder / "authority.pub").read_bytes())
    except OSError:
        raise KeyFolderError(f"{str(folder)!r} is no key folder; make one with `qfl keys new`") from None
    except Rejection as error:
        raise KeyFolderError(f"{folder / 'authority.pub'} is damaged: {error}") from error


def _public_keys(folder: Path, whose: Sequence[Who], round_number: int | None = None) -> dict[Who, PublicKey]:
    if set(whose) == {"authority"}:
        return {"authority": _authority(folder)}  # also when the roster has expired: it must sign the next
    roster = load_roster(folder)
    special: dict[Who, PublicKey] = {"authority": _authority(folder), "server": roster.server}
    try:
        return {who: roster.row(who, round_number).key if isinstance(who, int) else special[who] for who in whose}
    except Rejection as error:
        raise KeyFolderError(f"{error}; enrol it, or ask for one of the clients of `qfl keys list`") from error


def _signer(path: Path, public: PublicKey, passphrase: str | None) -> Signer:
    stored = read_secret(path, passphrase)
    if len(stored) == SEED_BYTES:
        signer = from_seed(public.profile, stored)
    elif len(stored) == public.profile.secret_bytes + public.profile.public_bytes:
        split = public.profile.secret_bytes
        signer = Signer(PublicKey(public.profile, stored[split:], "liboqs"), stored[:split])
    else:
        raise KeyFolderError(f"{path} holds {len(stored)} bytes, which is no private key of {public.profile.name}")
    if signer.key != public:
        raise KeyFolderError(f"{path} is not the enrolled key; put the right file there, or enrol a new key")
    return signer


def _stored(signer: Signer) -> bytes:
    return signer.secret if len(signer.secret) == SEED_BYTES else signer.secret + signer.key.raw


def _secret_path(folder: Path, who: Who, key: PublicKey | None = None) -> Path:
    """Return the file of somebody's private key; where one of a client's keys has a file by its thumbprint, that."""
    if not isinstance(who, int):
        return folder / f"{who}.key"
    rotated = folder / "clients" / f"{who}-{key.thumbprint.hex()[:16]}.key" if key else None
    return rotated if rotated and rotated.exists() else folder / "clients" / f"{who}.key"
