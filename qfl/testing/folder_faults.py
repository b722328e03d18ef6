"""What becomes of damaged folders: read as they were, or refused in a sentence, and in time; else a fault."""

import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from qfl.errors import ConfigError, QflError
from qfl.seeds import stream
from qfl.testing.damage import damage, restored
from qfl.testing.mutations import LIMIT_S

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
    limit_s += min(_seconds(read, spoilt) for _ in range(3))
    for number in range(count):
        restored(sound, spoilt)
        done = damage(stream(1, "fuzz", number), spoilt)
        fault = ""
        for _ in range(3):  # a collection of garbage in between is not the reader's: the fastest of three counts
            start = time.process_time()
            fault = _fault(read, spoilt, expected)
            if (seconds := time.process_time() - start) < limit_s:
                break
        else:
            fault += f" {seconds:.2f} s"
        faults += [f"{number}: {done}: {fault}"] if fault else []
    return faults


def _seconds(read: Read, folder: Path) -> float:
    start = time.process_time()
    read(folder)
    return time.process_time() - start


def _fault(read: Read, spoilt: Path, expected: Any) -> str:
    try:
        return "" if read(spoilt) in (None, expected) else "goes on with other numbers"
    except QflError as error:
        sentences = error.faults if isinstance(error, ConfigError) else [str(error)]
        return "more than a sentence" if any("\n" in sentence for sentence in sentences) else ""
    except Exception as error:
        return f"{type(error).__name__}: {error}"[:200]
