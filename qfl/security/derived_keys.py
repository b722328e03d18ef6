"""Clients' keys that are derived from one seed when they are first needed, for runs whose clients are all simulated.

A run that makes its own keys has every client's private half in its folder anyway. One seed there takes the place of a
file for each client, so a client that is never asked costs nothing; its key is enrolled when it is first asked
(`qfl.security.roster_blocks`) and is the same whenever it is derived again.
"""

import os
from pathlib import Path

from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from qfl.security.keyfile import read_secret, write_secret
from qfl.security.profiles import SignatureProfile
from qfl.security.signing import SEED_BYTES, Signer, from_seed

NAME = "clients.key"
LABEL = b"qfl/client-key/v1"


def make_seed(folder: Path) -> None:
    """Write a seed from the operating system's randomness into a key folder, readable by its owner alone."""
    write_secret(folder / NAME, os.urandom(SEED_BYTES))


def has_seed(folder: Path) -> bool:
    """Tell whether clients' keys of a folder can be derived."""
    return os.path.lexists(folder / NAME)


def derive(folder: Path, client: int, profile: SignatureProfile) -> Signer:
    """Return a client's key pair, that of xi = HKDF-SHA256(seed, info = (label, algorithm, client)).

    Args:
        folder: A key folder with a seed.
        client: Partition id, 0 or more.
        profile: Of an ML-DSA algorithm.

    Raises:
        KeyFolderError: If the seed cannot be read.
        MissingExtra: If the algorithm is not ML-DSA.

    Reference:
        RFC 5869 (HKDF), whose output, 32 bytes, is the seed xi of FIPS 204, algorithm 6 (ML-DSA.KeyGen_internal).

    Example:
        >>> import tempfile
        >>> from qfl.security.profiles import profile
        >>> with tempfile.TemporaryDirectory() as name:
        ...     make_seed(Path(name))
        ...     derive(Path(name), 7, profile("ML-DSA-44")) == derive(Path(name), 7, profile("ML-DSA-44"))
        True
    """
    info = b"\0".join((LABEL, profile.name.encode(), client.to_bytes(8, "big")))
    return from_seed(profile, HKDF(SHA256(), SEED_BYTES, None, info).derive(read_secret(folder / NAME)))
