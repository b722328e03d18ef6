"""Samples that attackers have altered, and how far the model does with a test set what they want of it."""

from dataclasses import replace
from functools import lru_cache
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray

from qfl.data.dataset import Dataset
from qfl.errors import ConfigError
from qfl.federation.attacking.attack import KEY, Attack, attackers_of
from qfl.seeds import stream
from qfl.surroundings import own_arithmetic
from qfl.tasks.classify import ClassifyTask
from qfl.tasks.federation import Federation
from qfl.tasks.labelled import LabelledSamples, whole


@lru_cache(maxsize=2)
def poisoned(federation: Federation, attack: Attack) -> Federation:
    """Return the federation as attackers have it: with their own samples altered, the same ones in every round.

    Args:
        federation: Of a classification, where the attack is on samples.
        attack: One that leaves samples alone leaves the federation as it is.

    Raises:
        ConfigError: If the task has no samples with labels, or the attack gives none.
    """
    if attack.samples is None:
        return federation
    samples, _ = _labelled(federation)
    own = np.concatenate([federation.parts[client] for client in sorted(attackers_of(federation.settings))])
    inputs, labels = samples.train.inputs.copy(), samples.train.labels.copy()
    share = federation.settings.attack.poisoned
    inputs[own], labels[own] = altered(federation, attack, Dataset(inputs[own], labels[own]), share)
    return replace(federation, samples=replace(samples, train=Dataset(inputs, labels, samples.train.origin)))


def success(federation: Federation, attack: Attack, angles: NDArray) -> float | None:
    """Return the share of altered test samples that get the label which attackers want, of those it is not true of.

    All test samples are altered; those whose label that does not change are left out. Scored by the exact engine.

    Args:
        federation: Of a classification, where the attack is on samples.
        attack: One that leaves samples alone wants no label, which gives None.
        angles: The global angles.
    """
    if attack.samples is None:
        return None
    samples, _ = _labelled(federation)
    inputs, labels = altered(federation, attack, samples.held_out, 1.0)
    other = labels != samples.held_out.labels
    if not other.any():
        return None
    batch: Any = whole(Dataset(inputs[other], labels[other]), federation.dtype)
    with own_arithmetic(), torch.no_grad():
        found, _ = federation.task.evaluate(torch.from_numpy(np.asarray(angles)).to(federation.dtype), batch)
    return float(found[federation.metric.name])


def altered(federation: Federation, attack: Attack, data: Dataset, share: float) -> tuple[NDArray, NDArray]:
    """Return inputs and labels as attackers alter them.

    Args:
        federation: Says what there is to know of the data.
        attack: On samples.
        data: The samples.
        share: Of them, those to be altered.

    Raises:
        ConfigError: If the attack gives anything but as many samples and labels.
    """
    assert attack.samples is not None
    own, (samples, num_labels) = federation.settings.attack, _labelled(federation)
    found = attack.call(
        attack.samples,
        inputs=data.inputs,
        labels=data.labels,
        num_labels=num_labels,
        largest=float(samples.train.inputs.max()),
        poisoned=share,
        target=own.target,
        features=own.features,
        rng=stream(federation.settings.seed, "attack", "samples"),
    )
    shapes = [data.inputs.shape, data.labels.shape]
    if not (isinstance(found, tuple) and [np.shape(each) for each in found] == shapes):
        raise ConfigError(f"{KEY}: an attack on samples must return inputs and labels of shapes {shapes}")
    inputs, labels = np.asarray(found[0], data.inputs.dtype), np.asarray(found[1], data.labels.dtype)
    if not (np.isfinite(inputs).all() and ((labels >= 0) & (labels < num_labels)).all()):
        raise ConfigError(f"{KEY}: an attack on samples must return finite inputs and labels 0 to {num_labels - 1}")
    return inputs, labels


def _labelled(federation: Federation) -> tuple[LabelledSamples, int]:
    """Return the samples, and how many labels there are."""
    samples, task = federation.samples, federation.task
    if not isinstance(samples, LabelledSamples) or not isinstance(task, ClassifyTask):
        raise ConfigError(f"{KEY} alters samples with labels, and task = {federation.settings.task!r} has none")
    return samples, task.num_labels
