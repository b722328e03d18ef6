"""What becomes of damaged folders: read as they were, or refused in a sentence, and in time; else a fault."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

from qfl.errors import ConfigError, QflError
from qfl.seeds import stream
from qfl.testing.damage import damage, restored
from qfl.testing.mutations import LIMIT_S, timed

Read = Callable[[Path], Any]


def folder_faults(sound: Path, spoilt: Path, read: Read, count: int, limit_s: float = LIMIT_S) -> list[str]:
    """Return what became of every damaged folder that was neither read as it was nor refused in a sentence, in time.

    Args:
        sound: A folder that can be read.
        spoilt: Where its damaged copies are put, one after the other.
        read: Returns all that is made of a folder; None if that is nothing that could be compared.
        count: How many copies.
        limit_s: Processor time of one in seconds, beyond that of the sound folder: a page takes time to draw, too.
    """
    expected, faults = read(restored(sound, spoilt)), []
    limit_s += timed(lambda: read(spoilt), 0.0)[1]
    for number in range(count):
        restored(sound, spoilt)
        done = damage(stream(1, "fuzz", number), spoilt)
        fault = _fault(read, spoilt, expected, limit_s)
        faults += [f"{number}: {done}: {fault}"] if fault else []
    return faults


def _fault(read: Read, spoilt: Path, expected: Any, limit_s: float) -> str:
    said, seconds = timed(lambda: _said(read, spoilt, expected), limit_s)
    return said or ("" if seconds < limit_s else f"{seconds:.2f} s of processor time")


def _said(read: Read, spoilt: Path, expected: Any) -> str:
    try:
        return "" if read(spoilt) in (None, expected) else "goes on with other numbers"
    except QflError as error:
        sentences = error.faults if isinstance(error, ConfigError) else [str(error)]
        return "more than a sentence" if any("\n" in sentence for sentence in sentences) else ""
    except Exception as error:
        return f"{type(error).__name__}: {error}"[:200]
