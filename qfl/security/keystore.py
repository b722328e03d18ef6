"""A key folder: what `qfl keys new | list` and every run work on; who joins, rotates or leaves is `membership`.

::

    keys/                   mode 0700
        authority.pub       the authority's public key (COSE_Key); clients get it beforehand, out of band
        authority.key       its seed, 0600; may be kept elsewhere between changes of the roster
        server.key          the server's seed, 0600
        clients/7.key       one file per client, 0600; each belongs on its client's machine
        clients/7-9f3c.key  its next key, by the beginning of the key's thumbprint
        invitations/7       a nonce handed out to an applicant, used once
        roster.cbor         the signed roster
        enrolled/2.cbor     rows that were added to it, in a run that makes its own keys (`roster_blocks`)
        clients.key        what such a run derives its clients' keys from, 0600 (`derived_keys`)
        roster.seen         the highest roster version seen here

A client's own folder holds authority.pub, roster.cbor and its one key; the same functions work on it. Every file is
replaced atomically, and a change of the roster holds a lock. Keys come from the operating system's randomness, never
from the experiment's seed.
"""

import os
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from qfl.errors import Damaged, KeyFolderError, Rejection
from qfl.reading import read_bytes
from qfl.results import write_atomically
from qfl.security.derived_keys import NAME, derive, has_seed, make_seed
from qfl.security.envelope import ROSTER
from qfl.security.keyfile import Lock, lock, read_secret, write_secret
from qfl.security.outside_git import keep_out
from qfl.security.profiles import profile
from qfl.security.roster import Roster, RosterRow, open_roster, sign_roster
from qfl.security.roster_blocks import with_blocks
from qfl.security.signing import LONGEST_KEY, SEED_BYTES, PublicKey, Signer, decode_key, from_seed, generate
from qfl.writing import draft_of, write_new

Who = int | str  # a client's partition id, "server" or "authority"
MAX_EXAMPLES = 1_000_000
DAYS = 365
VERSION_BYTES = 20


