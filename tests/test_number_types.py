"""Numbers of any type, against numpy's and torch's own conversions."""

import numpy as np
import pytest
import torch

from qfl.errors import InputError
from qfl.number_types import as_numpy, as_tensor, bits_of, from_torch

NUMBERS = [0.0, 1.0, 1.0]
GIVEN = {
    "list": NUMBERS,
    "half": np.array(NUMBERS, np.float16),
    "whole": np.array([0, 1, 1], np.int32),
    "truth": np.array([False, True, True]),
    "big endian": np.array(NUMBERS, ">f8"),
    "tensor": torch.tensor(NUMBERS, dtype=torch.float64, requires_grad=True),
    "bfloat16": torch.tensor(NUMBERS, dtype=torch.bfloat16),
}
WANTED = {"real": np.float64, "complex": np.complex128, "int": np.int64, "bool": np.bool_}


@pytest.mark.parametrize("kind", WANTED)
@pytest.mark.parametrize("name", GIVEN)
def test_numbers_of_any_type_become_the_wanted_one(name, kind):
    wanted = np.array(NUMBERS).astype(WANTED[kind])
    for array in (as_numpy("x", GIVEN[name], kind, 64), from_torch(as_tensor("x", GIVEN[name], kind, 64))):
        assert array.dtype == wanted.dtype
        np.testing.assert_array_equal(array, wanted)


@pytest.mark.parametrize("dtype", ["float32", "float64", "complex64", "complex128", "int64", "float16"])
def test_precision_is_told_and_single_and_double_stay_what_they_are(dtype):
    array = np.ones(2, dtype)
    bits = {"float32": 32, "complex64": 32, "float64": 64, "complex128": 64}.get(dtype, 0)
    assert bits_of(array) == bits_of(torch.from_numpy(array)) == bits
    if bits:
        kind = "complex" if array.dtype.kind == "c" else "real"
        assert as_numpy("x", array, kind).dtype == array.dtype
        assert as_tensor("x", array, kind).numpy().dtype == array.dtype


def test_what_is_as_wanted_is_given_back_itself_and_gradients_pass():
    array, tensor = np.ones(2), torch.ones(2, requires_grad=True)
    assert as_numpy("x", array) is array
    as_tensor("x", tensor).square().sum().backward()
    assert tensor.grad is not None
    assert tensor.grad.tolist() == [2.0, 2.0]


def test_a_conjugated_tensor_is_read_as_its_numbers():
    assert from_torch(torch.tensor([1 + 2j]).conj()).tolist() == [1 - 2j]


REFUSED = [
    ("real", np.array([1j]), "x: expected an array of real numbers, not complex128 values; take the real part"),
    ("real", ["a"], "x: expected an array of real numbers, not list"),
    ("real", [[1], [1, 2]], "x: expected an array of real numbers, not list"),
    ("int", [1.0, 1.5], "x: expected an array of whole numbers, not 1.5 (at [1])"),
    ("int", [[1.0, np.nan]], "x: expected an array of whole numbers, not nan (at [0, 1])"),
    ("bool", [0, 2], "x: expected an array of truth values, or of 0 and 1, not 2 (at [1])"),
]


@pytest.mark.parametrize("read", [as_numpy, as_tensor])
@pytest.mark.parametrize(("kind", "given", "sentence"), REFUSED, ids=[f"{n}" for n in range(len(REFUSED))])
def test_other_numbers_are_refused_in_a_sentence(read, kind, given, sentence):
    with pytest.raises(InputError) as refusal:
        read("x", given, kind)
    assert str(refusal.value) == sentence
