"""The kit for data sets catches each kind of broken data set by the right sentence, and passes a sound one."""

from dataclasses import replace

import numpy as np
import pytest

from qfl.data.dataset import Dataset
from qfl.testing.kits import run
from qfl.testing.kits.dataset import checks

PIXELS = 4


def sound():
    random = np.random.default_rng(1)
    return tuple(
        Dataset(random.random((count, PIXELS)), np.arange(count) % 10, origin)
        for count, origin in ((20, "the training part"), (10, "the test part"))
    )


def with_train(**changes):
    def load():
        train, test = sound()
        return replace(train, **{name: change(getattr(train, name)) for name, change in changes.items()}), test

    return load


def leaking():
    train, test = sound()
    return train, replace(test, inputs=np.vstack([train.inputs[:1], test.inputs[1:]]))


def of_another_seed():
    random = np.random.default_rng()
    return tuple(replace(data, inputs=random.random(data.inputs.shape)) for data in sound())


KEPT = sound()


def poke(row, value):
    def change(inputs):
        inputs[row, 0] = value
        return inputs

    return change


BREAKS = {
    "too few": (with_train(inputs=lambda x: x[:7], labels=lambda y: y[:7]), "number of samples"),
    "a label too few": (with_train(labels=lambda y: y[:-1]), "number of samples"),
    "wide": (with_train(inputs=lambda x: np.hstack([x, x])), "number of samples"),
    "not a number": (with_train(inputs=poke(3, np.nan)), "finite doubles"),
    "bytes": (with_train(inputs=lambda x: 255 * x), "finite doubles"),
    "blank": (with_train(inputs=lambda x: 0 * x), "finite doubles"),
    "an eleventh label": (with_train(labels=lambda y: y + 1), "labels are whole numbers"),
    "a negative label": (with_train(labels=lambda y: y - 1), "labels are whole numbers"),
    "leaking": (leaking, "no test image"),
    "unseeded": (of_another_seed, "reading it again"),
    "one memory": (lambda: KEPT, "reading it again"),
    "nameless": (with_train(origin=lambda _: "the test part"), "where its samples are to be found"),
}


def test_a_sound_data_set_conforms():
    assert run(checks(sound, PIXELS, train=20, test=10)) == []


@pytest.mark.parametrize("name", BREAKS)
def test_a_broken_data_set_is_caught_by_the_sentence_that_it_breaks(name):
    load, sentence = BREAKS[name]
    found = run(checks(load, PIXELS, train=20, test=10))
    assert any(sentence in failure for failure in found), found


def test_a_manifest_that_counts_falsely_is_caught(monkeypatch):
    from qfl.testing.kits import dataset

    describe = dataset.describe
    monkeypatch.setattr(dataset, "describe", lambda *given: describe(*given) | {"unused": 0})
    (failure,) = run(checks(sound, PIXELS))
    assert failure.startswith("the manifest counts what clients hold")
