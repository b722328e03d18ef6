"""Where the command line meets its surroundings: streams that may be absent, signals, and errors of any kind.

An error that nobody foresaw is one sentence as well: what it is, and the line that raised it. To see the way there,
set the environment variable ``QFL_TRACEBACK=1``; a fault of ours is then a traceback as Python prints it.
"""

import errno
import os
import signal
import sys
import threading
import traceback
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from types import FrameType
from typing import Any

from qfl.errors import ConfigError, QflError, UserError
from qfl.printable import printable, printable_lines

TRACEBACK = "QFL_TRACEBACK"
MOST_LETTERS = 2000  # of one sentence
ENDINGS = (signal.SIGTERM, signal.SIGHUP)
REMEDIES = {
    errno.ENOSPC: "make room there, or name another place",
    errno.EDQUOT: "make room there, or name another place",
    errno.EROFS: "name a place that can be written",
    errno.EACCES: "see its permissions, or name another place",
    errno.EPERM: "see its permissions, or name another place",
    errno.ENAMETOOLONG: "give a shorter name",
    errno.EMFILE: "raise the limit on open files (ulimit -n)",
}


def open_streams() -> None:
    """Give every standard stream that is closed the null device, and let none fail over a letter that it cannot show.

    Else the next file to be opened would take the closed stream's number, and what is printed would go into it.
    """
    for number, name in enumerate(("stdin", "stdout", "stderr")):
        try:
            os.fstat(number)
        except OSError:
            os.open(os.devnull, os.O_RDWR)  # takes the lowest number that is free, which is this one
        if getattr(sys, name) is None:
            setattr(sys, name, open(number, "r+" if number == 0 else "w", encoding="utf-8", closefd=False))
        if number and hasattr(getattr(sys, name), "reconfigure"):
            getattr(sys, name).reconfigure(errors="backslashreplace")


def close_streams(code: int) -> int:
    """Write out what is still held back and return the exit code: the given one, or that of output that was lost."""
    try:
        sys.stdout.flush()
    except BrokenPipeError:
        mute(sys.stdout)
        code = 141
    except OSError as error:
        mute(sys.stdout)
        code = complain(f"cannot write the output ({error.strerror}); send it elsewhere", code or 1)
    with suppress(OSError, ValueError):
        sys.stderr.flush()
        return code
    mute(sys.stderr)
    return code


def mute(stream: Any) -> None:
    """Let a stream whose reader has gone end in the null device, so that Python's exit does not fail over it."""
    with suppress(OSError, ValueError):
        os.dup2(os.open(os.devnull, os.O_WRONLY), stream.fileno())


class Ending:
    """What ended the command from outside: the number of a signal, 0 if none did."""

    number = 0

    def __call__(self, number: int, _frame: FrameType | None) -> None:
        """Take a signal as Ctrl-C is taken: whatever is held is let go on the way out."""
        self.number = number
        raise KeyboardInterrupt

    def code(self, code: int) -> int:
        """Return the exit code that a shell expects, such as 143 after SIGTERM."""
        return 128 + self.number if self.number else code


@contextmanager
def ending_signals() -> Iterator[Ending]:
    """Take SIGTERM and SIGHUP as Ctrl-C is taken, unless the caller ignores them (``nohup``)."""
    ending, kept = Ending(), {}
    if threading.current_thread() is threading.main_thread():
        kept = {number: signal.getsignal(number) for number in ENDINGS}
        kept = {number: handler for number, handler in kept.items() if handler is signal.SIG_DFL}
        for number in kept:
            signal.signal(number, ending)
    try:
        yield ending
    finally:
        for number, handler in kept.items():
            signal.signal(number, handler)


def answer(error: Exception) -> int:
    """Print what went wrong, a sentence for each fault, and return the exit code: 2 if the user can mend it, else 1."""
    if isinstance(error, QflError):
        return complain(error, 2 if isinstance(error, UserError) else 1)
    if os.environ.get(TRACEBACK):
        traceback.print_exception(error)
        return 1
    if isinstance(error, OSError) and error.errno:
        return complain(_about_file(error), 2)
    if isinstance(error, MemoryError):
        return complain(
            f"not enough memory{_detail(error)}; lower what the run is made of, or take a larger machine", 1
        )
    where = traceback.extract_tb(error.__traceback__)[-1]
    place = f"{Path(where.filename).name}:{where.lineno}"
    return complain(
        f"{type(error).__name__}{_detail(error)} ({place}), which nobody foresaw: a fault of qfl, or of a file that it "
        f"read; {TRACEBACK}=1 shows how it came about",
        1,
    )


def complain(fault: QflError | str, code: int) -> int:
    """Print one line for each fault on stderr, if anybody is there to read it, and return the code."""
    lines = (
        [printable(each, 10**6) for each in fault.faults] if isinstance(fault, ConfigError) else printable_lines(fault)
    )
    with suppress(OSError, ValueError):
        for line in lines or [type(fault).__name__]:
            print(f"qfl: {_shortened(line)}", file=sys.stderr, flush=True)
    return code


def _about_file(error: OSError) -> str:
    named = f"use {os.fsdecode(error.filename)!r}" if isinstance(error.filename, str | bytes) else "write the output"
    remedy = REMEDIES.get(error.errno or 0, "mend that, or name another place")
    return f"cannot {named} ({error.strerror}); {remedy}"


def _shortened(line: str) -> str:
    return line if len(line) <= MOST_LETTERS else f"{line[: MOST_LETTERS // 2]} ... {line[-MOST_LETTERS // 2 :]}"


def _detail(error: Exception) -> str:
    return f": {error}" if str(error) else ""
