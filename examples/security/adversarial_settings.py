"""What the study of adversarial inputs is made of, read from a run file's flat keys."""

from dataclasses import dataclass
from typing import Any

from qfl.studies.request import Request

from .ranges import in_ranges

NUMBERS = {
    "seeds": (1, 100),
    "clients": (1, 1000),
    "layers": (1, 1000),
    "vqc-rounds": (0, 10_000),
    "vqc-rate": (0, 10),
    "mlp-rounds": (0, 10_000),
    "mlp-rate": (0, 10),
    "training-steps": (1, 1000),
    "steps": (1, 1000),
    "restarts": (1, 100),
    "samples": (10, 360),
}
LISTS = {"hidden": (1, 1000), "trained": (0, 1), "epsilons": (0.001, 1), "chords": (0.001, 2)}


@dataclass(frozen=True)
class AdversarialStudy:
    """Sizes.

    Args:
        seeds: Of data, training and random places.
        clients: That train, with equal shares.
        layers: Of the circuit.
        hidden: Units of each perceptron.
        vqc_rounds: Rounds of the circuit.
        vqc_rate: Step size of its clients' Adam.
        mlp_rounds: Rounds of the perceptrons.
        mlp_rate: Step size of their clients' Adam.
        trained: Values of ``train.adversarial``.
        training_steps: ``train.adversarial-steps``.
        epsilons: Largest changes of a pixel.
        chords: Longest chords of a turned state.
        steps: Of PGD.
        restarts: Random places.
        samples: Of the test set.
    """

    seeds: tuple[int, ...]
    clients: int
    layers: int
    hidden: tuple[int, ...]
    vqc_rounds: int
    vqc_rate: float
    mlp_rounds: int
    mlp_rate: float
    trained: tuple[float, ...]
    training_steps: int
    epsilons: tuple[float, ...]
    chords: tuple[float, ...]
    steps: int
    restarts: int
    samples: int

    @property
    def models(self) -> dict[str, dict[str, Any]]:
        """The settings that make each model, by its name on the page."""
        circuit: dict[str, Any] = {
            "model.name": "vqc",
            "model.layers": self.layers,
            "train.learning-rate": self.vqc_rate,
        }
        perceptron: dict[str, Any] = {"model.name": "mlp", "train.learning-rate": self.mlp_rate}
        return {"vqc": circuit} | {f"mlp-{units}": perceptron | {"model.hidden": units} for units in self.hidden}


def settings_of(request: Request) -> AdversarialStudy:
    """Return the settings that a request asks for.

    Raises:
        ConfigError: If a number is out of range, or a list is empty or holds one that is.
    """
    asked = in_ranges(request.asked, NUMBERS, LISTS)
    own: dict[str, Any] = asked | {"seeds": tuple(range(request.seed, request.seed + asked["seeds"]))}
    return AdversarialStudy(**own)
