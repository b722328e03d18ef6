"""Where a number came from: the source that ran, its libraries, and the machine.

Flower can run another checkout's clients without a word when two checkouts share its long-lived local SuperLink, so
every client stamps the digest of the source that it runs on its reply, and the server refuses any other.
"""

import hashlib
import os
import platform
from functools import lru_cache
from importlib import metadata
from pathlib import Path

import qfl
from qfl.shipped import running, sources

PACKAGES = (
    "flwr",
    "pennylane",
    "torch",
    "torchvision",
    "numpy",
    "cryptography",
    "cbor2",
    "dimod",
    "scikit-learn",
    "ray",
)


def source_digest() -> str:
    """Return the SHA-256 over the Python sources of library and app, wherever they lie (`qfl.shipped.sources`)."""
    return _digest(running())


@lru_cache
def _digest(app: Path) -> str:
    del app  # what it holds is read once
    digest = hashlib.sha256()
    for name, path in sorted(sources().items()):
        digest.update(name.encode() + b"\0")
        digest.update(hashlib.sha256(path.read_bytes()).digest())
    return digest.hexdigest()


def versions() -> dict[str, str]:
    """Return the versions of this package, of Python, and of the libraries that compute."""
    found = {"qfl": qfl.__version__, "python": platform.python_version()}
    for name in PACKAGES:
        try:
            found[name] = metadata.version(name)
        except metadata.PackageNotFoundError:
            continue
    return found


def host() -> dict[str, str | int]:
    """Return what kind of machine this is, without naming it."""
    return {"system": f"{platform.system()} {platform.machine()}", "cores": len(os.sched_getaffinity(0))}
