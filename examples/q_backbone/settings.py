"""What a sweep of workloads is made of, read from a run file's flat keys."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from qfl.backbone.orchestration.instances import WorkloadSettings
from qfl.errors import ConfigError
from qfl.studies.request import Request

LIMITS = {
    "seeds": (1, 1000),
    "qpus": (1, 64),
    "wires": (1, 3),
    "setup-s": (0, 1_000_000),
    "steps": (0, 10_000_000),
    "processes": (0, 256),
}


@dataclass(frozen=True)
class Sweep:
    """Workloads to be drawn.

    Args:
        jobs: Loads.
        coefficients: Deadline coefficients.
        seeds: Seeds, from the request's on.
        workload: All else that is drawn.
        steps: Moves of the annealers; None for their own number.
        processes: At once; 0 takes the cores.
    """

    jobs: tuple[int, ...]
    coefficients: tuple[float, ...]
    seeds: tuple[int, ...]
    workload: WorkloadSettings
    steps: int | None
    processes: int


def sweep_of(request: Request) -> Sweep:
    """Return the sweep that a request's settings ask for.

    Raises:
        ConfigError: If a list is empty or holds what is no number, or a number is out of range.
    """
    given = request.asked
    faults = [
        f"{key} = {given[key]!r}; give a list of {words}, such as {example}"
        for key, kind, low, words, example in (
            ("jobs", int, 1, "whole numbers from 1 on", "[2, 4, 8]"),
            ("coefficients", (int, float), 0.01, "numbers from 0.01 on", "[1.5, 3.0, 6.0]"),
        )
        if not (given[key] and all(isinstance(value, kind) and value >= low for value in given[key]))
    ]
    faults += range_faults(given, LIMITS)
    if faults:
        raise ConfigError(faults)
    return Sweep(
        tuple(given["jobs"]),
        tuple(map(float, given["coefficients"])),
        tuple(range(request.seed, request.seed + given["seeds"])),
        WorkloadSettings(qpus=given["qpus"], wires=given["wires"], setup_s=float(given["setup-s"])),
        given["steps"] or None,
        given["processes"],
    )


def range_faults(given: Mapping[str, Any], limits: Mapping[str, tuple[float, float]]) -> list[str]:
    """Return a sentence for every setting that is out of its range."""
    return [
        f"{key} = {given[key]}; give a number from {low:g} to {high:g}"
        for key, (low, high) in limits.items()
        if not low <= given[key] <= high
    ]
