"""Vectors of NIST (ACVP) and of C2SP (Wycheproof), run through our functions where these reach that far."""

import json
from pathlib import Path

import pytest
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric import mldsa, mlkem

from qfl.errors import Rejection
from qfl.security.profiles import profile
from qfl.security.signing import PublicKey, from_seed, verify
from qfl.security.weak_keys import require_sound

FOLDER = Path(__file__).resolve().parents[2].parent / "shared" / "kat"
WYCHEPROOF = ("ML-DSA-44", "ML-DSA-65", "ML-DSA-87")
MU_KEYS = {
    "ML-DSA-44": mldsa.MLDSA44PublicKey,
    "ML-DSA-65": mldsa.MLDSA65PublicKey,
    "ML-DSA-87": mldsa.MLDSA87PublicKey,
}
KEM_KEYS = {"ML-KEM-768": mlkem.MLKEM768PrivateKey, "ML-KEM-1024": mlkem.MLKEM1024PrivateKey}


def load(name: str) -> list[tuple[dict, dict]]:
    """Every (group, test) of a file."""
    if not (FOLDER / name).is_file():
        pytest.skip(f"no known-answer vectors at {FOLDER / name}")
    groups = json.loads((FOLDER / name).read_bytes())["testGroups"]
    return [(group, test) for group in groups for test in group["tests"]]


def holds(name: str, public: str, signature: str, message: str, context: str = "") -> bool:
    try:
        key = PublicKey(profile(name), bytes.fromhex(public))
        verify(key, bytes.fromhex(signature), bytes.fromhex(message), bytes.fromhex(context))
    except Rejection:
        return False
    return True


def test_seeds_of_acvp_give_its_public_keys():
    cases = load("acvp_mldsa_keygen.json")
    assert len(cases) == 30
    for group, test in cases:
        key = from_seed(profile(group["parameterSet"]), bytes.fromhex(test["seed"])).key
        assert key.raw == bytes.fromhex(test["pk"]), (group["parameterSet"], test["tcId"])


def test_signatures_of_acvp_hold_exactly_where_it_says_so():
    cases = [(g, t) for g, t in load("acvp_mldsa_sigver.json") if g["signatureInterface"] == "external"]
    assert {test["testPassed"] for _, test in cases} == {True, False}
    for group, test in cases:
        found = holds(group["parameterSet"], test["pk"], test["signature"], test["message"], test["context"])
        assert found == test["testPassed"], (group["parameterSet"], test["tcId"], test["reason"])


def test_signatures_of_acvp_over_an_external_mu_hold_exactly_where_it_says_so():
    """Our functions have no external mu; this checks the library underneath."""
    cases = [(g, t) for g, t in load("acvp_mldsa_sigver.json") if g["externalMu"]]
    assert {test["testPassed"] for _, test in cases} == {True, False}
    for group, test in cases:
        public = MU_KEYS[group["parameterSet"]].from_public_bytes(bytes.fromhex(test["pk"]))
        try:
            public.verify_mu(bytes.fromhex(test["signature"]), bytes.fromhex(test["mu"]))
            found = True
        except InvalidSignature:
            found = False
        assert found == test["testPassed"], (group["parameterSet"], test["tcId"], test["reason"])


@pytest.mark.parametrize("name", WYCHEPROOF)
def test_signatures_of_wycheproof_hold_exactly_where_it_says_so(name):
    cases = load(f"wycheproof_mldsa_{name[-2:]}_verify.json")
    assert {test["result"] for _, test in cases} == {"valid", "invalid"}
    for group, test in cases:
        found = holds(name, group["publicKey"], test["sig"], test["msg"], test.get("ctx", ""))
        assert found == (test["result"] == "valid"), (test["tcId"], test["comment"])


@pytest.mark.parametrize("name", WYCHEPROOF)
def test_the_degenerate_keys_of_wycheproof_are_refused_at_enrolment_and_no_others(name):
    """Verification accepts signatures under them, so enrolment has to look.

    t1 is all zero under ZeroPublicKey; it is all 1023, that is t = -1 and s1 = 0, under MissingReduction.
    """
    for group, test in load(f"wycheproof_mldsa_{name[-2:]}_verify.json"):
        if "IncorrectPublicKeyLength" in test["flags"]:
            continue
        key = PublicKey(profile(name), bytes.fromhex(group["publicKey"]))
        if {"ZeroPublicKey", "MissingReduction"} & set(test["flags"]):
            with pytest.raises(Rejection, match="degenerate-key"):
                require_sound(key)
        else:
            require_sound(key)


def test_seeds_of_acvp_give_its_encapsulation_keys():
    """No function of ours uses ML-KEM yet; this checks the library that is pinned for it."""
    for group, test in load("acvp_mlkem_keygen.json"):
        private = KEM_KEYS[group["parameterSet"]].from_seed_bytes(bytes.fromhex(test["d"] + test["z"]))
        assert private.public_key().public_bytes_raw() == bytes.fromhex(test["ek"]), test["tcId"]


@pytest.mark.parametrize("size", [768, 1024])
def test_ciphertexts_of_wycheproof_decapsulate_to_its_secrets(size):
    """No function of ours uses ML-KEM yet; this checks the library that is pinned for it."""
    for group, test in load(f"wycheproof_mlkem_{size}.json"):
        seed, ciphertext = bytes.fromhex(test["seed"]), bytes.fromhex(test["c"])
        if test["result"] == "invalid":
            with pytest.raises(ValueError):
                KEM_KEYS[group["parameterSet"]].from_seed_bytes(seed).decapsulate(ciphertext)
        else:
            secret = KEM_KEYS[group["parameterSet"]].from_seed_bytes(seed).decapsulate(ciphertext)
            assert secret == bytes.fromhex(test["K"]), test["tcId"]
