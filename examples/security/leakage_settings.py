"""What the study of leakage is made of, read from a run file's flat keys."""

from dataclasses import dataclass
from typing import Any

from qfl.studies.request import Request

from .ranges import in_ranges

NUMBERS = {
    "seeds": (1, 100),
    "side": (2, 4),
    "layers": (1, 200),
    "hidden": (1, 200),
    "rate": (1e-6, 10),
    "restarts": (1, 100),
    "evaluations": (2, 10_000),
}
LISTS = {"batches": (1, 64), "steps": (1, 50), "sums": (2, 50), "noise": (1e-9, 100), "shots": (1, 10**6)}


@dataclass(frozen=True)
class LeakageStudy:
    """Sizes.

    Args:
        seeds: Of data, angles, protections and the attacker.
        side: Pixels per side of a digit.
        layers: Of the circuits.
        hidden: Units of the perceptron.
        rate: Step size of the client.
        restarts: Starts of the attacker.
        evaluations: Of the update equations for each start.
        batches: Samples of the client.
        steps: Local steps.
        sums: Clients whose sum is seen.
        noise: Noise multipliers.
        shots: Of every circuit.
    """

    seeds: tuple[int, ...]
    side: int
    layers: int
    hidden: int
    rate: float
    restarts: int
    evaluations: int
    batches: tuple[int, ...]
    steps: tuple[int, ...]
    sums: tuple[int, ...]
    noise: tuple[float, ...]
    shots: tuple[int, ...]

    @property
    def models(self) -> dict[str, dict[str, Any]]:
        """The settings that make each model, by its name on the page."""
        circuit: dict[str, Any] = {"model.name": "vqc", "model.qubits": 4, "model.layers": self.layers}
        circuit |= {"model.ansatz": "strongly_entangling"}
        return {
            "re-uploading circuit": circuit | {"model.encoding": "reupload"},
            "amplitude circuit": circuit | {"model.encoding": "amplitude"},
            "perceptron": {"model.name": "mlp", "model.hidden": self.hidden},
        }


@dataclass(frozen=True)
class Case:
    """One thing that is attacked.

    Args:
        batch: Samples of each client.
        steps: Local steps.
        clients: Whose sum is seen.
        noise: Noise multiplier; 0 for none.
        shots: 0 for exact gradients.
    """

    batch: int = 1
    steps: int = 1
    clients: int = 1
    noise: float = 0.0
    shots: int = 0

    @property
    def protection(self) -> str:
        """Its name on the page."""
        if self.clients > 1:
            return f"sum of {self.clients} clients"
        if self.noise:
            return f"noise multiplier {self.noise:g}"
        return f"{self.shots:,} shots" if self.shots else "none"


def cases_of(study: LeakageStudy, model: str) -> list[Case]:
    """Return what is attacked of a model: each batch and number of steps bare, then each protection of one sample."""
    bare = [Case(batch, steps) for steps in study.steps for batch in study.batches]
    kept = [Case(clients=clients) for clients in study.sums] + [Case(noise=noise) for noise in study.noise]
    return bare + kept + ([Case(shots=shots) for shots in study.shots] if "circuit" in model else [])


def settings_of(request: Request) -> LeakageStudy:
    """Return the settings that a request asks for.

    Raises:
        ConfigError: If a number is out of range, or a list is empty or holds one that is.
    """
    asked = in_ranges(request.asked, NUMBERS, LISTS)
    own: dict[str, Any] = asked | {"seeds": tuple(range(request.seed, request.seed + asked["seeds"]))}
    return LeakageStudy(**own)
