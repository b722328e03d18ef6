"""The optional liboqs backend: Falcon, and ML-DSA several times faster.

`import oqs` without a usable shared library prints, waits five seconds, clones and compiles liboqs, and on failure
raises `SystemExit`. So nothing here imports it before `probe` has found a library of the wrapper's own version, and
`PYOQS_VERSION` is set to a word that makes an installation impossible even then. Without liboqs there is no signature
at all, never a simulated one.

The wrapper zero-pads short keys without a complaint; lengths are therefore checked here or by the caller.
"""

import ctypes
import importlib
import logging
import os
from collections.abc import Iterator
from ctypes.util import find_library
from dataclasses import dataclass
from functools import lru_cache
from importlib import metadata
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from qfl.errors import MissingExtra
from qfl.security.profiles import SignatureProfile
from qfl.security.reasons import rejection

REMEDY = (
    "install liboqs (https://github.com/open-quantum-safe/liboqs, built with -DBUILD_SHARED_LIBS=ON) where "
    "the loader or $OQS_INSTALL_PATH/lib finds it, and the checkout's extra `.[liboqs]` of the same minor version"
)


@dataclass(frozen=True)
class Probe:
    """What was found.

    Args:
        usable: True if `import oqs` would load a library of its own version.
        reason: Why not, in one sentence; empty if usable.
        path: The shared library that the wrapper would load.
        version: That library's version.
    """

    usable: bool
    reason: str = ""
    path: str = ""
    version: str = ""


def probe() -> Probe:
    """Return whether liboqs is usable, without importing its wrapper.

    The candidates and their order are those of liboqs-python 0.16.0.1, ``oqs._load_liboqs``: the first one that loads
    decides, because the wrapper would not look further either.
    """
    if find_spec("oqs") is None:
        return Probe(False, "the Python package liboqs-python is not installed")
    try:
        wrapper = metadata.version("liboqs-python")
    except metadata.PackageNotFoundError:
        return Probe(False, "a package named oqs is installed that is not liboqs-python")
    for path in _candidates():
        try:
            library = ctypes.CDLL(path)
        except OSError:
            continue
        return _judge(library, path, wrapper)
    return Probe(False, f"liboqs-python {wrapper} is installed, but no shared library liboqs was found")


def _candidates() -> Iterator[str]:
    for name in ("liboqs", "oqs"):
        if found := find_library(name):
            yield found
    root = Path(os.environ.get("OQS_INSTALL_PATH") or Path.home() / "_oqs")
    yield from (str((root / folder / "liboqs.so").absolute()) for folder in ("lib", "lib64"))


def _judge(library: ctypes.CDLL, path: str, wrapper: str) -> Probe:
    try:
        library.OQS_version.restype = ctypes.c_char_p
        version = library.OQS_version().decode()
        enabled = bool(library.OQS_SIG_alg_is_enabled(b"ML-DSA-65"))
    except AttributeError as error:
        return Probe(False, f"{path} is not liboqs ({error})", path)
    # The wrapper mirrors C structures: another minor version would read the wrong bytes.
    if version.split(".")[:2] != wrapper.split(".")[:2]:
        return Probe(False, f"liboqs {version} and liboqs-python {wrapper} differ in minor version", path, version)
    if not enabled:
        return Probe(False, f"liboqs {version} was built without ML-DSA", path, version)
    return Probe(True, "", path, version)


def generate(profile: SignatureProfile) -> tuple[bytes, bytes]:
    """Return a new public key and its expanded secret key.

    Raises:
        MissingExtra: If liboqs is not usable or lacks the algorithm.
    """
    with _mechanism(profile) as mechanism:
        return mechanism.generate_keypair(), mechanism.export_secret_key()


def sign(profile: SignatureProfile, secret: bytes, message: bytes) -> bytes:
    """Return a signature with an empty context string.

    Args:
        profile: The algorithm.
        secret: The expanded secret key, as long as the profile says.
        message: What is signed.

    Raises:
        ValueError: If the secret key has the wrong length.
        MissingExtra: If liboqs is not usable or lacks the algorithm.
    """
    if len(secret) != profile.secret_bytes:
        raise ValueError(
            f"a secret key of {profile.name} in liboqs has {profile.secret_bytes} bytes, not {len(secret)}"
        )
    with _mechanism(profile, secret) as mechanism:
        return mechanism.sign(message)


def verify(profile: SignatureProfile, public: bytes, signature: bytes, message: bytes, context: bytes) -> None:
    """Return if the signature holds; lengths are the caller's to check (`qfl.security.signing.verify`).

    Falcon's lengths vary, and liboqs verifies a signature also when it is filled up with zero bytes to the longest. Of
    the two encodings the short one counts, as it is made: the code of every coefficient ends in a bit 1 (specification
    1.2, section 3.11.2), so its last byte is not zero.

    Args:
        profile: The algorithm.
        public: The public key.
        signature: What `sign` made.
        message: The signed bytes.
        context: FIPS 204's context string, 0 to 255 bytes; Falcon has none.

    Raises:
        Rejection: ``signature-length`` for one that is filled up; ``bad-signature``, also for a context where the
            algorithm has none.
        MissingExtra: If liboqs is not usable or lacks the algorithm.
    """
    with _mechanism(profile) as mechanism:
        if not profile.fixed and signature[-1:] in (b"", b"\0"):
            raise rejection("signature-length", f"{profile.name} filled up with zero bytes")
        if context:
            with_context = mechanism.sig_with_ctx_support
            holds = with_context and mechanism.verify_with_ctx_str(message, signature, context, public)
        else:
            holds = mechanism.verify(message, signature, public)
    if not holds:
        raise rejection("bad-signature")


def _mechanism(profile: SignatureProfile, secret: bytes | None = None) -> Any:
    oqs = _wrapper()
    try:
        return oqs.Signature(profile.name, secret)
    except oqs.MechanismNotSupportedError as error:
        raise MissingExtra(f"this liboqs was built without {profile.name} ({error}); {REMEDY}") from None


@lru_cache
def _wrapper() -> Any:
    found = probe()
    if not found.usable:
        raise MissingExtra(f"liboqs is not usable: {found.reason}; {REMEDY}")
    os.environ["PYOQS_VERSION"] = "never-install"
    quiet = logging.root.manager.disable
    logging.disable(logging.INFO)  # the wrapper announces itself on stdout
    try:
        return importlib.import_module("oqs")
    except (Exception, SystemExit) as error:
        raise MissingExtra(f"liboqs is not usable: importing its wrapper failed ({error}); {REMEDY}") from None
    finally:
        logging.disable(quiet)
