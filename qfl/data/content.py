"""Which content a file has, without reading it each time it is asked for."""

import hashlib
import os
import time
from functools import lru_cache
from pathlib import Path

from qfl.errors import Damaged, DataError
from qfl.reading import plain_file

SETTLED_NS = 2_000_000_000  # longer than a tick of any file system's clock


def file_digest(path: Path) -> bytes:
    """Return the SHA-256 of a file's content.

    It is read again when its inode, size, time of modification or time of change differ; the last cannot be set by
    hand. A file that changed just now is always read, since the next change may bear the same time.

    Raises:
        DataError: If it cannot be read.

    Reference:
        Git, Documentation/technical/racy-git.txt.
    """
    try:
        found = os.stat(path)
        stamp = (found.st_dev, found.st_ino, found.st_size, found.st_mtime_ns, found.st_ctime_ns)
        settled = found.st_ctime_ns < time.time_ns() - SETTLED_NS
        return _digest(path, stamp) if settled else _digest.__wrapped__(path, stamp)
    except (OSError, Damaged) as error:
        why = error.strerror if isinstance(error, OSError) else f"it {error}"
        raise DataError(f"cannot read {path} ({why}); replace it, or change its permissions") from None


@lru_cache(maxsize=16)
def _digest(path: Path, stamp: tuple[int, ...]) -> bytes:
    with plain_file(path) as file:
        return hashlib.file_digest(file, "sha256").digest()
