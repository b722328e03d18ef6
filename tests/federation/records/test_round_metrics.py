import numpy as np
import pytest
from flwr.app import Array, ArrayRecord, ConfigRecord, RecordDict

from qfl.federation.adapter import serialized_size
from qfl.federation.records.messages import to_record
from qfl.federation.records.round_metrics import Bytes, clocked, measure
from qfl.security.envelope import UPDATE, sign
from qfl.security.profiles import profile
from qfl.security.signing import generate


@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_model_signature_and_envelope_add_up_to_what_is_serialized(dtype):
    cose = sign(b"claims", generate(profile("ML-DSA-65")), UPDATE)
    content = RecordDict({"arrays": to_record(np.ones(600, dtype)), "qfl.update": ConfigRecord({"cose": cose})})
    found = measure(content)
    assert (found.model, found.signature) == (600 * np.dtype(dtype).itemsize, 3309)
    assert found.model + found.signature + found.envelope == serialized_size(content)


def test_what_is_no_array_and_no_envelope_is_measured_all_the_same():
    garbage = ArrayRecord({"angles": Array("float64", (3,), "numpy.ndarray", b"garbage")})
    content = RecordDict({"arrays": garbage, "qfl.update": ConfigRecord({"cose": b"no envelope"})})
    found = measure(content)
    assert (found.model, found.signature) == (7, 0)
    assert found.model + found.envelope == serialized_size(content)


def test_bytes_add_up_by_part():
    assert (Bytes(1, 2, 3) + Bytes(10, 20, 30)).row() == {"model": 11, "signature": 22, "envelope": 33}


def test_work_is_timed_and_what_it_gives_comes_back():
    found, seconds = clocked(lambda: sum(range(1000)))
    assert found == 499500 and 0 < seconds < 10
