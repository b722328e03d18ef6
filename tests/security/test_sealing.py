"""What is sealed opens with the right key for the right round and client, and in no other case."""

import pytest
from cryptography.hazmat.primitives import hpke
from cryptography.hazmat.primitives.asymmetric import mlkem

from qfl.errors import ConfigError, Rejection
from qfl.security.sealing import HYBRID, ML_KEM, context_info, new_seal_key, seal, unseal

INFO = context_info(b"r" * 16, 3, 7)


@pytest.mark.parametrize("algorithm", [ML_KEM, HYBRID])
def test_the_seal_opens_for_its_key_run_round_and_client_only(algorithm):
    key = new_seal_key(algorithm)
    box = seal(b"angles", algorithm, key.public, INFO)
    assert b"angles" not in box and unseal(box, key, INFO) == b"angles"
    others = [context_info(b"s" * 16, 3, 7), context_info(b"r" * 16, 4, 7), context_info(b"r" * 16, 3, 8)]
    for wrong in others:
        with pytest.raises(Rejection, match="bad-seal"):
            unseal(box, key, wrong)
    with pytest.raises(Rejection, match="bad-seal"):
        unseal(box, new_seal_key(algorithm), INFO)


@pytest.mark.parametrize("algorithm", [ML_KEM, HYBRID])
@pytest.mark.parametrize("place", [0, 500, 1100, -1])
def test_one_flipped_bit_anywhere_is_refused(algorithm, place):
    key = new_seal_key(algorithm)
    box = bytearray(seal(b"angles" * 50, algorithm, key.public, INFO))
    box[place] ^= 1
    with pytest.raises(Rejection, match="bad-seal"):
        unseal(bytes(box), key, INFO)


@pytest.mark.parametrize("box", [b"", b"x", b"x" * 1119, b"x" * 5000])
def test_bytes_that_are_no_seal_are_refused(box):
    with pytest.raises(Rejection, match="bad-seal"):
        unseal(box, new_seal_key(HYBRID), INFO)


@pytest.mark.parametrize(("algorithm", "public"), [("RSA", b""), (ML_KEM, b"short"), (HYBRID, b"x" * 1184)])
def test_a_key_that_is_none_is_refused_by_the_client(algorithm, public):
    with pytest.raises(Rejection, match="bad-seal"):
        seal(b"angles", algorithm, public, INFO)


def test_an_unknown_sealing_is_a_users_mistake():
    with pytest.raises(ConfigError, match="known are ML-KEM-768 and"):
        new_seal_key("RSA")


def test_the_public_key_is_that_of_the_standard_library_alone():
    """The box is HPKE as `cryptography` makes it, opened here without our code."""
    key = new_seal_key(ML_KEM)
    assert isinstance(key.private, mlkem.MLKEM768PrivateKey)
    suite = hpke.Suite(hpke.KEM.MLKEM768, hpke.KDF.HKDF_SHA256, hpke.AEAD.AES_256_GCM)
    assert suite.decrypt(seal(b"angles", ML_KEM, key.public, INFO), key.private, INFO) == b"angles"
