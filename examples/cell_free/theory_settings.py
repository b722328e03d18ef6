"""What the study of the paper's theory is made of, read from a run file's flat keys."""

from dataclasses import dataclass
from typing import Any

from qfl.errors import ConfigError
from qfl.studies.request import Request
from qfl.wireless.cell_free.network import CellFree

NUMBERS = {"seeds": (1, 100), "draws": (2, 10_000), "trials": (10, 100_000)}
LISTS = {"layers": (1, 4), "neurons": (2, 5), "depths": (2, 64)}  # 20 qubits at most are simulated
MOST_USERS = 3  # Table III


@dataclass(frozen=True)
class Theory:
    """Sizes.

    Args:
        seeds: Of angles and channels.
        layers: N_layer of each circuit.
        neurons: N_neuron of each circuit, its access points.
        draws: Angles of a seed.
        trials: Channels of a seed, for rates.
        depths: N_neuron of circuits whose depth is counted.
    """

    seeds: tuple[int, ...]
    layers: tuple[int, ...]
    neurons: tuple[int, ...]
    draws: int
    trials: int
    depths: tuple[int, ...]


def settings_of(request: Request) -> Theory:
    """Return the settings that a request asks for.

    Raises:
        ConfigError: If a number is no whole one in its range, or a list is empty or holds one that is not.
    """
    asked: dict[str, Any] = request.asked
    faults = [
        f"{key} = {asked[key]}; give a whole number from {low} to {high}"
        for key, (low, high) in NUMBERS.items()
        if not _whole(asked[key], low, high)
    ]
    faults += [
        f"{key} = {asked[key]}; give a list of whole numbers from {low} to {high}"
        for key, (low, high) in LISTS.items()
        if not isinstance(asked[key], list) or not asked[key] or not all(_whole(n, low, high) for n in asked[key])
    ]
    if faults:
        raise ConfigError(faults)
    lists = {key: tuple(sorted(set(asked[key]))) for key in LISTS}
    seeds = tuple(range(request.seed, request.seed + asked["seeds"]))
    return Theory(seeds=seeds, draws=asked["draws"], trials=asked["trials"], **lists)


def network_of(neurons: int) -> CellFree:
    """Return Table III's network with so many access points, and no more users than these.

    Example:
        >>> network_of(2).num_users, network_of(4).num_users
        (2, 3)
    """
    return CellFree(num_aps=neurons, num_users=min(neurons, MOST_USERS))


def _whole(value: Any, low: int, high: int) -> bool:
    return type(value) is int and low <= value <= high
