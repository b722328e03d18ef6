"""What a check remembers saves time, and refuses what it refused.

Also covers qfl/array_axes.py and qfl/array_ranges.py.
"""

import numpy as np
import pytest
import torch
from jaxtyping import Float64, Int64
from numpy import ndarray

from qfl.arrays import checked
from qfl.errors import InputError


@checked(least="weights")
def mean(values: Float64[ndarray, " client"], weights: Float64[ndarray, " client"]) -> float:
    return float(values @ weights / weights.sum())


@checked(index={"place": "client"})
def pick(values: Float64[ndarray, " client"], place: Int64[ndarray, " picked"]) -> ndarray:
    return values[place]


@pytest.mark.parametrize("bad", [np.nan, np.inf, -np.inf])
@pytest.mark.parametrize("name", ["values", "weights"])
def test_arrays_of_a_remembered_shape_are_still_looked_at(name, bad):
    sound = {"values": np.array([1.0, 3.0]), "weights": np.ones(2)}
    assert mean(**sound) == mean(**sound) == 2
    with pytest.raises(InputError, match=f"{name}: 1 of 2 numbers"):
        mean(**sound | {name: np.array([1.0, bad])})


def test_a_negative_weight_of_a_remembered_shape_is_refused():
    assert mean(np.array([1.0, 3.0]), np.ones(2)) == 2
    with pytest.raises(InputError, match=r"weights: 1 of 2 numbers is below 0 or not finite \(-1 at \[1\]\)"):
        mean(np.array([1.0, 3.0]), np.array([1.0, -1.0]))


def test_lengths_are_compared_whatever_was_remembered():
    for size in (2, 3):
        assert mean(np.ones(size), np.ones(size)) == 1
    with pytest.raises(InputError, match="weights has 3 of the axis client, where values has 2"):
        mean(np.ones(2), np.ones(3))


def test_numbers_of_entries_are_compared_with_the_entries_each_time():
    assert pick(np.array([1.0, 2.0]), np.array([1])).tolist() == pick(np.array([1.0, 2.0]), np.array([1])).tolist()
    with pytest.raises(InputError, match="place has 2, but there are 2 of the axis client"):
        pick(np.array([1.0, 2.0]), np.array([2]))


@pytest.mark.parametrize("large", [np.array([1e200, 1e200]), np.array([1e300, 3.0])])
def test_numbers_whose_squares_are_beyond_the_floats_are_finite(large):
    assert mean(large, np.ones(2)) == pytest.approx(large.mean())


def test_other_types_are_taken_after_doubles_were_remembered():
    mean(np.array([1.0, 3.0]), np.ones(2))
    for values in ([1, 3], np.array([1, 3]), np.float16([1, 3]), torch.tensor([1.0, 3.0], requires_grad=True)):
        assert mean(values, np.ones(2)) == 2
