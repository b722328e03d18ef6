"""One process at a time changes a deployment's folder."""

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from qfl.errors import ConfigError


@contextmanager
def alone(folder: Path) -> Iterator[None]:
    """Hold a folder's lock; a process that is killed lets go of it.

    Raises:
        ConfigError: If another process holds it.
    """
    handle = os.open(folder, os.O_RDONLY)
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        os.close(handle)
        raise ConfigError(f"another `qfl deploy` is at work on {str(folder)!r}; wait for it, or stop it") from None
    try:
        yield
    finally:
        os.close(handle)
