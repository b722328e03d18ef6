"""What the study of membership is made of, read from a run file's flat keys."""

from dataclasses import dataclass
from typing import Any

from qfl.errors import ConfigError
from qfl.studies.request import Request

from .ranges import in_ranges

NUMBERS = {
    "seeds": (1, 100),
    "pool": (20, 1437),
    "federations": (4, 1000),
    "clients": (1, 100),
    "rounds": (1, 10_000),
    "steps": (1, 1000),
    "layers": (1, 1000),
    "hidden": (1, 1000),
    "vqc-rate": (0, 10),
    "mlp-rate": (0, 10),
    "false-alarms": (0.001, 0.5),
}


@dataclass(frozen=True)
class MembershipStudy:
    """Sizes.

    Args:
        seeds: Of pool, halves and training.
        pool: Digits.
        federations: Attacked in turn, the others its shadows.
        clients: Of each.
        rounds: Of each.
        steps: Local steps.
        layers: Of the circuit.
        hidden: Units of the perceptron.
        vqc_rate: Step size of the circuit's clients.
        mlp_rate: Of the perceptron's.
        false_alarms: Share of digits outside that may be accused.
    """

    seeds: tuple[int, ...]
    pool: int
    federations: int
    clients: int
    rounds: int
    steps: int
    layers: int
    hidden: int
    vqc_rate: float
    mlp_rate: float
    false_alarms: float

    @property
    def models(self) -> dict[str, dict[str, object]]:
        """The settings that make each model, by its name on the page."""
        return {
            "circuit": {"model.name": "vqc", "model.layers": self.layers},
            "perceptron": {"model.name": "mlp", "model.hidden": self.hidden},
        }

    def rate(self, model: str) -> float:
        """Return the clients' step size."""
        return self.vqc_rate if model == "circuit" else self.mlp_rate


def settings_of(request: Request) -> MembershipStudy:
    """Return the settings that a request asks for.

    Raises:
        ConfigError: If a number is out of range, or clients would hold nothing.
    """
    asked = in_ranges(request.asked, NUMBERS, {})
    if asked["pool"] // 2 < asked["clients"]:
        raise ConfigError(
            f"clients = {asked['clients']} share {asked['pool'] // 2} digits; give at most so many clients"
        )
    own: dict[str, Any] = asked | {"seeds": tuple(range(request.seed, request.seed + asked["seeds"]))}
    return MembershipStudy(**own)
