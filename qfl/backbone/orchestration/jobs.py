"""What waits to be run: jobs, each a set of sub-circuits that the cuts of its circuit left, with a deadline."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from graphlib import CycleError, TopologicalSorter
from math import isfinite

from qfl.backbone.infrastructure.qpu import Qpu
from qfl.errors import ConfigError


@dataclass(frozen=True)
class Subcircuit:
    """A circuit that fits one QPU.

    Args:
        qubits: Its width.
        depth: Its layers.
        shots: How often it is to be run; may be split over QPUs and times.
        after: Positions, in its job, of the sub-circuits whose outcomes it needs: all their shots come first.
    """

    qubits: int
    depth: int
    shots: int
    after: tuple[int, ...] = ()


@dataclass(frozen=True)
class Job:
    """A cut circuit whose result is of use only before its deadline.

    Args:
        name: Its name, for people.
        deadline_s: When all of it, with reconstruction, must be done, in seconds from now.
        cuts: From the name of a way to cut the circuit to what it leaves; one of them is run.
        release_s: When it may begin.
        weight: What it is worth; 1 counts jobs.
        reconstruction_s: Seconds that putting the results together takes, after the last fragment.

    Raises:
        ConfigError: If a number is out of range, nothing is to be run, or the sub-circuits wait for one another in a
            circle.

    Example:
        >>> wire = (Subcircuit(8, 20, 900), Subcircuit(9, 30, 900, after=(0,)))
        >>> Job("a", deadline_s=2.0, cuts={"locc": wire}).order("locc")
        (0, 1)
    """

    name: str
    deadline_s: float
    cuts: Mapping[str, Sequence[Subcircuit]]
    release_s: float = 0.0
    weight: float = 1.0
    reconstruction_s: float = 0.0

    def __post_init__(self):
        if faults := [*self._number_faults(), *self._cut_faults()]:
            raise ConfigError(faults)

    def order(self, cut: str) -> tuple[int, ...]:
        """Return the sub-circuits of a cut in an order in which none waits for a later one."""
        return self._orders[cut]

    @property
    def last_end_s(self) -> float:
        """When the last fragment must have ended."""
        return self.deadline_s - self.reconstruction_s

    @cached_property
    def _orders(self) -> dict[str, tuple[int, ...]]:
        return {cut: _topological(subcircuits) for cut, subcircuits in self.cuts.items()}

    def _number_faults(self) -> list[str]:
        checks = (
            ("deadline_s", self.deadline_s, "above release_s", self.deadline_s > self.release_s),
            ("release_s", self.release_s, "of 0 or more", self.release_s >= 0),
            ("weight", self.weight, "above 0", self.weight > 0),
            ("reconstruction_s", self.reconstruction_s, "of 0 or more", self.reconstruction_s >= 0),
        )
        return [
            f"job {self.name!r}: {name} is {value:g}; give a finite number {wanted}"
            for name, value, wanted, holds in checks
            if not (holds and isfinite(value))
        ]

    def _cut_faults(self) -> list[str]:
        if not self.cuts or not all(self.cuts.values()):
            return [f"job {self.name!r} has no sub-circuit; give at least one for each way to cut"]
        return [fault for cut, subs in self.cuts.items() for fault in _subcircuit_faults(self.name, cut, subs)]


def _subcircuit_faults(job: str, cut: str, subcircuits: Sequence[Subcircuit]) -> list[str]:
    where, faults = f"job {job!r}, cut {cut!r}", []
    for index, sub in enumerate(subcircuits):
        if min(sub.qubits, sub.depth, sub.shots) < 1:
            faults.append(f"{where}: sub-circuit {index} is {sub}; give qubits, depth and shots from 1 on")
        if unknown := [i for i in sub.after if not 0 <= i < len(subcircuits)]:
            faults.append(f"{where}: sub-circuit {index} waits for {unknown}, which are not there")
    if not faults:
        try:
            _topological(subcircuits)
        except CycleError as error:
            circle = " -> ".join(map(str, error.args[1]))
            faults.append(f"{where}: sub-circuits wait for one another in a circle, {circle}; give a graph without one")
    return faults


def _topological(subcircuits: Sequence[Subcircuit]) -> tuple[int, ...]:
    """Return an order, stable: of those that may come next, the first."""
    sorter = TopologicalSorter({index: sub.after for index, sub in enumerate(subcircuits)})
    return tuple(sorter.static_order())


@dataclass(frozen=True)
class Workload:
    """Jobs, and the QPUs that share them.

    Args:
        qpus: At least one.
        jobs: In the order in which they came.
        latency_s: Seconds from the end of a fragment until whoever waits for its outcomes may begin.

    Raises:
        ConfigError: If there is no QPU, or the latency is negative.
    """

    qpus: tuple[Qpu, ...]
    jobs: tuple[Job, ...]
    latency_s: float = 0.0

    def __post_init__(self):
        if not self.qpus:
            raise ConfigError("the pool has no QPU; give at least one")
        if not (isfinite(self.latency_s) and self.latency_s >= 0):
            raise ConfigError(f"latency_s is {self.latency_s:g}; give a finite number of 0 or more")

    def eligible(self, sub: Subcircuit) -> tuple[int, ...]:
        """Return the positions of the QPUs that take a sub-circuit."""
        return tuple(m for m, qpu in enumerate(self.qpus) if qpu.takes(sub.qubits, sub.depth))
