"""Types are checked while tests run: all of them in every call, axes of arrays in the first calls of a test."""

import jaxtyping
import numpy as np
import pytest
from beartype import beartype
from jaxtyping import Float
from numpy import ndarray

from qfl.aggregation.aggregate import shares
from qfl.step_size import step_factor


@jaxtyping.jaxtyped(typechecker=beartype)
def summed(one: Float[ndarray, " entry"], other: Float[ndarray, " entry"]) -> Float[ndarray, " entry"]:
    return one + other


def test_axes_are_compared_and_again_in_the_next_test():
    for _ in range(2):
        with pytest.raises(jaxtyping.TypeCheckError):
            summed(np.zeros(1), np.zeros(2))
    for _ in range(100):
        summed(np.zeros(2), np.zeros(2))
    assert len(summed(np.zeros(1), np.zeros(2))) == 2  # NumPy's own rule


def test_they_are_compared_again():
    with pytest.raises(jaxtyping.TypeCheckError):
        summed(np.zeros(1), np.zeros(2))


def test_functions_of_the_library_are_checked():
    assert shares.__module__ == "qfl.aggregation.aggregate"
    for _ in range(200):
        with pytest.raises(TypeError):
            step_factor("constant", "eight", 10)
