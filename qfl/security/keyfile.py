"""One private key in one file that only its owner can read.

Without a passphrase the file is the secret itself: a 32-byte ML-DSA seed, or what liboqs keeps. With one, it is a CBOR
map with the secret sealed by AES-256-GCM under a key from Argon2id. (PKCS#8 as `cryptography` writes it derives the
key by 2,048 rounds of PBKDF2, which is too few for a passphrase.)
"""

import os
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

import cbor2
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.kdf.argon2 import Argon2id

from qfl.errors import Damaged, KeyFolderError, Rejection
from qfl.reading import plain_file
from qfl.security.cbor import decode
from qfl.security.reasons import rejection
from qfl.writing import write_new

PASSPHRASE = "QFL_PASSPHRASE"  # the environment variable, so that it is in no command line and no run file
MAGIC = b"qfl-key\x01"
SALT_BYTES = 16
NONCE_BYTES = 12
LONGEST_FILE = 16 * 1024  # liboqs' longest private and public key, sealed, have 7.5 kB
# RFC 9106, section 4, the second recommended option: 3 passes, 4 lanes, 64 MiB
PASSES, LANES, MEMORY_KIB = 3, 4, 64 * 1024


@dataclass(frozen=True)
class Lock:
    """A key that seals the secrets of one folder, with the salt it was derived with."""

    salt: bytes
    key: bytes


def passphrase_given() -> str | None:
    """Return the passphrase of the environment, or None."""
    return os.environ.get(PASSPHRASE) or None


def lock(passphrase: str) -> Lock:
    """Return a new lock; deriving it takes about 0.2 s, so one serves all files that are written together."""
    salt = os.urandom(SALT_BYTES)
    return Lock(salt, _derive(passphrase, salt))


def write_secret(path: Path, secret: bytes, seal: Lock | None = None) -> None:
    """Write a secret into a new file of mode 0600, sealed if a lock is given.

    The file's name is part of what is sealed, so that two sealed files cannot be exchanged for one another.

    Args:
        path: A file that does not exist yet.
        secret: A 32-byte seed, or what liboqs keeps.
        seal: What `lock` returned; None leaves the secret unsealed.

    Reference:
        NIST SP 800-38D (AES-GCM), with 96-bit random nonces (section 8.2.2).

    Raises:
        KeyFolderError: If the file exists already.
    """
    content = secret
    if seal is not None:
        nonce = os.urandom(NONCE_BYTES)
        sealed = AESGCM(seal.key).encrypt(nonce, secret, path.name.encode())
        content = MAGIC + cbor2.dumps([seal.salt, nonce, sealed])
    try:
        write_new(path, content, 0o600)
    except FileExistsError:
        raise KeyFolderError(f"{path} exists already; a private key is never overwritten") from None


def read_secret(path: Path, passphrase: str | None = None) -> bytes:
    """Return the secret of a file; the inverse of `write_secret`.

    Raises:
        KeyFolderError: If the file is absent, is readable by others, needs a passphrase, or the passphrase is wrong.
    """
    try:
        with plain_file(path) as file:
            content, mode = file.read(LONGEST_FILE + 1), os.fstat(file.fileno()).st_mode & 0o777
    except Damaged as error:
        raise KeyFolderError(f"cannot read private key {path}: it {error}; make one with `qfl keys`") from None
    if len(content) > LONGEST_FILE:
        raise KeyFolderError(f"{path} is no private key: it has more than {LONGEST_FILE} bytes")
    if mode & 0o077:
        raise KeyFolderError(f"private key {path} has mode {mode:04o}, expected 0600; run chmod 600 on it")
    if not content.startswith(MAGIC):
        return content
    if passphrase is None:
        raise KeyFolderError(f"private key {path} is sealed; give its passphrase in {PASSPHRASE}")
    try:
        salt, nonce, sealed = _parts(content[len(MAGIC) :])
        return AESGCM(_derive(passphrase, salt)).decrypt(nonce, sealed, path.name.encode())
    except (InvalidTag, Rejection):
        raise KeyFolderError(f"the passphrase does not open {path}, or the file is damaged") from None


def _parts(content: bytes) -> tuple[bytes, bytes, bytes]:
    """Return salt, nonce and sealed secret; their lengths are checked before a key is derived, which takes a while."""
    match decode(content, "bad-seal", values=4, levels=1):
        case [bytes(salt), bytes(nonce), bytes(sealed)] if (len(salt), len(nonce)) == (SALT_BYTES, NONCE_BYTES):
            return salt, nonce, sealed
        case _:
            raise rejection("bad-seal", "it is not [salt, nonce, sealed]")


@lru_cache(maxsize=4)
def _derive(passphrase: str, salt: bytes) -> bytes:
    kdf = Argon2id(salt=salt, length=32, iterations=PASSES, lanes=LANES, memory_cost=MEMORY_KIB)
    return kdf.derive(passphrase.encode(errors="surrogateescape"))  # as the environment gave it
