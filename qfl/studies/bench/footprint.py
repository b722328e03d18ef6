"""What a deployment's processes take: processor seconds and memory, of all that its pieces started (Linux)."""

import os
from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path
from typing import NamedTuple

TICKS_PER_S = os.sysconf("SC_CLK_TCK")


class Footprint(NamedTuple):
    """What processes have taken.

    Args:
        cpu_s: Processor seconds since each began, those of children that have ended and were waited for included.
        memory_mb: Memory in 10^6 bytes; a page that several processes share counts in parts (PSS).
    """

    cpu_s: float
    memory_mb: float


def footprint(leaders: Iterable[int]) -> Footprint:
    """Return what the processes of some sessions take, whoever their parents are by now.

    Args:
        leaders: Ids of processes that lead a session each, as every piece of a deployment does.

    Example:
        >>> found = footprint([os.getsid(0)])
        >>> found.cpu_s > 0 and found.memory_mb > 1
        True
    """
    sessions, cpu_s, memory_mb = set(leaders), 0.0, 0.0
    for folder in Path("/proc").glob("[0-9]*"):
        with suppress(OSError, ValueError, IndexError):  # one that has ended in the meantime
            fields = (folder / "stat").read_text().rpartition(")")[2].split()
            if int(fields[3]) in sessions:
                memory_mb += _proportional_kb(folder) * 1024 / 1e6
                cpu_s += sum(map(int, fields[11:15])) / TICKS_PER_S
    return Footprint(cpu_s, memory_mb)


def _proportional_kb(folder: Path) -> int:
    lines = (folder / "smaps_rollup").read_text().splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith("Pss:"))
