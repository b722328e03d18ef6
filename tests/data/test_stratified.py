"""The samples that are held out are those that scikit-learn holds out, in its order, whatever the labels are like."""

import numpy as np
import pytest
from sklearn.model_selection import train_test_split

from qfl.data.stratified import stratified_split


@pytest.mark.parametrize("counts", [(20, 20), (3, 50, 7), (7, 7, 7, 7, 7, 7, 7), tuple(range(2, 14)), (178, 182, 177)])
@pytest.mark.parametrize("share", [0.2, 0.35, 0.5])
def test_the_split_is_scikit_learns(counts, share):
    for seed in (0, 1, 17, 2**32 - 1):
        labels = np.random.default_rng(seed).permutation(np.repeat(np.arange(len(counts)), counts))
        if min(np.ceil(share * len(labels)), np.floor((1 - share) * len(labels))) < len(counts):
            continue  # scikit-learn refuses fewer samples than labels
        places = np.arange(len(labels))
        expected = train_test_split(places, test_size=share, stratify=labels, random_state=seed)
        for found, wanted in zip(stratified_split(labels, share, seed), expected, strict=True):
            assert np.array_equal(found, wanted)
