import pickle

import pytest

from qfl.errors import MissingExtra, Rejection
from qfl.security.profiles import FALCON_512, ML_DSA_44, ML_DSA_65, ML_DSA_87
from qfl.security.signing import PublicKey, decode_key, from_seed, generate, verify

ML_DSA = (ML_DSA_44, ML_DSA_65, ML_DSA_87)


def test_the_all_zero_seed_has_the_thumbprint_of_rfc_9964():
    """RFC 9964's example key; it fixes key generation, the COSE key and the thumbprint at once."""
    thumbprint = from_seed(ML_DSA_65, bytes(32)).key.thumbprint
    assert thumbprint.hex() == "b788acf242f1f1d6532926d816e76e1636874267f2a48c84c4e65789ab80cc02"


@pytest.mark.parametrize("profile", ML_DSA, ids=lambda p: p.name)
def test_a_signature_holds_for_its_message_only(profile):
    signer = generate(profile)
    signature = signer.sign(b"angles")
    assert len(signature) == profile.signature_bytes and len(signer.key.raw) == profile.public_bytes
    verify(signer.key, signature, b"angles")
    for message in (b"", b"angle", b"angles "):
        with pytest.raises(Rejection, match="bad-signature"):
            verify(signer.key, signature, message)


def test_a_signature_does_not_hold_under_another_key():
    signature = generate(ML_DSA_44).sign(b"angles")
    with pytest.raises(Rejection, match="bad-signature"):
        verify(generate(ML_DSA_44).key, signature, b"angles")


def test_a_signature_of_the_empty_context_does_not_hold_in_a_context():
    signer = generate(ML_DSA_44)
    with pytest.raises(Rejection, match="bad-signature"):
        verify(signer.key, signer.sign(b"angles"), b"angles", b"other")


@pytest.mark.parametrize("cut", [slice(0, -1), slice(0, 0)])
def test_a_signature_of_another_length_is_refused_by_its_length(cut):
    signer = generate(ML_DSA_44)
    with pytest.raises(Rejection, match="signature-length"):
        verify(signer.key, signer.sign(b"angles")[cut], b"angles")


def test_signing_is_hedged():
    signer = generate(ML_DSA_44)
    assert signer.sign(b"angles") != signer.sign(b"angles")


def test_a_signer_travels_by_its_seed_and_signs_as_before():
    signer = generate(ML_DSA_65)
    signer.sign(b"so that the key is loaded")
    packed = pickle.dumps(signer)
    assert signer.secret in packed and len(packed) < 4096
    verify(signer.key, pickle.loads(packed).sign(b"angles"), b"angles")
    assert pickle.loads(pickle.dumps(signer.key)) == signer.key


def test_printing_a_signer_does_not_show_its_seed():
    signer = from_seed(ML_DSA_44, bytes(range(32)))
    assert repr(bytes(range(32)))[2:-1] not in repr(signer)


def test_a_key_survives_its_encoding_and_no_other_form_is_read():
    key = generate(ML_DSA_44).key
    assert decode_key(key.encode()) == key
    for damaged in (b"", key.encode()[:-1], key.encode() + b"\0", b"\xa0", b"\x01"):
        with pytest.raises(Rejection):
            decode_key(damaged)


@pytest.mark.parametrize("length", [0, 1311, 1313, 1952])
def test_a_public_key_of_another_length_is_refused(length):
    with pytest.raises(Rejection, match="key-length"):
        PublicKey(ML_DSA_44, bytes(length))


def test_a_seed_has_32_bytes():
    with pytest.raises(ValueError, match="32 bytes, not 31"):
        from_seed(ML_DSA_65, bytes(31))


def test_falcon_without_liboqs_as_the_library_says_what_to_set():
    with pytest.raises(MissingExtra, match=r"security\.library = 'liboqs'"):
        generate(FALCON_512)
