"""What the study of differential privacy is made of, read from a run file's flat keys."""

from dataclasses import dataclass
from typing import Any

from qfl.errors import ConfigError
from qfl.studies.request import Request

from .ranges import in_ranges

RANGES = {
    "seeds": (1, 100),
    "rounds": (1, 1000),
    "clients": (4, 1000),
    "delta": (1e-12, 1e-3),
    "clip": (1e-3, 100),
    "layers": (1, 200),
    "local-steps": (1, 1000),
    "learning-rate": (1e-6, 10),
    "pairs": (1, 100_000),
}
LISTS = {"epsilons": (1e-3, 1e6), "shots": (1, 10**6)}


@dataclass(frozen=True)
class PrivacyStudy:
    """Sizes.

    Args:
        seeds: Of all draws.
        rounds: Of each federation.
        clients: Of each federation, all asked in every round.
        epsilons: Budgets that last for all rounds.
        delta: Of all budgets.
        clip: Longest movement of a client in a round, in rad.
        layers: Of the circuit.
        local_steps: Of a client in a round.
        learning_rate: Of clients.
        shots: By which one expectation value is known.
        pairs: Of samples that are told apart by shots.
    """

    seeds: tuple[int, ...]
    rounds: int
    clients: int
    epsilons: tuple[float, ...]
    delta: float
    clip: float
    layers: int
    local_steps: int
    learning_rate: float
    shots: tuple[int, ...]
    pairs: int


def settings_of(request: Request) -> PrivacyStudy:
    """Return the settings that a request asks for.

    Raises:
        ConfigError: If a number is out of range, or a list is empty or holds one that is.
    """
    asked = in_ranges(request.asked, RANGES, LISTS)
    faults: list[str] = []
    if not all(float(number).is_integer() for number in asked["shots"]):
        faults.append(f"shots = {list(asked['shots'])}; give whole numbers")
    if asked["delta"] >= 1 / asked["clients"]:
        faults.append(f"delta = {asked['delta']}; give less than 1 / clients")
    if faults:
        raise ConfigError(faults)
    own: dict[str, Any] = asked | {
        "seeds": tuple(range(request.seed, request.seed + asked["seeds"])),
        "epsilons": tuple(float(number) for number in asked["epsilons"]),
        "shots": tuple(int(number) for number in asked["shots"]),
    }
    return PrivacyStudy(**own)
