import hashlib
import struct
from dataclasses import fields, replace

import cbor2
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from qfl.angles import AngleLayout
from qfl.errors import Rejection
from qfl.security.claims import (
    BroadcastClaims,
    UpdateClaims,
    config_digest,
    decode,
    encode,
    metrics_digest,
    task_digest,
    tensor_digest,
)

UPDATE = UpdateClaims(
    run_id=bytes(16),
    round=1,
    nonce=bytes(16),
    server=bytes(32),
    client=7,
    num_examples=300,
    base_model=bytes(32),
    task=bytes(32),
    mode="plain",
    tensors=bytes(32),
    metrics=bytes(32),
)
BROADCAST = BroadcastClaims(bytes(16), 1, bytes(16), bytes(32), bytes(32), 1, bytes(32), accepted=(bytes(32),) * 2)


def test_claims_survive_their_encoding():
    assert decode(UpdateClaims, encode(UPDATE)) == UPDATE
    assert decode(BroadcastClaims, encode(BROADCAST)) == BROADCAST


def test_claims_are_a_map_of_the_integers_1_to_12():
    entries = cbor2.loads(encode(UPDATE))
    assert sorted(entries) == list(range(1, 13))
    assert (entries[1], entries[3], entries[6], entries[7], entries[10]) == (1, 1, 7, 300, "plain")


@pytest.mark.parametrize("kind", [UpdateClaims, BroadcastClaims])
def test_no_two_claims_share_a_key(kind):
    keys = [item.metadata["key"] for item in fields(kind)]
    assert len(set(keys)) == len(keys) and 1 not in keys


@pytest.mark.parametrize(
    "change",
    [
        {2: bytes(15)},
        {2: "0" * 16},
        {3: -1},
        {3: 2**63},
        {3: 1.5},
        {7: True},
        {7: "300"},
        {10: "sealed"},
        {10: 0},
        {11: None},
        {12: [bytes(32)]},
        {13: 0},
        {"round": 1},
        {7: cbor2.CBORTag(1, 0)},
    ],
)
def test_a_wrong_missing_or_further_claim_is_refused(change):
    entries = cbor2.loads(encode(UPDATE))
    with pytest.raises(Rejection, match="bad-claims"):
        decode(UpdateClaims, cbor2.dumps({**entries, **change}, canonical=True))
    for key in change:
        if key in entries:
            with pytest.raises(Rejection, match="bad-claims"):
                short = {k: v for k, v in entries.items() if k != key}
                decode(UpdateClaims, cbor2.dumps(short, canonical=True))


@pytest.mark.parametrize("payload", [b"", b"\x00", b"\x80", b"\xa0\xff", b"\xa1\x01\x01" * 2, b"\xd8\x23\x61("])
def test_bytes_that_are_no_claims_are_refused(payload):
    with pytest.raises(Rejection, match=r"bad-claims|wrong-format"):
        decode(UpdateClaims, payload)


def test_another_format_is_refused():
    with pytest.raises(Rejection, match="wrong-format"):
        decode(UpdateClaims, cbor2.dumps(cbor2.loads(encode(UPDATE)) | {1: 2}, canonical=True))


def test_claims_in_another_encoding_are_refused():
    entries = cbor2.loads(encode(UPDATE))
    unsorted = cbor2.dumps(dict(reversed(entries.items())))
    float_key = cbor2.dumps({1.0: 1} | {k: v for k, v in entries.items() if k != 1}, canonical=True)
    truth_for_one = cbor2.dumps(entries | {1: True}, canonical=True)
    for payload in (unsorted, float_key, truth_for_one, encode(UPDATE) + b"\0"):
        with pytest.raises(Rejection, match="not-canonical"):
            decode(UpdateClaims, payload)


def test_the_digest_of_one_array_is_that_of_its_written_out_bytes():
    """Computed by hand from the definition, element by element."""
    header = cbor2.dumps(["angles", "<f8", [3]])
    content = struct.pack("<3d", 0.5, -1.0, 3.0)
    expected = hashlib.sha256(b"qfl/tensors/v1" + struct.pack("<QQ", len(header), 24) + header + content).digest()
    assert tensor_digest({"angles": np.array([0.5, -1.0, 3.0])}) == expected


