"""Fetch MNIST or Fashion-MNIST, or say soon and clearly that it cannot be had."""

import os
import socket
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from http.client import HTTPException
from pathlib import Path
from queue import Empty, SimpleQueue
from tempfile import TemporaryDirectory
from threading import Thread
from time import monotonic
from typing import TYPE_CHECKING
from urllib.request import urlopen

if TYPE_CHECKING:
    from torchvision.datasets import MNIST

ANSWER_S = 10.0  # how long all servers together have to answer
STALL_S = 30.0  # how long a transfer may stand still


def download(kind: "type[MNIST]", root: Path, names: Sequence[str]) -> None:
    """Fetch a data set through torchvision and place the named files under ``root``.

    Files arrive in a temporary folder, where torchvision compares their checksums, and are then moved whole: a kill
    leaves no half file behind.

    Args:
        kind: ``torchvision.datasets.MNIST`` or a subclass: its servers, checksums and folder name.
        root: The folder that torchvision calls root; made if absent, but only once a server has answered.
        names: The files wanted; others that are already there stay as they are.

    Raises:
        OSError: If no server answers, the transfer breaks off, a checksum differs, or the folder cannot be written.
    """
    mirrors = answering(kind.mirrors)
    if not mirrors:
        raise OSError(f"no server answered within {ANSWER_S:g} s")
    target = root / kind.__name__ / "raw"
    target.mkdir(parents=True, exist_ok=True)
    with TemporaryDirectory(dir=root, prefix=".download-") as folder, _socket_timeout(STALL_S):
        try:
            type(kind.__name__, (kind,), {"mirrors": mirrors})(folder, download=True)
        except (RuntimeError, EOFError, HTTPException) as error:
            raise OSError(" ".join(str(error).split())) from error
        for name in names:
            os.replace(Path(folder) / kind.__name__ / "raw" / name, target / name)


def answering(urls: Sequence[str], limit_s: float = ANSWER_S) -> list[str]:
    """Return the servers that answer at all within ``limit_s`` seconds, in the order given.

    Asked all at once, each by a thread that may be left behind: name lookups and connections to a silent network obey
    no overall limit of their own.
    """
    answers: SimpleQueue[tuple[str, bool]] = SimpleQueue()
    for url in urls:
        Thread(target=lambda url=url: answers.put((url, _answers(url, limit_s))), daemon=True).start()
    good, end = set[str](), monotonic() + limit_s
    for _ in urls:
        try:
            url, answered = answers.get(timeout=max(0.0, end - monotonic()))
        except Empty:
            break
        good |= {url} if answered else set()
    return [url for url in urls if url in good]


def _answers(url: str, limit_s: float) -> bool:
    try:
        urlopen(url, timeout=limit_s).close()
    except (OSError, HTTPException) as error:
        return hasattr(error, "code")  # an HTTP error, such as a folder that may not be listed, is an answer too
    return True


@contextmanager
def _socket_timeout(seconds: float) -> Iterator[None]:
    # torchvision opens its connections without a timeout, and offers no way to give one
    before = socket.getdefaulttimeout()
    socket.setdefaulttimeout(seconds)
    try:
        yield
    finally:
        socket.setdefaulttimeout(before)
