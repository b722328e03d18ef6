"""The kit for channels catches each kind of broken channel by the right sentence, and passes a sound one."""

from itertools import count

import numpy as np
import pytest
import torch

from qfl.testing.kits import run
from qfl.testing.kits.channel import checks

SHAPE = (3, 2)
CALLS = count()


def sound(seed, samples):
    return np.random.default_rng(seed).standard_exponential((samples, *SHAPE))


def with_hole(value):
    def draw(seed, samples):
        gain = sound(seed, samples)
        gain[0, 1, 1] = value
        return gain

    return draw


def of_torch(seed, samples):
    return torch.empty(samples, *SHAPE, dtype=torch.float64).exponential_().numpy()


def of_numpy(seed, samples):
    np.random.seed(seed)  # noqa: NPY002
    return np.random.standard_exponential((samples, *SHAPE))  # noqa: NPY002


def one_for_all(seed, samples):
    return np.repeat(sound(seed, 1), samples, axis=0)


BREAKS = {
    "flat": (lambda seed, samples: sound(seed, samples)[..., 0], "shape that is asked for"),
    "single": (lambda seed, samples: sound(seed, samples).astype(np.float32), "shape that is asked for"),
    "not a number": (with_hole(np.nan), "finite and above zero"),
    "zero": (with_hole(0.0), "finite and above zero"),
    "negative": (with_hole(-1e-9), "finite and above zero"),
    "unseeded": (lambda seed, samples: sound(next(CALLS), samples), "the same seed"),
    "constant": (lambda seed, samples: sound(0, samples), "another seed"),
    "one for all": (one_for_all, "samples are drawn afresh"),
    "torch's generator": (of_torch, "global generators"),
    "numpy's generator": (of_numpy, "global generators"),
    "as many": (lambda seed, samples: sound(seed + 100 * samples, samples), "a longer draw begins"),
}


def test_a_sound_channel_conforms():
    assert run(checks(sound, SHAPE, longer_begins_alike=True)) == []


@pytest.mark.parametrize("name", BREAKS)
def test_a_broken_channel_is_caught_by_the_sentence_that_it_breaks(name):
    draw, sentence = BREAKS[name]
    found = run(checks(draw, SHAPE, longer_begins_alike=True))
    assert any(sentence in failure for failure in found), found
