"""What the study of attacks is made of, read from a run file's flat keys, and the run of each of its cells."""

from dataclasses import dataclass
from typing import Any

from qfl.config import Settings, Value
from qfl.errors import ConfigError
from qfl.specs import ATTACKS
from qfl.studies.request import Request

NOBODY = "none"
RANGES = {
    "seeds": (1, 100),
    "clients": (3, 1000),
    "share": (0.01, 0.49),
    "rounds": (1, 1000),
    "layers": (1, 200),
    "local-steps": (1, 1000),
    "batch-size": (1, 10_000),
    "learning-rate": (0.0001, 10),
    "alpha": (0.01, 1000),
    "validation": (0.01, 0.5),
}
DEFENCES = {
    "fedavg": "FedAvg",
    "masked": "FedAvg, masked",
    "median": "median",
    "trimmed-mean": "trimmed mean",
    "trimmed-circular-mean": "trimmed circular",
    "geometric-median": "geometric median",
    "meamed": "MeaMed",
    "krum": "Krum",
    "bulyan": "Bulyan",
    "norm-screen": "norm screen",
    "direction-screen": "direction screen",
    "fltrust": "FLTrust",
}
"""Strategies, and the sum of masked updates, with their names on the page."""
COUNTED = ("krum", "bulyan", "meamed")
TRIMMED = ("trimmed-mean", "trimmed-circular-mean")
NEIGHBOURS = 4  # of a client in a masked round


@dataclass(frozen=True)
class AttackStudy:
    """Sizes, and which attacks meet which defences.

    Args:
        seeds: Of all draws.
        attacks: Names of attacks; nobody's attack comes first by itself.
        defences: Names of defences.
        base: Settings that all runs share, by flat key.
    """

    seeds: tuple[int, ...]
    attacks: tuple[str, ...]
    defences: tuple[str, ...]
    base: dict[str, Value]

    def settings(self, seed: int, attack: str, defence: str, folder: str) -> Settings:
        """Return the settings of one run.

        Args:
            seed: Of the run.
            attack: A name, or that of nobody's.
            defence: A name.
            folder: Where the run goes.

        Raises:
            ConfigError: If the defence cannot be with so many clients.
        """
        flat = self.base | {"seed": seed, "run.folder": folder, **defended(defence, self.base)}
        if attack == NOBODY:
            return Settings.from_flat({key: value for key, value in flat.items() if key != "attack.share"})
        return Settings.from_flat(flat | {"attack.name": attack})


def defended(defence: str, base: dict[str, Value]) -> dict[str, Value]:
    """Return the settings of a defence, which knows how many attack where it has to be told.

    Args:
        defence: A name.
        base: Gives the number of clients, and the share that attacks.
    """
    if defence == "masked":
        return {
            "strategy.name": "fedavg",
            "security.aggregation": "masked",
            "security.neighbours": min(NEIGHBOURS, 2 * ((int(base["clients.count"]) - 1) // 2)),
        }
    share, count = float(base["attack.share"]), int(base["clients.count"])
    told: dict[str, Value] = {"strategy.byzantine": round(share * count)} if defence in COUNTED else {}
    return {"strategy.name": defence, **told, **({"strategy.trim": share} if defence in TRIMMED else {})}


def settings_of(request: Request) -> AttackStudy:
    """Return the settings that a request asks for.

    Raises:
        ConfigError: If a number is out of range, or a name is unknown or comes twice.
    """
    asked: dict[str, Any] = request.asked
    faults = [
        f"{key} = {asked[key]}; give a number from {low} to {high}"
        for key, (low, high) in RANGES.items()
        if not low <= asked[key] <= high
    ]
    for key, known in (("attacks", tuple(ATTACKS)), ("defences", tuple(DEFENCES))):
        names = asked[key]
        if not names or any(name not in known for name in names) or len(set(names)) < len(names):
            faults.append(f"{key} = {names}; give some of {', '.join(known)}, each once")
    if faults:
        raise ConfigError(faults)
    base: dict[str, Value] = {
        "clients.count": asked["clients"],
        "attack.share": float(asked["share"]),
        "rounds": asked["rounds"],
        "model.layers": asked["layers"],
        "train.local-steps": asked["local-steps"],
        "train.batch-size": asked["batch-size"],
        "train.learning-rate": float(asked["learning-rate"]),
        "data.partition": "dirichlet",
        "data.alpha": float(asked["alpha"]),
        "data.validation": float(asked["validation"]),
        "round.evaluate-every": asked["rounds"],
    }
    seeds = tuple(range(request.seed, request.seed + asked["seeds"]))
    study = AttackStudy(seeds, (NOBODY, *asked["attacks"]), tuple(asked["defences"]), base)
    for attack in study.attacks:
        for defence in study.defences:
            study.settings(1, attack, defence, "")
    return study
