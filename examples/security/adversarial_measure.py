"""What one model of one seed gives: its accuracy under every attack and size of the perturbation."""

from typing import Any

import numpy as np
import torch

from qfl.seeds import stream
from qfl.tasks.adversarial import Box, Cap
from qfl.tasks.federation import Federation
from qfl.testing.attacks.adversarial import ATTACKS, robust_accuracy

from .adversarial_settings import AdversarialStudy
from .federated import federation_of, train

Row = dict[str, Any]
BALLS = {"pixels": Box, "state": Cap}


def accuracies(study: AdversarialStudy, seed: int, model: str, trained: float) -> list[Row]:
    """Return a row for each ball, attack and size, clean accuracy first.

    Args:
        study: Its sizes.
        seed: Of data, training and random places.
        model: A name in ``study.models``.
        trained: ``train.adversarial``.
    """
    given = study.models[model] | {"clients.count": study.clients, "train.optimizer": "adam"}
    given |= {"train.adversarial": trained, "train.adversarial-steps": study.training_steps}
    federation = federation_of(given, seed)
    angles = train(federation, study.vqc_rounds if model == "vqc" else study.mlp_rounds)
    about = {"seed": seed, "model": model, "entries": len(angles), "trained": trained}
    vector, batch = torch.from_numpy(angles).to(federation.dtype), _some(federation, study.samples, seed)
    rows: list[Row] = []
    for name, ball in BALLS.items():
        sizes = (0.0, *(study.epsilons if name == "pixels" else study.chords))
        for attack in ATTACKS:
            found = robust_accuracy(
                federation.task,  # pyright: ignore[reportArgumentType]  # a classifier's, by its settings
                vector,
                batch,
                ball,
                sizes,
                attack=attack,
                seed=seed,
                steps=study.steps,
                restarts=study.restarts,
            )
            rows += [
                about | {"ball": name, "attack": attack, "epsilon": size, "accuracy": accuracy}
                for size, accuracy in zip(sizes, found, strict=True)
            ]
    return rows


def _some(federation: Federation, samples: int, seed: int) -> Any:
    """Return some of the test set."""
    test = federation.test_batch
    place = np.sort(stream(seed, "attacked").permutation(len(test.labels))[:samples])
    return type(test)(*(part[torch.from_numpy(place)] for part in test))
