"""Sums of words are sums of whole numbers, bit for bit, and as near to the real mean as the docstring says."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from qfl.errors import Rejection
from qfl.security.masking.fixed_point import FixedPoint

POINT = FixedPoint(np.array([16.0, 4096.0]), np.array([32.0, 24.0]))


@given(st.lists(st.tuples(st.floats(-20, 20), st.floats(-5000, 5000), st.integers(1, 600_000)), min_size=1, max_size=9))
def test_the_sum_is_that_of_python_integers(clients):
    total, whole, weight = np.zeros(2, dtype=np.uint64), [0, 0], 0
    for first, second, samples in clients:
        total = total + POINT.encode(np.array([first, second]), samples)
        for k, (value, limit, bits) in enumerate(((first, 16, 32), (second, 4096, 24))):
            whole[k] += samples * round(min(max(value, -limit), limit) * 2**bits)
        weight += samples
    assert total.view(np.int64).tolist() == whole
    mean = POINT.decode(total, weight)
    assert mean == pytest.approx([whole[0] / weight / 2**32, whole[1] / weight / 2**24], rel=1e-14)


def test_a_mean_is_within_half_a_step():
    values, samples = np.array([[0.1234567, -3.0], [1e-9, 2.5], [-2.0, 0.1]]), [3, 5, 7]
    total = sum((POINT.encode(v, n) for v, n in zip(values, samples, strict=True)), np.zeros(2, dtype=np.uint64))
    error = POINT.decode(total, 15) - np.average(values, axis=0, weights=samples)
    assert (abs(error) <= 2.0 ** -(POINT.bits + 1) + 1e-15).all()


def test_as_many_samples_as_are_allowed_do_not_wrap_around():
    for count in (3, 200, 5000):
        most = POINT.most_weight(count)
        assert count * most * 2**36 < 2**63 <= count * (most + 1) * 2**36
        one = POINT.encode(np.array([16.0, -4096.0]), most)
        total = one * np.uint64(count)
        assert POINT.decode(total, most * count).tolist() == [16.0, -4096.0]


@pytest.mark.parametrize("bad", [np.nan, np.inf, -np.inf])
def test_what_is_no_number_is_refused(bad):
    with pytest.raises(Rejection, match="not-finite"):
        POINT.encode(np.array([0.0, bad]), 1)


def test_what_is_too_long_is_clipped():
    assert POINT.decode(POINT.encode(np.array([99.0, -1e6]), 2), 2).tolist() == [16.0, -4096.0]


@pytest.mark.parametrize("weight", [0, -1, 671_089, 2**70])
def test_samples_without_room_are_refused(weight):
    POINT.require_room(671_088, 200)
    with pytest.raises(Rejection, match="mask-overflow"):
        POINT.require_room(weight, 200)
