"""What a day of traffic is made of, read from a run file's flat keys."""

from dataclasses import dataclass

from qfl.errors import ConfigError
from qfl.studies.request import Request

from .settings import range_faults


@dataclass(frozen=True)
class Day:
    """A control loop over the hours of a day.

    Args:
        hours: Of the day, UTC, in the order in which they come.
        total_mbps: Of all demands, were it 14 h everywhere.
        paths: Per demand.
        reads: Of the annealer.
        blocks: That QAOA and its controls route anew.
        qubits: Of a block.
        draws: Per block.
        milp_s: Time limit of the exact reference.
        suite: Hours in which QAOA is asked to learn what it is worth.
        deadline_s: Of a decision.
        job_s: Declared latency of a block's quantum job.
        busy_s: Declared seconds of it in which the QPU is occupied; the rest is waiting.
        qpu_w: Declared watts of an occupied QPU, cryogenics and its host included.
        host_w: Declared watts of the processor that runs the classical method.
        seed: Of demands, blocks and draws.
        processes: At once; 0 takes the cores.
    """

    hours: tuple[int, ...]
    total_mbps: float
    paths: int
    reads: int
    blocks: int
    qubits: int
    draws: int
    milp_s: float
    suite: int
    deadline_s: float
    job_s: float
    busy_s: float
    qpu_w: float
    host_w: float
    seed: int
    processes: int


LIMITS = {
    "total-mbps": (1.0, 1e9),
    "paths": (1, 16),
    "reads": (1, 10_000),
    "blocks": (1, 10_000),
    "qubits": (2, 20),
    "draws": (1, 100_000),
    "milp-s": (0.1, 3600),
    "suite": (0, 24),
    "deadline-s": (0.001, 3600),
    "job-s": (0.001, 3600),
    "busy-s": (0.0, 3600),
    "qpu-w": (0.0, 1e7),
    "host-w": (0.0, 1e5),
    "processes": (0, 256),
}


def day_of(request: Request) -> Day:
    """Return the day that a request's settings ask for.

    Raises:
        ConfigError: If an hour is none or there twice, or a number is out of range.
    """
    given = request.asked
    hours = given["hours"]
    faults = range_faults(given, LIMITS)
    if not hours or any(type(hour) is not int or not 0 <= hour < 24 for hour in hours) or len({*hours}) < len(hours):
        faults.append(f"hours = {hours!r}; give a list of different whole numbers from 0 to 23, such as [8, 20]")
    if given["paths"] > given["qubits"]:
        faults.append(f"paths = {given['paths']} and qubits = {given['qubits']}; give as many qubits as paths, or more")
    if given["busy-s"] > given["job-s"]:
        faults.append(f"busy-s = {given['busy-s']} and job-s = {given['job-s']}; give a job no less than it is busy")
    if faults:
        raise ConfigError(faults)
    values = {key.replace("-", "_"): given[key] for key in LIMITS}
    return Day(hours=tuple(hours), seed=request.seed, **values)
