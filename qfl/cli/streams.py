"""Who may write where while something runs: stdout is for results alone."""

import os
import sys
import warnings
from collections.abc import Iterator
from contextlib import contextmanager

from qfl.printable import printable


@contextmanager
def stdout_to_stderr() -> Iterator[None]:
    """Send whatever libraries and worker processes print to stderr: stdout carries our result alone."""
    sys.stdout.flush()
    kept = os.dup(1)
    os.dup2(2, 1)
    try:
        yield
    finally:
        sys.stdout.flush()
        os.dup2(kept, 1)
        os.close(kept)


@contextmanager
def short_warnings() -> Iterator[None]:
    """Show a warning as one sentence, without the line of code that it comes from."""
    usual = warnings.formatwarning
    warnings.formatwarning = lambda message, *_, **__: f"qfl: note: {printable(message, 2000)}\n"
    try:
        yield
    finally:
        warnings.formatwarning = usual
