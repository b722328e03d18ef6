"""Values through JSON and arrays and back: equal in type and content, or refused with their place."""

import json
import random
from collections import Counter, OrderedDict, deque

import numpy as np
import pytest
import torch
from flwr.app import Array, ArrayRecord, ConfigRecord, MetricRecord, RecordDict

from qfl.federation.strategy.plain_values import Unsaved, Writer, read, same_as

VALUES = [
    *(None, True, -3, 2**200, -(2**64), 1.5, float("inf"), 2 - 1j, "text", b"\0bytes"),
    *([], [1, [2.5, "a"]], (1, (2,)), {1, 2}, frozenset("a"), {"a": [1], 3: None, ("x", 1): {}}),
    *(deque([1, 2], maxlen=2), OrderedDict(b=1, a=2), Counter("aab")),
    *(MetricRecord({"a": 1.5}), ConfigRecord({"b": "c", "d": [1, 2]})),
    RecordDict({"m": MetricRecord({"a": 1})}),
]
ARRAYS = [np.arange(6.0).reshape(2, 3).T, np.zeros((0, 2), np.int8), np.array("text"), np.array([True]), np.array(1j)]


def through_json(value):
    node, arrays = Writer().write(value, "place")
    return read(json.loads(json.dumps(node, allow_nan=False)), arrays)


@pytest.mark.parametrize("value", VALUES, ids=repr)
def test_a_value_comes_back_with_its_type(value):
    found = through_json(value)
    assert type(found) is type(value) and found == value


@pytest.mark.parametrize("array", ARRAYS, ids=repr)
def test_an_array_comes_back_to_the_bit_and_is_another(array):
    found = through_json(array)
    assert (found.dtype, found.shape, found.strides) == (array.dtype, array.shape, array.strides)
    assert found.tobytes() == array.tobytes() and found is not array and found.flags.writeable


def test_scalars_tensors_and_records_of_arrays_come_back():
    assert type(through_json(np.float32(0.1))) is np.float32
    tensor, record = torch.arange(3.0), ArrayRecord({"a": Array(np.ones(2))})
    assert torch.equal(through_json(tensor), tensor) and through_json(record)["a"].data == record["a"].data


GENERATORS = {
    "numpy": (np.random.default_rng(1), lambda rng: rng.normal()),
    "mt19937": (np.random.Generator(np.random.MT19937(1)), lambda rng: rng.normal()),
    "legacy": (np.random.RandomState(1), lambda rng: rng.normal()),
    "python": (random.Random(1), lambda rng: rng.gauss(0, 1)),
    "torch": (torch.Generator().manual_seed(1), lambda rng: torch.rand(1, generator=rng).item()),
}


@pytest.mark.parametrize("name", GENERATORS)
def test_a_generator_goes_on_where_it_was(name):
    rng, draw = GENERATORS[name]
    draw(rng)
    twin = through_json(rng)
    assert [draw(rng) for _ in range(3)] == [draw(twin) for _ in range(3)]


def test_what_can_change_is_held_at_one_place():
    shared = [1]
    writer = Writer()
    writer.write(shared, "first")
    with pytest.raises(Unsaved, match=r"'second/0' \(what 'first' holds, too; copy it\)"):
        writer.write([shared], "second")


def test_a_fixed_array_may_be_at_two_places():
    fixed = np.ones(2)
    fixed.setflags(write=False)
    assert [each.tolist() for each in through_json([fixed, fixed])] == [[1.0, 1.0]] * 2


def test_a_record_of_arrays_is_written_once_where_it_is_the_value_of_two_places():
    record, writer = ArrayRecord([np.ones(2)]), Writer()
    assert same_as(writer.write(record, "first")[0]) is None
    node, arrays = writer.write(record, "second")
    assert (same_as(node), arrays) == ("first", {})
    with pytest.raises(Unsaved, match=r"'third/0' \(what 'first' holds, too; copy it\)"):
        writer.write([record], "third")
