"""Attacks on samples: flipped labels and the trigger."""

import numpy as np
import pytest

from qfl.seeds import stream
from qfl.testing.attacks.samples import add_trigger, flip_labels

INPUTS, LABELS = stream(1, "samples").uniform(0, 0.9, (4000, 6)), np.arange(4000) % 10


def test_labels_flipped_twice_are_as_before_and_no_sample_changes():
    inputs, labels = flip_labels(INPUTS, LABELS, 10)
    assert inputs is INPUTS and np.all(labels + LABELS == 9)
    np.testing.assert_array_equal(flip_labels(INPUTS, labels, 10)[1], LABELS)


@pytest.mark.parametrize("share", [0.0, 0.3, 1.0])
def test_a_share_of_the_samples_has_the_trigger_and_its_label_and_the_others_are_as_before(share):
    kept = INPUTS.copy()
    inputs, labels = add_trigger(INPUTS, LABELS, stream(2, "t"), largest=1.0, target=7, features=2, poisoned=share)
    hit = np.all(inputs[:, -2:] == 1.0, axis=1)
    assert hit.mean() == pytest.approx(share, abs=0.03)
    np.testing.assert_array_equal(labels, np.where(hit, 7, LABELS))
    np.testing.assert_array_equal(inputs[:, :-2], INPUTS[:, :-2])
    np.testing.assert_array_equal(inputs[~hit], INPUTS[~hit])
    np.testing.assert_array_equal(INPUTS, kept)
