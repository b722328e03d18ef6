import numpy as np
from sklearn import datasets

from qfl.data.digits import load_digits


def test_training_and_test_set_together_are_all_digits_once_in_the_unit_interval():
    pixels, labels = datasets.load_digits(return_X_y=True)
    train, test = load_digits(seed=5)
    assert (len(train), len(test)) == (1437, 360)
    rows = np.column_stack([np.vstack([train.inputs, test.inputs]), np.concatenate([train.labels, test.labels])])
    expected = np.column_stack([pixels / 16, labels])
    assert sorted(map(tuple, rows)) == sorted(map(tuple, expected))
    assert train.inputs.min() == 0.0 and train.inputs.max() == 1.0


def test_every_label_gives_a_fifth_of_its_images_to_the_test_set():
    train, test = load_digits(seed=5)
    whole = np.bincount(train.labels) + np.bincount(test.labels)
    assert np.all(np.abs(np.bincount(test.labels) - whole / 5) <= 1)


def test_the_seed_decides_the_split():
    first, again, other = (load_digits(seed)[1].inputs for seed in (1, 1, 2))
    assert np.array_equal(first, again) and not np.array_equal(first, other)
