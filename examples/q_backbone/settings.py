"""What a sweep of workloads is made of, read from a run file's flat keys."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from qfl.backbone.orchestration.instances import WorkloadSettings
from qfl.errors import ConfigError
from qfl.studies.request import Request


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
    given = asked_of(request)
    faults = [
        f"{key} = {given[key]!r}; give a list of {words}, such as {example}"
        for key, kind, low, words, example in (
            ("jobs", int, 1, "whole numbers from 1 on", "[2, 4, 8]"),
            ("coefficients", (int, float), 0.01, "numbers from 0.01 on", "[1.5, 3.0, 6.0]"),
        )
        if not (given[key] and all(isinstance(value, kind) and value >= low for value in given[key]))
    ]
    faults += [
        f"{key} = {given[key]}; give a number from {low} to {high}"
        for key, low, high in (
            ("seeds", 1, 1000),
            ("qpus", 1, 64),
            ("wires", 1, 3),
            ("setup-s", 0, 1e6),
            ("steps", 0, 1e7),
            ("processes", 0, 256),
        )
        if not low <= given[key] <= high
    ]
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


def asked_of(request: Request) -> Mapping[str, Any]:
    """Return a request's settings, in its quick form with those under ``[quick]`` in their places."""
    settings = request.settings
    quick = {key.removeprefix("quick."): value for key, value in settings.items() if key.startswith("quick.")}
    return {**settings, **quick} if request.quick else settings
