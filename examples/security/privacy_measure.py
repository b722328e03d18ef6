"""What one federation comes to with a budget, and how well shots alone hide one sample from another."""

import shutil
from collections.abc import Iterator
from math import isfinite
from pathlib import Path
from typing import Any

import numpy as np
import torch
from scipy.stats import binom

from qfl.api.run import run
from qfl.config import Settings
from qfl.models.vqc import Vqc
from qfl.results import RunFolder
from qfl.seeds import stream
from qfl.tasks.build import build

from .privacy_settings import PrivacyStudy

Row = dict[str, Any]
MECHANISMS = ("central", "distributed", "local")
LARGEST = 1e4  # epsilon above which nothing is asked any more


def cells(study: PrivacyStudy) -> Iterator[tuple[str, float]]:
    """Yield who adds noise and the budget of each federation of a seed; the first has neither."""
    yield "none", 0.0
    yield from ((mechanism, epsilon) for mechanism in MECHANISMS for epsilon in study.epsilons)


def settings(study: PrivacyStudy, seed: int, mechanism: str, epsilon: float) -> Settings:
    """Return the settings of a federation on the embedded digits, shared out evenly."""
    private = {"privacy.mechanism": mechanism, "privacy.delta": study.delta, "privacy.clip": study.clip}
    return Settings.from_flat(
        {
            "seed": seed,
            "rounds": study.rounds,
            "clients.count": study.clients,
            "data.partition": "iid",
            "model.layers": study.layers,
            "train.local-steps": study.local_steps,
            "train.learning-rate": study.learning_rate,
            "round.evaluate-every": study.rounds,
            "security.algorithm": "ML-DSA-44",
            "security.aggregation": "masked" if mechanism == "distributed" else "plain",
            **(private | {"privacy.epsilon": epsilon} if mechanism != "none" else {}),
        }
    )


def federation(study: PrivacyStudy, seed: int, mechanism: str, epsilon: float, folder: Path) -> Row:
    """Return the accuracy of a federation after its last round, the noise of an angle, and the epsilon spent."""
    if folder.exists():
        shutil.rmtree(folder)  # of a run that was interrupted
    run(settings(study, seed, mechanism, epsilon), folder=folder, progress=False)
    last = RunFolder(folder).rounds()[-1]
    private = last.get("privacy", {"epsilon": None, "noise_rad": 0.0})
    found = {"accuracy": last["accuracy"], "spent": private["epsilon"], "noise_rad": private["noise_rad"]}
    return {"seed": seed, "mechanism": mechanism, "epsilon": epsilon, **found}


def shots(study: PrivacyStudy, seed: int) -> list[Row]:
    """Return how far apart counts of shots are, for pairs of samples of different digits, at the model's first angles.

    A client that holds one sample measures one expectation value of it; another sample in its place gives another
    probability of each outcome. Both laws of the count are binomial, so what is returned is exact, not sampled.
    """
    own = build(settings(study, seed, "none", 0.0))
    if not isinstance(own.model, Vqc):
        raise TypeError("the study's model is a circuit")
    chances = _chances(own, study.pairs, seed)
    rows = []
    for number in study.shots:
        advantage = [total_variation(number, *pair) for pair in chances]
        lost = [least_epsilon(number, *pair, study.delta) for pair in chances]
        rows += [
            {"seed": seed, "shots": number, "advantage": one, "epsilon": other if isfinite(other) else None}
            for one, other in zip(advantage, lost, strict=True)
        ]
    return rows


def total_variation(shots: int, chance: float, other: float) -> float:
    """Return the largest advantage in telling two probabilities apart by a count of shots, in [0, 1].

    Example:
        >>> total_variation(1, 0.9, 0.5)
        0.4
    """
    counts = np.arange(shots + 1)
    return round(float(np.abs(binom.pmf(counts, shots, chance) - binom.pmf(counts, shots, other)).sum() / 2), 12)


def least_epsilon(shots: int, chance: float, other: float, delta: float) -> float:
    r"""Return the least epsilon that a count of shots keeps at a delta, both ways; inf above `LARGEST`.

    .. math::
        \delta(\varepsilon) = \sum_n \max\big(0, P(n) - e^{\varepsilon} Q(n)\big)

    Args:
        shots: Of the count.
        chance: Of one outcome, of a sample.
        other: Of that outcome, of the sample in its place.
        delta: In (0, 1).

    Example:
        >>> least_epsilon(10, 1.0, 0.5, 1e-5), least_epsilon(10, 0.3, 0.3, 1e-5)
        (inf, 0.0)
    """
    counts = np.arange(shots + 1)
    law, second = (binom.logpmf(counts, shots, each) for each in (chance, other))
    return max(_one_way(law, second, delta), _one_way(second, law, delta))


def _one_way(law: np.ndarray, other: np.ndarray, delta: float) -> float:
    def exceeds(epsilon: float) -> bool:
        there = law > -np.inf
        excess = -np.expm1(np.minimum(epsilon + other[there] - law[there], 0.0))
        return float((np.exp(law[there]) * excess).sum()) > delta

    if not exceeds(0.0):
        return 0.0
    if exceeds(LARGEST):
        return float("inf")
    low, high = 0.0, LARGEST
    while high - low > 1e-6 * high:
        middle = (low + high) / 2
        low, high = (middle, high) if exceeds(middle) else (low, middle)
    return high


def _chances(own: Any, pairs: int, seed: int) -> list[tuple[float, float]]:
    """Return the probability that the first observable is +1, for pairs of training samples of different digits."""
    labels, draw = np.asarray(own.labels), stream(seed, "privacy", "pairs")
    first = draw.permutation(len(labels))[:pairs]
    second = [int(draw.choice(np.flatnonzero(labels != labels[place]))) for place in first]
    model, angles = own.model, torch.from_numpy(own.model.initial(seed)).to(own.dtype)
    with torch.no_grad():
        values = model.execute(model.circuit, angles[: model.circuit.num_angles], own.samples.inputs)[..., 0]
    chance = ((1 + values.double().numpy()) / 2).clip(0.0, 1.0)
    return [(float(chance[one]), float(chance[other])) for one, other in zip(first, second, strict=True)]