def new(
    folder: str | Path,
    algorithm: str = "ML-DSA-65",
    clients: int = 0,
    *,
    max_examples: int | Sequence[int] = MAX_EXAMPLES,
    library: str = "cryptography",
    passphrase: str | None = None,
    days: int = DAYS,
    derived: bool = False,
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
        derived: Whether further clients' keys are derived when they are first asked (`derived_enrolment`).

    Raises:
        KeyFolderError: If the folder is not empty.
        ConfigError: If the algorithm is unknown.
        MissingExtra: If it needs liboqs and that is not usable.

    Example:
        >>> import tempfile
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
    with draft_of(folder) as draft:
        _fill(draft, roster, authority, server, others, lock(passphrase) if passphrase is not None else None)
        if derived:
            make_seed(draft)
    return roster


def load_roster(
    folder: str | Path, *, library: str = "cryptography", now: float | None = None, content: bytes | None = None
) -> Roster:
    """Return the folder's roster, verified under its authority's key and not older than the last one seen here.

    Args:
        folder: The key folder.
        library: What verifies the clients' signatures.
        now: Unix time in seconds; None reads the clock.
        content: What `roster_content` returned; None reads it.

    Raises:
        KeyFolderError: If there is no key folder, or the roster is refused (the `Rejection` is its cause).
    """
    folder = Path(folder)
    seen = folder / "roster.seen"
    try:
        known = int(seen_content(folder))
        sealed = roster_content(folder) if content is None else content
        authority = authority_key(folder)
        signed = open_roster(sealed, authority, min_version=known, now=now, library=library)
        roster = with_blocks(folder, signed, authority, now=now, library=library)
    except ValueError:
        raise KeyFolderError(f"{seen} is damaged; it holds the highest roster version seen, a whole number") from None
    except Rejection as error:
        raise KeyFolderError(f"the roster of {str(folder)!r} is refused: {error}") from error
    if signed.version > known and os.access(folder, os.W_OK):  # nobody replaces a roster in a read-only folder
        write_atomically(seen, b"%d" % signed.version)
    return roster


def seen_content(folder: Path) -> bytes:
    """Return the highest roster version seen here, as its file holds it; 0 where there is none.

    Raises:
        KeyFolderError: If it is no such file.
    """
    path = folder / "roster.seen"
    return _public_file(path, VERSION_BYTES) if os.path.lexists(path) else b"0"


def roster_content(folder: Path) -> bytes:
    """Return the signed roster of a key folder, as its file holds it.

    Raises:
        KeyFolderError: If there is none, or a file that is none.
    """
    return _public_file(folder / "roster.cbor", ROSTER.limit_bytes)


def _public_file(path: Path, most: int) -> bytes:
    if not os.path.lexists(path):
        raise KeyFolderError(f"{str(path.parent)!r} is no key folder; make one with `qfl keys new`")
    try:
        return read_bytes(path, most)
    except Damaged as error:
        raise KeyFolderError(f"{path} {error}; put the file of a `qfl keys` folder there") from None


def load_signer(folder: str | Path, who: Who, passphrase: str | None = None) -> Signer:
    """Return the private key of a client (its id), of ``"server"`` or of ``"authority"``.

    Args:
        folder: The key folder.
        who: A client's partition id, ``"server"`` or ``"authority"``.
        passphrase: What the key is sealed with; None if it is not.

    Raises:
        KeyFolderError: If it is absent, not the enrolled one, readable by others, or sealed with another passphrase.
    """
    return load_signers(folder, [who], passphrase)[who]


def load_signers(
    folder: str | Path,
    whose: Sequence[Who],
    passphrase: str | None = None,
    round_number: int | None = None,
    roster: Roster | None = None,
) -> dict[Who, Signer]:
    """Return several private keys, reading the roster and deriving the passphrase's key once.

    Of a client with several keys it is the one that counts in a round, or the latest.

    Args:
        folder: The key folder.
        whose: Partition ids, ``"server"``, ``"authority"``.
        passphrase: What the keys are sealed with; None if they are not.
        round_number: The round in which a client's key must count; None takes its latest.
        roster: The folder's, where it is known already.

    Raises:
        KeyFolderError: As `load_signer`.
    """
    folder = Path(folder)
    public = _public_keys(folder, whose, round_number, roster)
    return {who: _signer_of(folder, who, public[who], passphrase) for who in whose}


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
    keep_out(folder)
    (folder / "clients").mkdir(mode=0o700)
    named: dict[Who, Signer] = {"authority": authority, "server": server, **dict(enumerate(others))}
    for who, signer in named.items():
        write_secret(secret_path(folder, who), stored(signer), seal)
    write_new(folder / "authority.pub", authority.key.encode())
    write_new(folder / "roster.cbor", sign_roster(roster, authority))
    write_new(folder / "roster.seen", b"%d" % roster.version)


def authority_key(folder: Path) -> PublicKey:
    """Return the authority's public key.

    Raises:
        KeyFolderError: If there is no key folder, or the file is damaged.
    """
    content = _public_file(folder / "authority.pub", LONGEST_KEY)
    try:
        return decode_key(content)
    except Rejection as error:
        raise KeyFolderError(f"{folder / 'authority.pub'} is damaged: {error}") from error


def _public_keys(
    folder: Path, whose: Sequence[Who], round_number: int | None = None, roster: Roster | None = None
) -> dict[Who, PublicKey]:
    if set(whose) == {"authority"}:
        return {"authority": authority_key(folder)}  # also when the roster has expired: it must sign the next
    roster = roster or load_roster(folder)
    special: dict[Who, PublicKey] = {"authority": authority_key(folder), "server": roster.server}
    try:
        return {who: roster.row(who, round_number).key if isinstance(who, int) else special[who] for who in whose}
    except Rejection as error:
        raise KeyFolderError(f"{error}; enrol it, or ask for one of the clients of `qfl keys list`") from error


def _signer_of(folder: Path, who: Who, public: PublicKey, passphrase: str | None) -> Signer:
    path = secret_path(folder, who, public)
    if isinstance(who, int) and has_seed(folder) and not os.path.lexists(path):
        return _enrolled(derive(folder, who, public.profile), public, folder / NAME)
    return _signer(path, public, passphrase)


def _signer(path: Path, public: PublicKey, passphrase: str | None) -> Signer:
    stored = read_secret(path, passphrase)
    if len(stored) == SEED_BYTES:
        signer = from_seed(public.profile, stored)
    elif len(stored) == public.profile.secret_bytes + public.profile.public_bytes:
        split = public.profile.secret_bytes
        signer = Signer(PublicKey(public.profile, stored[split:], "liboqs"), stored[:split])
    else:
        raise KeyFolderError(f"{path} holds {len(stored)} bytes, which is no private key of {public.profile.name}")
    return _enrolled(signer, public, path)


def _enrolled(signer: Signer, public: PublicKey, path: Path) -> Signer:
    if signer.key != public:
        raise KeyFolderError(f"{path} is not the enrolled key; put the right file there, or enrol a new key")
    return signer


def stored(signer: Signer) -> bytes:
    """Return what a key file seals: the seed, or of liboqs, which gives none, the private and the public key."""
    return signer.secret if len(signer.secret) == SEED_BYTES else signer.secret + signer.key.raw


def secret_path(folder: Path, who: Who, key: PublicKey | None = None) -> Path:
    """Return the file of somebody's private key; where one of a client's keys has a file by its thumbprint, that.

    Args:
        folder: The key folder.
        who: A client's partition id, ``"server"`` or ``"authority"``.
        key: A client's public key, of which the beginning of the thumbprint may be in the file's name.
    """
    if not isinstance(who, int):
        return folder / f"{who}.key"
    rotated = folder / "clients" / f"{who}-{key.thumbprint.hex()[:16]}.key" if key else None
    return rotated if rotated and rotated.exists() else folder / "clients" / f"{who}.key"
