"""Addresses of UNIX sockets, which are short, for files that may lie deep."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

LONGEST_PATH = 100  # bytes of a UNIX socket's address; the kernel takes 107


@contextmanager
def socket_address(path: Path) -> Iterator[str]:
    """Give an address for a socket file that may lie deeper than an address can be long."""
    if len(os.fsencode(path)) <= LONGEST_PATH:
        yield str(path)
        return
    handle = os.open(path.parent, os.O_RDONLY)
    try:
        yield f"/proc/self/fd/{handle}/{path.name}"
    finally:
        os.close(handle)
