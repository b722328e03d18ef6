"""Write files so that a kill, a full disk, a power cut or another process leaves what was there, or the new, whole."""

import errno
import fcntl
import os
import secrets
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from qfl.errors import Damaged, RunFolderError
from qfl.reading import parse_json


def write_atomically(path: Path, content: bytes, mode: int = 0o666) -> None:
    """Replace a file so that a reader, a kill or a power cut sees or leaves the old content or the new, never a part.

    Args:
        path: The file.
        content: All of it.
        mode: Who may read and write it; the process's umask takes away from that.
    """
    name = path.parent / f".{path.name[:100]}.{secrets.token_hex(4)}"
    try:
        handle = os.open(name, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, mode)
        with os.fdopen(handle, "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        os.replace(name, path)
        _flush_folder(path.parent)
    except BaseException as error:
        name.unlink(missing_ok=True)
        if isinstance(error, OSError) and error.errno:
            error.filename, error.filename2 = str(path), None  # a full disk is named by no file at all
        raise


@contextmanager
def alone(path: str | Path) -> Iterator[Path]:
    """Hold a folder's lock, so that no other process writes into it; make the folder if there is none.

    The end of the process, however it comes, lets go of it.

    Raises:
        RunFolderError: If another process holds it, or there can be no such folder.
    """
    path = Path(path)
    handle = _locked(path)
    try:
        yield path
    finally:
        os.close(handle)


def _locked(path: Path) -> int:
    while True:
        try:
            path.mkdir(parents=True, exist_ok=True)
            handle = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
        except (OSError, ValueError) as error:
            why = error.strerror if isinstance(error, OSError) else error
            raise RunFolderError(f"cannot make the run folder {path} ({why}); name another") from None
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
            if os.path.samestat(os.stat(path), os.fstat(handle)):
                return handle
        except BlockingIOError:
            os.close(handle)
            raise RunFolderError(f"{path} is being written by another process; wait for it or stop it") from None
        except FileNotFoundError:
            pass
        os.close(handle)  # another process removed the folder, empty as it was, before it was locked


def append_lines(path: Path, content: bytes) -> None:
    """Append rows to a table and flush them to the disk; a part of a row that a kill left there is cut off first."""
    with _named(path), open(path, "a+b", buffering=0) as file:  # no buffer, which would try again when it is closed
        size = _whole_size(file)
        file.truncate(size)
        try:
            rest = memoryview(content)
            while rest:
                rest = rest[file.write(rest) :]
            os.fsync(file.fileno())
        except OSError:
            os.truncate(path, size)
            raise


def write_new(path: Path, content: bytes, mode: int = 0o666) -> None:
    """Write a file that is not there yet, whole or not at all.

    Args:
        path: Of the file.
        content: All of it.
        mode: Permissions, which the process's mask narrows.

    Raises:
        FileExistsError: If it is there.
    """
    with _named(path):
        handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, mode)
        try:
            with os.fdopen(handle, "wb") as file:
                file.write(content)
                file.flush()
                os.fsync(file.fileno())
        except BaseException:
            path.unlink(missing_ok=True)
            raise


@contextmanager
def draft_of(folder: Path) -> Iterator[Path]:
    """Give a folder of mode 0700 to fill, which takes the place of ``folder`` when all is written, or is removed."""
    with _named(folder):
        folder.parent.mkdir(parents=True, exist_ok=True)
        draft = Path(tempfile.mkdtemp(prefix=f".{folder.name[:100]}.", dir=folder.parent.resolve()))
        try:
            yield draft
            os.replace(draft, folder)
        except BaseException:
            shutil.rmtree(draft, ignore_errors=True)
            raise


@contextmanager
def _named(path: Path) -> Iterator[None]:
    """Let an error name the file that it is about, which that of a full disk does not."""
    try:
        yield
    except OSError as error:
        if error.errno:
            error.filename, error.filename2 = str(path), None
        raise


def _whole_size(file: Any) -> int:
    """Return the bytes of a table up to the end of its last whole row; a kill may have left a part of one."""
    size = file.seek(0, os.SEEK_END)
    if not size:
        return 0
    file.seek(-1, os.SEEK_END)
    if file.read() == b"\n":
        return size
    file.seek(0)
    content = file.read()
    begin = content.rfind(b"\n") + 1
    try:
        parse_json(content[begin:])
    except Damaged:
        return begin
    file.write(b"\n")
    return size + 1


def _flush_folder(folder: Path) -> None:
    handle = os.open(folder, os.O_RDONLY | os.O_CLOEXEC)
    try:
        os.fsync(handle)
    except OSError as error:
        if error.errno != errno.EINVAL:  # file systems that cannot
            raise
    finally:
        os.close(handle)
