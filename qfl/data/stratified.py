"""Samples held out in proportion to their labels, to the very samples that scikit-learn's own function holds out.

Why not that function: importing it takes a second of processor time, pandas with it, in every process of a run.
"""

import numpy as np
from jaxtyping import Int64
from numpy import ndarray


def stratified_split(
    labels: Int64[ndarray, " sample"], share: float, seed: int
) -> tuple[Int64[ndarray, " train"], Int64[ndarray, " test"]]:
    """Return the places of training samples and of held-out ones, each in a random order.

    Args:
        labels: Of the samples, from 0, each at least twice.
        share: Of the samples that are held out, above 0 and below 1; rounded up to whole samples.
        seed: From 0 to 2^32 - 1.

    Example:
        >>> train, test = stratified_split(np.array([0, 0, 0, 0, 1, 1]), 0.5, seed=3)
        >>> len(train), len(test)
        (3, 3)

    Reference:
        ``StratifiedShuffleSplit`` of scikit-learn 1.x, whose draws are repeated in their order.
    """
    draw = np.random.RandomState(seed)  # scikit-learn draws from numpy's old generator
    of_label = [np.flatnonzero(labels == label) for label in np.unique(labels)]
    counts = np.array([len(own) for own in of_label])
    held_out = int(np.ceil(share * len(labels)))
    kept = _in_proportion(counts, len(labels) - held_out, draw)
    given = _in_proportion(counts - kept, held_out, draw)
    train, test = [], []
    for own, first, second in zip(of_label, kept, given, strict=True):
        order = own[draw.permutation(len(own))]
        train.append(order[:first])
        test.append(order[first : first + second])
    return draw.permutation(np.concatenate(train)), draw.permutation(np.concatenate(test))


def _in_proportion(counts: ndarray, number: int, draw: np.random.RandomState) -> ndarray:
    """Return how many of each kind are taken: rounded down, and one more where most was cut off, ties at random."""
    exact = counts / counts.sum() * number
    taken = np.floor(exact)
    cut_off = exact - taken
    for value in np.sort(np.unique(cut_off))[::-1]:
        missing = int(number - taken.sum())
        if missing <= 0:
            break
        (alike,) = np.where(cut_off == value)
        taken[draw.choice(alike, size=min(len(alike), missing), replace=False)] += 1
    return taken.astype(int)