@given(st.lists(st.floats(width=32), max_size=8), st.integers(0, 7), st.integers(0, 31))
def test_any_flipped_bit_of_any_array_changes_its_digest(values, place, bit):
    array = np.array([*values, 1.0], np.float32)
    changed = array.copy()
    changed.view(np.uint32)[place % len(changed)] ^= np.uint32(1 << bit)
    assert tensor_digest({"a": array}) != tensor_digest({"a": changed})


def test_one_changed_parameter_among_two_thousand_changes_the_digest_although_it_does_not_change_the_text():
    """NumPy elides the middle of a long array, so a signature over ``str(parameters)`` would still hold."""
    honest = np.linspace(0, 1, 2000)
    tampered = honest.copy()
    tampered[1000] += 1.0
    assert str(honest) == str(tampered)
    assert tensor_digest({"a": honest}) != tensor_digest({"a": tampered})


def test_a_change_below_the_printed_digits_changes_the_digest():
    honest = np.array([0.1, 0.2])
    shifted = honest + 1e-10
    assert str(honest) == str(shifted)
    assert tensor_digest({"a": honest}) != tensor_digest({"a": shifted})


def test_order_in_memory_and_byte_order_do_not_change_the_digest():
    array = np.arange(12, dtype=np.float32).reshape(3, 4)
    same = [np.asfortranarray(array), array.astype(">f4"), np.repeat(array, 2, axis=1)[:, ::2], array[::-1][::-1]]
    assert {tensor_digest({"a": a}) for a in same} == {tensor_digest({"a": array})}
    two = {"a": array, "b": array[0]}
    assert tensor_digest(two) == tensor_digest(dict(reversed(two.items())))


def test_name_type_shape_and_division_change_the_digest():
    zeros = np.zeros(4)
    variants = [
        {"a": zeros},
        {"b": zeros},
        {"a": zeros.reshape(2, 2)},
        {"a": zeros.reshape(4, 1)},
        {"a": zeros.astype(np.float32)},
        {"a": zeros.astype(np.uint64)},
        {"a": -zeros},  # the sign of zero is a bit
        {"a": zeros[:3]},
        {"a": zeros[:2], "b": zeros[2:]},
        {"a": zeros, "b": zeros[:0]},
        {"a": np.array(0.0)},
        {"a": np.zeros(1)},
        {},
    ]
    assert len({tensor_digest(variant) for variant in variants}) == len(variants)


def test_only_numbers_have_a_digest():
    for array in (np.array([None]), np.array(["x"]), np.array([True]), np.array([1j])):
        with pytest.raises(Rejection, match="wrong-tensors"):
            tensor_digest({"a": array})


def test_metrics_are_digested_as_doubles_whatever_their_order():
    assert metrics_digest({"a": 1, "b": 2.0}) == metrics_digest({"b": 2, "a": np.float64(1.0)})
    assert metrics_digest({"a": 1.0}) != metrics_digest({"a": np.nextafter(1.0, 2.0)})
    assert metrics_digest({"a": 1.0}) != metrics_digest({"b": 1.0})


@pytest.mark.parametrize("value", ["1.0", None, [1.0], 10**400])
def test_what_is_no_number_is_no_metric(value):
    with pytest.raises(Rejection, match="metrics-digest"):
        metrics_digest({"loss": value})


def test_the_task_is_the_layout_and_the_settings():
    layout = AngleLayout(("a",), (6.28,))
    digests = {
        task_digest(layout, {"depth": 2}),
        task_digest(layout, {"depth": 3}),
        task_digest(AngleLayout(("b",), (6.28,)), {"depth": 2}),
        config_digest({"depth": 2}),
    }
    assert len(digests) == 4
    assert task_digest(layout, {"depth": 2, "name": "vqc"}) == task_digest(layout, {"name": "vqc", "depth": 2})


def test_changing_any_one_claim_changes_the_payload():
    changed = {
        bytes: lambda value: value[:-1] + b"\1",
        int: lambda value: value + 1,
        str: lambda value: "dp",
        tuple: lambda value: value[1:],
    }
    for claims in (UPDATE, BROADCAST):
        for item in fields(claims):
            value = changed[item.metadata["kind"]](getattr(claims, item.name))
            assert encode(replace(claims, **{item.name: value})) != encode(claims)
