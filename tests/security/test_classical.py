"""Classical signatures: the same envelope, verified by another implementation of the format; enrolled nowhere."""

import pickle

import pytest
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, ed25519
from cryptography.hazmat.primitives.asymmetric.utils import encode_dss_signature

from qfl.config import Settings
from qfl.errors import ConfigError, Rejection
from qfl.security.classical import CLASSICAL, ED25519, P256, generate_classical
from qfl.security.envelope import UPDATE, envelope_sizes, open_envelope, sign
from qfl.security.keystore import new
from qfl.security.profiles import BY_COSE_ALG, PROFILES
from qfl.security.roster import Roster, RosterRow, open_roster, sign_roster
from qfl.security.signing import decode_key, generate, verify

SIGNERS = {profile.name: generate_classical(profile) for profile in CLASSICAL}
BOTH = pytest.mark.parametrize("name", SIGNERS)


@BOTH
def test_an_envelope_opens_and_no_byte_of_it_may_change(name):
    signer = SIGNERS[name]
    envelope = sign(b"payload", signer, UPDATE)
    assert open_envelope(envelope, UPDATE, lambda kid: signer.key)[0] == b"payload"
    assert envelope_sizes(envelope)[0] == signer.key.profile.signature_bytes
    for place in (-1, -signer.key.profile.signature_bytes, -signer.key.profile.signature_bytes - 5):
        spoilt = bytearray(envelope)
        spoilt[place] ^= 1
        with pytest.raises(Rejection):
            open_envelope(bytes(spoilt), UPDATE, lambda kid: signer.key)
    with pytest.raises(Rejection, match="bad-signature"):
        verify(signer.key, signer.sign(b"message"), b"another")
    with pytest.raises(Rejection, match="bad-signature"):
        verify(pickle.loads(pickle.dumps(signer.key)), signer.sign(b"message"), b"message", b"context")


def test_keys_and_signatures_are_those_of_the_standards():
    """Verified by `cryptography` from the raw bytes, past everything of ours."""
    point, raw = SIGNERS[ED25519.name], SIGNERS[P256.name]
    ed25519.Ed25519PublicKey.from_public_bytes(point.key.raw).verify(point.sign(b"m"), b"m")
    signature = raw.sign(b"m")
    der = encode_dss_signature(int.from_bytes(signature[:32], "big"), int.from_bytes(signature[32:], "big"))
    key = ec.EllipticCurvePublicKey.from_encoded_point(ec.SECP256R1(), raw.key.raw)
    key.verify(der, b"m", ec.ECDSA(hashes.SHA256()))
    assert len({signer.key.thumbprint for signer in SIGNERS.values()}) == 3


@BOTH
def test_no_federation_takes_one(name, tmp_path):
    """Not from settings, not from a key folder, not as an encoded key, not from a roster that its authority signed."""
    signer = SIGNERS[name]
    assert name not in PROFILES and signer.key.profile.cose_alg not in BY_COSE_ALG
    with pytest.raises(ConfigError):
        Settings.from_flat({"security.algorithm": name})
    with pytest.raises(ConfigError, match="unknown signature algorithm"):
        new(tmp_path / "keys", name, 1)
    with pytest.raises(Rejection, match="not-cose"):
        decode_key(signer.key.encode())
    authority = generate(PROFILES["ML-DSA-44"])
    with pytest.raises(Rejection, match=r"wrong-algorithm|degenerate-key"):
        roster = Roster(1, 2**40, authority.key, (RosterRow(0, signer.key, 10),))
        open_roster(sign_roster(roster, authority), authority.key)
