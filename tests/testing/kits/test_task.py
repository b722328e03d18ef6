"""The kit for tasks catches each kind of broken task by the right sentence; sound ones are in tests/tasks."""

from copy import copy
from dataclasses import replace

import numpy as np
import pytest
import torch

from qfl.config import Settings
from qfl.tasks.build import build
from qfl.tasks.classify import ClassifyTask
from qfl.testing.kits import run
from qfl.testing.kits.task import checks

SMALL = {"model.name": "logistic", "data.side": 2, "data.partition": "iid", "clients.count": 3, "precision": "double"}


@pytest.fixture(scope="module")
def federation():
    return build(Settings.from_flat(SMALL))


class Broken(ClassifyTask):
    def metrics(self, angles, batch):
        return self.spoilt(super().metrics(angles, batch), angles, batch)


class Remembering(Broken):
    calls = 0

    def spoilt(self, found, angles, batch):
        Remembering.calls += 1
        return found | {"loss": found["loss"] + 0.1 * Remembering.calls}


class Overwriting(Broken):
    def spoilt(self, found, angles, batch):
        batch.weight.mul_(0.5)
        return found


class Mixing(Broken):
    def spoilt(self, found, angles, batch):
        return {name: value - value.mean() + 1 for name, value in found.items()}


class CountingPadding(Broken):
    def spoilt(self, found, angles, batch):
        return found | {"loss": found["loss"] * batch.weight.mean(-1)}


class Nameless(Broken):
    def spoilt(self, found, angles, batch):
        return {"loss": found["loss"]}


class Scalar(Broken):
    def spoilt(self, found, angles, batch):
        return found | {"loss": found["loss"].sum()}


class InPercent(Broken):
    def spoilt(self, found, angles, batch):
        return found | {"accuracy": 100 * found["accuracy"] + 2}


class Negative(Broken):
    def spoilt(self, found, angles, batch):
        return found | {"loss": found["loss"] - 100}


class FalseGradient(Broken):
    def spoilt(self, found, angles, batch):
        return found | {"loss": found["loss"] + 0.5 * (angles - angles.detach()).sum(-1)}


class ClassesInPercent(Broken):
    def spoilt(self, found, angles, batch):
        return found

    def evaluate(self, angles, batch):
        found, classes = super().evaluate(angles, batch)
        return found, [100.0 + value for value in classes]


BREAKS = {
    Remembering: "the loss is a pure function",
    Overwriting: "the loss is a pure function",
    Mixing: "many clients at once",
    CountingPadding: "padding does not count",
    Nameless: "a batch gives one finite loss",
    Scalar: "a batch gives one finite loss",
    InPercent: "within the task's range",
    Negative: "within the task's range",
    FalseGradient: "gradients of the loss",
    ClassesInPercent: "the central test",
}


@pytest.mark.parametrize("kind", BREAKS, ids=lambda kind: kind.__name__)
def test_a_broken_task_is_caught_by_the_sentence_that_it_breaks(kind, federation):
    task = kind(federation.model, federation.task.num_labels)
    found = run(checks(replace(federation, task=task)))
    assert any(BREAKS[kind] in failure for failure in found), found


class Deaf:
    """Samples that are announced, and not heard as they were announced."""

    def __init__(self, samples, said, move=0):
        self.samples, self.said, self.move = samples, said, move

    def take(self, index, weight):
        return self.samples.take(index + self.move, weight)

    def test(self):
        return self.samples.test()

    def announce(self):
        return self.said

    def receive_broadcast(self, announced):
        if not announced and not self.said.get("careless"):
            raise ValueError("nothing was announced")
        return Deaf(self.samples, self.said, 1 if self.said.get("moved") else 0)


def without_samples(federation):
    broken = copy(federation)
    object.__setattr__(broken, "samples", object())
    return broken


def with_parts(federation, change):
    return replace(federation, parts=tuple(change(list(federation.parts))))


def test_broken_samples_are_caught(federation):
    samples = federation.samples
    cases = [
        (without_samples(federation), "model, task and samples"),
        (with_parts(federation, lambda parts: [parts[0], parts[0], parts[2]]), "no sample is held twice"),
        (with_parts(federation, lambda parts: [parts[0], parts[1][:0], parts[2]]), "every client has samples"),
        (replace(federation, samples=Deaf(samples, {"moved": 1})), "what the server announces"),
        (replace(federation, samples=Deaf(samples, {"careless": 1})), "what the server announces"),
        (replace(federation, samples=Deaf(samples, {"array": np.zeros(2)})), "what the server announces"),
        (replace(federation, manifest={"clients": torch.tensor(3)}), "the manifest is plain values"),
    ]
    for broken, sentence in cases:
        found = run(checks(broken))
        assert any(sentence in failure for failure in found), (sentence, found)
    assert run(checks(replace(federation, samples=Deaf(samples, {"plain": 1})))) == []
