"""What the study of key distribution is made of, read from a run file's flat keys."""

from dataclasses import dataclass
from typing import Any

from qfl.errors import ConfigError
from qfl.studies.request import Request

RANGES = {
    "seeds": (1, 100),
    "pulses": (1000, 10**10),
    "photons": (1000, 10**9),
    "pairs": (1000, 10**10),
    "table-km": (0, 1000),
}


@dataclass(frozen=True)
class QkdStudy:
    """Sizes.

    Args:
        seeds: Exchanges of each kind.
        distances_km: Lengths of the links.
        pulses: Weak pulses of an exchange.
        photons: Single photons of an exchange.
        pairs: Entangled pairs of an exchange.
        table_km: Length at which every eavesdropper is tried.
    """

    seeds: tuple[int, ...]
    distances_km: tuple[float, ...]
    pulses: int
    photons: int
    pairs: int
    table_km: float


def settings_of(request: Request) -> QkdStudy:
    """Return the settings that a request asks for.

    Raises:
        ConfigError: If a number is out of range, or there are no distances.
    """
    asked: dict[str, Any] = request.asked
    faults = [
        f"{key} = {asked[key]}; give a number from {low} to {high}"
        for key, (low, high) in RANGES.items()
        if not low <= asked[key] <= high
    ]
    distances = asked["distances-km"]
    if not distances or not all(isinstance(km, int | float) and 0 <= km <= 1000 for km in distances):
        faults.append(f"distances-km = {distances}; give a list of numbers from 0 to 1000, such as [1, 10, 50]")
    if faults:
        raise ConfigError(faults)
    seeds = tuple(range(request.seed, request.seed + asked["seeds"]))
    distances_km, table_km = tuple(map(float, distances)), float(asked["table-km"])
    return QkdStudy(seeds, distances_km, asked["pulses"], asked["photons"], asked["pairs"], table_km)
