"""What the study of entangled aggregation is made of, read from a run file's flat keys."""

from dataclasses import dataclass
from typing import Any

from qfl.errors import ConfigError
from qfl.studies.request import Request

RANGES = {
    "seeds": (1, 100),
    "states": (2, 10**9),
    "trials": (10, 10_000),
    "federation": (4, 100),
    "angles": (2, 1000),
    "shots": (1, 10**6),
    "false-alarms": (0.001, 0.5),
}
LISTS = {"clients": (1, 1000), "depolarising": (0, 1), "transmittance": (0.001, 1)}


@dataclass(frozen=True)
class EntangledStudy:
    """Sizes.

    Args:
        seeds: Of all draws.
        clients: That share a state, one curve point each.
        states: Made for one sum.
        trials: Sums, and federations, of each seed.
        depolarising: Of every qubit.
        transmittance: Of every qubit.
        federation: Clients of whom one tampers.
        angles: Of an update.
        shots: Of each swap test; check states of each client.
        false_alarms: Share of honest clients that a check may accuse.
    """

    seeds: tuple[int, ...]
    clients: tuple[int, ...]
    states: int
    trials: int
    depolarising: tuple[float, ...]
    transmittance: tuple[float, ...]
    federation: int
    angles: int
    shots: int
    false_alarms: float


def settings_of(request: Request) -> EntangledStudy:
    """Return the settings that a request asks for.

    Raises:
        ConfigError: If a number is out of range, or a list is empty or holds one that is.
    """
    asked: dict[str, Any] = request.asked
    faults = [
        f"{key} = {asked[key]}; give a number from {low} to {high}"
        for key, (low, high) in RANGES.items()
        if not low <= asked[key] <= high
    ]
    faults += [
        f"{key} = {asked[key]}; give a list of numbers from {low} to {high}"
        for key, (low, high) in LISTS.items()
        if not asked[key] or not all(isinstance(n, int | float) and low <= n <= high for n in asked[key])
    ]
    if faults:
        raise ConfigError(faults)
    lists = {key: tuple(asked[key]) for key in LISTS}
    numbers = {key.replace("-", "_"): asked[key] for key in RANGES if key != "seeds"}
    return EntangledStudy(seeds=tuple(range(request.seed, request.seed + asked["seeds"])), **lists, **numbers)
