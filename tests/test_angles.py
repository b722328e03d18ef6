"""The angle vector: layout, packing, and the bytes that are digested and signed."""

import hashlib
import struct
from math import inf

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from qfl.angles import FOUR_PI, TWO_PI, AngleLayout, angle_digest, canonical_bytes, pack, unpack
from qfl.errors import InputError

SHAPES = st.lists(hnp.array_shapes(min_dims=0, max_dims=3, min_side=0, max_side=3), min_size=1, max_size=4)
VECTORS = st.sampled_from([np.float32, np.float64]).flatmap(
    lambda kind: hnp.arrays(kind, st.integers(0, 20), elements={"allow_nan": False})
)


@given(SHAPES)
def test_unpack_undoes_pack(shapes):
    parts = [
        np.arange(np.prod(shape, dtype=int), dtype=float).reshape(shape) + 100 * i for i, shape in enumerate(shapes)
    ]
    again = unpack(pack([np.asarray(part) for part in parts]), shapes)
    assert all(np.array_equal(a, b) and a.shape == b.shape for a, b in zip(parts, again, strict=True))


def test_a_vector_of_the_wrong_length_is_not_unpacked():
    with pytest.raises(ValueError, match="a vector of 5 entries cannot fill shapes of 6 entries"):
        unpack(np.zeros(5), [(2, 3)])


def test_parts_of_any_numbers_are_packed_as_floats():
    parts = [[[1, 2], [3, 4]], torch.tensor([5.0], dtype=torch.float64), np.int32(6), np.array([True])]
    assert (pack(parts).dtype, pack(parts).tolist()) == (np.float64, [1, 2, 3, 4, 5, 6, 1])
    assert pack([np.float32([1]), np.zeros(2, np.float32)]).dtype == np.float32


@pytest.mark.parametrize("given", [[1, 2, 3], [True, False, True], torch.tensor([1, 0, 2]), np.float32([1, 2, 3])])
def test_a_vector_of_any_numbers_is_unpacked(given):
    one, other = unpack(given, [(1, 2), [1]])
    assert (one.shape, other.shape) == ((1, 2), (1,))
    assert [*one.ravel().tolist(), *other.tolist()] == [float(entry) for entry in given]


@pytest.mark.parametrize(
    ("vector", "shapes", "says"),
    [
        (np.zeros((2, 3)), [(2, 3)], r"vector has 2 axes \(2, 3\); give \[angle\]"),
        (3.0, [(1,)], "vector has 0 axes"),
        (["a"], [(1,)], "vector: expected an array of real numbers, not list"),
        (np.array([1j]), [(1,)], "vector: expected an array of real numbers, not complex128 values"),
        (np.zeros(6), [(-2, -3)], r"a shape is \(-2, -3\); give lengths of 0 or more"),
    ],
)
def test_what_is_no_vector_of_those_shapes_is_refused(vector, shapes, says):
    with pytest.raises(InputError, match=says):
        unpack(vector, shapes)


@pytest.mark.parametrize(
    ("parts", "says"),
    [
        ([], "there are no parts to pack"),
        ([[0.0], ["a"]], "part 1: expected an array of real numbers"),
        ([[[1.0], [1.0, 2.0]]], "part 0: expected an array of real numbers"),
    ],
)
def test_what_is_no_array_is_not_packed(parts, says):
    with pytest.raises(InputError, match=says):
        pack(parts)


@given(VECTORS)
def test_the_bytes_are_the_little_endian_floats(vector):
    letter = "f" if vector.dtype == np.float32 else "d"
    assert canonical_bytes(vector) == struct.pack(f"<{len(vector)}{letter}", *vector.tolist())
    assert angle_digest(vector) == hashlib.sha256(canonical_bytes(vector)).hexdigest()


def test_the_bytes_do_not_depend_on_byte_order_or_memory_layout():
    vector = np.linspace(-3, 3, 7)
    assert canonical_bytes(vector.astype(">f8")) == canonical_bytes(vector)
    assert canonical_bytes(np.repeat(vector, 2)[::2]) == canonical_bytes(vector)


def test_every_bit_counts():
    vector = np.linspace(-3, 3, 1201)
    changed = vector.copy()
    changed[600] = np.nextafter(changed[600], 9)
    assert angle_digest(changed) != angle_digest(vector)
    assert angle_digest(vector.astype(np.float32)) != angle_digest(vector)


@pytest.mark.parametrize(
    "vector", [np.zeros((2, 2)), np.zeros(2, dtype=int), np.zeros(2, dtype=np.float16), np.zeros(2, complex)]
)
def test_only_float_vectors_have_canonical_bytes(vector):
    with pytest.raises(ValueError, match="an angle vector is 1-D float32 or float64"):
        canonical_bytes(vector)


def test_a_layout_counts_its_angles_and_its_entries():
    layout = AngleLayout(("a", "b", "scale"), (TWO_PI, FOUR_PI, inf))
    assert (len(layout), layout.num_angles) == (3, 2)


@pytest.mark.parametrize(
    ("names", "periods", "says"),
    [
        (("a", "b"), (TWO_PI,), "2 names but 1 periods"),
        (("a", "a"), (TWO_PI, TWO_PI), "must be unique"),
        (("a",), (0.0,), "must be positive"),
        (("a",), (-1.0,), "must be positive"),
        (("a",), (float("nan"),), "must be positive"),
    ],
)
def test_an_impossible_layout_is_refused(names, periods, says):
    with pytest.raises(ValueError, match=says):
        AngleLayout(names, periods)


@pytest.mark.parametrize("rotation", [(0, 1, 3), (-1, 0, 1)])
def test_a_rotation_of_entries_that_there_are_not_is_refused(rotation):
    with pytest.raises(InputError, match="give three entries, from 0 to 2"):
        AngleLayout(("a", "b", "c"), (TWO_PI,) * 3, (rotation,))


def test_the_layout_digest_sees_names_periods_and_rotations():
    layouts = [
        AngleLayout(("a", "b", "c"), (TWO_PI,) * 3),
        AngleLayout(("a", "b", "d"), (TWO_PI,) * 3),
        AngleLayout(("a", "b", "c"), (TWO_PI, TWO_PI, FOUR_PI)),
        AngleLayout(("a", "b", "c"), (TWO_PI, TWO_PI, inf)),
        AngleLayout(("a", "b", "c"), (TWO_PI,) * 3, ((0, 1, 2),)),
        AngleLayout(("c", "b", "a"), (TWO_PI,) * 3),
    ]
    assert len({layout.digest() for layout in layouts}) == len(layouts)
    assert layouts[0].digest() == AngleLayout(("a", "b", "c"), (TWO_PI,) * 3).digest()


def test_a_digest_takes_lists_and_tensors_and_refuses_what_is_no_vector():
    same = [angle_digest(each) for each in (np.zeros(3), torch.zeros(3, dtype=torch.float64), [0.0] * 3)]
    assert same[0] == same[1] == same[2] != angle_digest(np.zeros(3, np.float32))
    for bad in (np.zeros((1, 1)), np.zeros(2, int)):
        with pytest.raises(InputError, match="1-D float32 or float64"):
            angle_digest(bad)
