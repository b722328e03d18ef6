import numpy as np
from sklearn import datasets
from sklearn.model_selection import train_test_split

from qfl.data.digits import load_digits
from qfl.seeds import stream


def test_training_and_test_set_together_are_all_digits_once_in_the_unit_interval():
    pixels, labels = datasets.load_digits(return_X_y=True)
    train, test = load_digits(seed=5)
    assert (len(train), len(test)) == (1437, 360)
    rows = np.column_stack([np.vstack([train.inputs, test.inputs]), np.concatenate([train.labels, test.labels])])
    expected = np.column_stack([pixels / 16, labels])
    assert sorted(map(tuple, rows)) == sorted(map(tuple, expected))
    assert train.inputs.min() == 0.0 and train.inputs.max() == 1.0


def test_they_are_those_that_scikit_learn_loads_and_splits():
    pixels, labels = datasets.load_digits(return_X_y=True)
    state = int(stream(5, "digits", "split").integers(2**32))
    inputs, held_out, kept, _ = train_test_split(
        pixels / 16, labels, test_size=0.2, stratify=labels, random_state=state
    )
    train, test = load_digits(seed=5)
    assert np.array_equal(train.inputs, inputs) and np.array_equal(test.inputs, held_out)
    assert np.array_equal(train.labels, kept)


def test_every_label_gives_a_fifth_of_its_images_to_the_test_set():
    train, test = load_digits(seed=5)
    whole = np.bincount(train.labels) + np.bincount(test.labels)
    assert np.all(np.abs(np.bincount(test.labels) - whole / 5) <= 1)


def test_the_seed_decides_the_split():
    first, again, other = (load_digits(seed)[1].inputs for seed in (1, 1, 2))
    assert np.array_equal(first, again) and not np.array_equal(first, other)
