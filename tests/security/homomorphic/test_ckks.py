"""Encrypted sums are exact, their error before rounding is the closed form's, and what is no ciphertext is refused."""

import sys

import numpy as np
import pytest

from qfl.errors import MissingExtra, Rejection
from qfl.security.homomorphic.ckks import (
    CHUNK_BYTES,
    HEADER_BYTES,
    MODULUS_BITS,
    RING,
    ROOM,
    SCALE_BITS,
    add_up,
    encrypt,
    encrypted_bytes,
    error_deviation,
    new_keys,
    open_sum,
    read_key,
    read_vector,
)


def test_without_tenseal_the_remedy_is_named(monkeypatch):
    monkeypatch.setitem(sys.modules, "tenseal", None)
    with pytest.raises(MissingExtra, match=r"homomorphic sums need TenSEAL.*\[homomorphic\]"):
        new_keys()


@pytest.fixture(scope="module")
def pair():
    pytest.importorskip("tenseal", reason="TenSEAL is not installed")
    return new_keys()


@pytest.fixture(scope="module")
def key(pair):
    return read_key(pair.public)


@pytest.fixture(scope="module")
def secret(pair):
    return read_key(pair.secret)


def test_parameters_are_within_the_standards_table_for_quantum_attacks(pair):
    import tenseal.sealapi.util as table

    assert sum(MODULUS_BITS) <= table.seal_he_std_parms_128_tq(RING)


@pytest.mark.parametrize("count", [1, 246, 2048, 2049])
def test_a_sum_is_that_of_whole_numbers_as_far_as_there_is_room(key, secret, count):
    clients, rng = 5, np.random.default_rng(count)
    numbers = rng.integers(-ROOM // clients, ROOM // clients, (clients, count), endpoint=True)
    numbers[:, 0] = ROOM // clients
    encrypted = [encrypt(each, key) for each in numbers]
    assert {len(each) for each in encrypted} == {encrypted_bytes(count)}
    total = add_up(encrypted, count, key)
    assert len(total) == encrypted_bytes(count)
    assert open_sum(total, count, secret).tolist() == [sum(map(int, column)) for column in numbers.T]


def test_the_error_that_rounding_takes_off_is_that_of_the_closed_form(key, secret):
    """Sixteen clients, 2,048 numbers of zero: the spread is known to 2 %, and the largest is far below a half."""
    encrypted = [encrypt(np.zeros(2048, dtype=np.int64), key) for _ in range(16)]
    (chunk,) = read_vector(add_up(encrypted, 2048, key), 2048, secret)
    errors = np.array(chunk.decrypt())
    assert errors.std() == pytest.approx(error_deviation(16), rel=0.1)
    assert np.abs(errors).max() < 6 * error_deviation(16) < 0.02
    assert 6 * error_deviation(10_000) < 0.5


def test_the_public_key_opens_nothing(pair, key):
    encrypted = encrypt(np.array([7]), key)
    with pytest.raises(ValueError, match="secret"):
        read_vector(encrypted, 1, key)[0].decrypt()
    assert not key.has_secret_key() and pair.secret not in repr(pair).encode()


def test_two_encryptions_of_one_number_differ(key):
    assert encrypt(np.array([7]), key) != encrypt(np.array([7]), key)


def test_another_keys_ciphertext_is_not_opened(key):
    """It decrypts to noise, which is far from whole numbers within the room."""
    encrypted = encrypt(np.arange(100), key)
    with pytest.raises(Rejection, match="does not open to whole numbers"):
        open_sum(encrypted, 100, read_key(new_keys().secret))


def test_numbers_beyond_the_room_are_not_opened(key, secret):
    encrypted = encrypt(np.array([ROOM, 0]), key)
    with pytest.raises(Rejection, match="does not open to whole numbers"):
        open_sum(add_up([encrypted] * 3, 2, key), 2, secret)


@pytest.mark.parametrize(
    "change",
    [
        lambda content: content[:-1],
        lambda content: b"\xff" * len(content),
        lambda content: bytes(len(content)),
        lambda content: content[: HEADER_BYTES + 100].ljust(len(content), b"\0"),
        lambda content: content[:-1] + b"\1",
        lambda content: (len(content)).to_bytes(HEADER_BYTES, "big") + content[HEADER_BYTES:],
        lambda content: content[:200] + b"\xff" * 20 + content[220:],
    ],
)
def test_what_is_no_ciphertext_is_refused(key, change):
    content = encrypt(np.arange(20), key)
    with pytest.raises(Rejection, match="bad-ciphertext"):
        add_up([content, change(content)], 20, key)


def test_another_scale_or_length_is_refused(key):
    import tenseal

    for numbers, scale in (([1.0] * 20, 2.0**30), ([1.0] * 19, 2.0**SCALE_BITS)):
        inside = tenseal.ckks_vector(key, numbers, scale=scale).serialize()
        content = (len(inside).to_bytes(HEADER_BYTES, "big") + inside).ljust(CHUNK_BYTES, b"\0")
        with pytest.raises(Rejection, match="sizes and scales"):
            add_up([content], 20, key)


def test_what_is_no_key_of_ours_is_refused(pair):
    import tenseal

    other = tenseal.context(tenseal.SCHEME_TYPE.CKKS, 8192, coeff_mod_bit_sizes=[60, 40, 60])
    for content in (b"", b"?" * 100, pair.public[:1000], other.serialize()):
        with pytest.raises(Rejection, match="bad-key"):
            read_key(content)
