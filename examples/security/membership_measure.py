"""What LiRA finds of one model of one seed, from the last model and from what single clients send."""

from typing import Any

import numpy as np
import torch
from numpy import ndarray

from qfl.seeds import stream
from qfl.testing.attacks.membership import confidence, judged, lira_scores
from qfl.testing.attacks.shadows import Shadows, Trained, train_shadows

from .federated import federation_of
from .membership_settings import MembershipStudy

Row = dict[str, Any]
LABELS = ("true", "drawn by chance")
VIEWS = ("last model", "a client's update")


def inferred(study: MembershipStudy, seed: int, model: str, labels: str) -> list[Row]:
    """Return a row for each view, with accuracies on what was trained on and on the rest of the pool.

    Args:
        study: Its sizes.
        seed: Of pool, halves and training.
        model: A name in ``study.models``.
        labels: One of `LABELS`; those drawn by chance can only be learned by heart.
    """
    shadows = _shadows(study, seed, model, labels)
    trained = train_shadows(shadows, seed)
    logits = _logits(shadows, trained.final)
    right = logits.argmax(-1).numpy() == shadows.labels
    about = {"seed": seed, "model": model, "entries": trained.final.shape[1], "labels": labels}
    about |= {"inside": float(right[trained.members].mean()), "outside": float(right[~trained.members].mean())}
    values = (confidence(logits, torch.from_numpy(shadows.labels)), _moved(shadows, trained))
    return [
        about | {"view": view} | _judged(found, trained.members, study.false_alarms)
        for view, found in zip(VIEWS, values, strict=True)
    ]


def _shadows(study: MembershipStudy, seed: int, model: str, labels: str) -> Shadows:
    own = federation_of(study.models[model] | {"clients.count": 10}, seed)
    data = own.samples.train  # pyright: ignore[reportAttributeAccessIssue]
    place = stream(seed, "pool").permutation(len(data))[: study.pool]
    given = data.labels[place]
    if labels != LABELS[0]:
        given = stream(seed, "pool labels").integers(int(data.labels.max()) + 1, size=study.pool)
    sizes = (study.federations, study.clients, study.rounds, study.steps, study.rate(model))
    return Shadows(own.model, data.inputs[place], given, *sizes)  # pyright: ignore[reportArgumentType]


def _logits(shadows: Shadows, angles: ndarray) -> torch.Tensor:
    """Return the logits of the whole pool, [model sample label]."""
    inputs = torch.from_numpy(shadows.inputs).float()
    with torch.no_grad():
        return shadows.model.logits(torch.from_numpy(angles).float(), inputs.expand(len(angles), *inputs.shape))


def _moved(shadows: Shadows, trained: Trained) -> ndarray:
    """Return by how much the client that may hold a sample raised the confidence in it, [federation sample]."""
    federations, clients, entries = trained.sent.shape
    labels = torch.from_numpy(shadows.labels)
    after = confidence(_logits(shadows, trained.sent.reshape(-1, entries)), labels)
    before = confidence(_logits(shadows, trained.broadcast), labels)
    place = np.arange(federations)[:, None] * clients + trained.holder
    return after[place, np.arange(after.shape[1])] - before


def _judged(values: ndarray, members: ndarray, false_alarms: float) -> Row:
    """Return area and share found, each federation attacked with the others as its shadows."""
    scores = [
        lira_scores(values[k], np.delete(values, k, axis=0), np.delete(members, k, axis=0)) for k in range(len(values))
    ]
    curve = judged(np.concatenate(scores), members.ravel(), false_alarms)
    return {"area": curve.area, "found": curve.found}
