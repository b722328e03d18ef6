import io

import numpy as np
import pytest
from flwr.app import Array, ArrayRecord, ConfigRecord, RecordDict

from qfl.errors import Rejection
from qfl.federation.records import messages
from qfl.federation.records.messages import once_each, own_copy, read_angles, sent_again, to_record


def content(array: Array, key: str = "angles") -> RecordDict:
    return RecordDict({"arrays": ArrayRecord({key: array})})


def reason(found: RecordDict, length: int = 3, dtype: str = "float64") -> str:
    with pytest.raises(Rejection) as caught:
        read_angles(found, length, dtype)
    return caught.value.reason


@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_an_angle_vector_survives_the_journey_bit_by_bit(dtype):
    angles = np.array([0.1, -np.pi, 1e-30], dtype)
    assert read_angles(RecordDict({"arrays": to_record(angles)}), 3, dtype).tobytes() == angles.tobytes()


@pytest.mark.parametrize("angles", [np.ones(3, np.float32), np.arange(8.0)[::2], np.zeros(70000), np.ones(2, ">f8")])
def test_an_array_goes_out_as_flower_and_numpy_write_it(angles):
    assert to_record(angles) == ArrayRecord({"angles": Array(np.ascontiguousarray(angles))})


def test_a_vector_that_is_sent_on_shares_the_bytes_that_came_and_nothing_else_of_what_came():
    angles = np.arange(3.0)
    data = Array(angles).data
    told = content(Array("int8", (7,), "numpy.ndarray", data))
    again = sent_again(told, read_angles(told, 3, "float64"))
    assert again == to_record(angles) and again["angles"].data is data
    assert sent_again(told, angles + 1) == to_record(angles + 1)
    assert sent_again(RecordDict(), angles) == to_record(angles)


def test_each_malformation_has_its_own_word():
    good = np.zeros(3)
    assert reason(RecordDict()) == "wrong-array-key"
    assert reason(RecordDict({"arrays": ConfigRecord()})) == "wrong-array-key"
    assert reason(content(Array(good), key="weights")) == "wrong-array-key"
    assert reason(content(Array(good.astype(np.float32)))) == "wrong-dtype"
    assert reason(content(Array(np.zeros(4)))) == "wrong-shape"
    assert reason(content(Array(np.zeros((3, 1))))) == "wrong-shape"
    assert reason(content(Array("float64", (3,), "numpy.ndarray", b"garbage"))) == "unreadable-array"
    assert reason(content(Array("float64", (3,), "numpy.ndarray", Array(good).data[:-1]))) == "unreadable-array"


def test_a_vector_that_only_claims_to_be_large_takes_no_memory():
    buffer = io.BytesIO()
    np.lib.format.write_array_header_1_0(buffer, {"descr": "<f8", "fortran_order": False, "shape": (2**50,)})
    assert reason(content(Array("float64", (2**50,), "numpy.ndarray", buffer.getvalue()))) == "wrong-shape"


def test_pickled_objects_are_never_read():
    buffer = io.BytesIO()
    np.save(buffer, np.array([{}] * 3, dtype=object), allow_pickle=True)
    assert reason(content(Array("float64", (3,), "numpy.ndarray", buffer.getvalue()))) == "wrong-dtype"


def test_a_copy_can_be_changed_without_the_original():
    original = RecordDict({"config": ConfigRecord({"server-round": 1})})
    copy = own_copy(original)
    copy["config"]["server-round"] = 2
    copy["more"] = ConfigRecord()
    assert original == RecordDict({"config": ConfigRecord({"server-round": 1})})


def test_records_that_are_one_object_are_looked_at_once_and_equal_ones_apart():
    one, equal, seen = RecordDict(), RecordDict(), []
    assert once_each(lambda content: seen.append(content) or len(seen), [one, equal, one]) == [1, 2, 1]
    assert seen[0] is one and seen[1] is equal and len(seen) == 2


def test_a_header_that_fails_for_a_moment_is_read_again(monkeypatch):
    """CPython's ast, which NumPy reads headers with, fails now and then in two threads at once."""
    read, failures = messages.npy.read_array_header_1_0, [SystemError, SystemError]

    def sometimes(buffer):
        if failures:
            buffer.read(7)
            raise failures.pop()
        return read(buffer)

    monkeypatch.setattr(messages.npy, "read_array_header_1_0", sometimes)
    angles, buffer = np.linspace(0, 1, 5), io.BytesIO()
    np.lib.format.write_array_header_1_0(buffer, {"descr": "<f8", "fortran_order": True, "shape": (5,)})
    other = Array("float64", (5,), "numpy.ndarray", buffer.getvalue() + angles.tobytes())
    np.testing.assert_array_equal(read_angles(content(other), 5, "float64"), angles)
    assert failures == []
