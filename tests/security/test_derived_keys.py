"""A derived key is that of HKDF's output, and of nothing else: other clients, algorithms and folders have others."""

import hashlib
import hmac

import pytest

from qfl.errors import KeyFolderError, MissingExtra
from qfl.security import keystore
from qfl.security.derived_keys import derive, has_seed, make_seed
from qfl.security.profiles import FALCON_512, ML_DSA_44, ML_DSA_65
from qfl.security.signing import from_seed


def hkdf(seed: bytes, info: bytes) -> bytes:
    """RFC 5869 with SHA-256, no salt and one block of output, from HMAC alone."""
    extracted = hmac.digest(bytes(32), seed, hashlib.sha256)
    return hmac.digest(extracted, info + b"\x01", hashlib.sha256)


def test_the_key_is_that_of_the_seed_by_rfc_5869(tmp_path):
    make_seed(tmp_path)
    seed, info = (
        (tmp_path / "clients.key").read_bytes(),
        b"qfl/client-key/v1\0ML-DSA-65\0" + (70_000).to_bytes(8, "big"),
    )
    assert derive(tmp_path, 70_000, ML_DSA_65) == from_seed(ML_DSA_65, hkdf(seed, info))


def test_clients_algorithms_and_folders_have_keys_of_their_own(tmp_path):
    for name in ("a", "b"):
        (tmp_path / name).mkdir()
        make_seed(tmp_path / name)
    secrets = {
        derive(tmp_path / name, client, profile).secret
        for name in ("a", "b")
        for client in (0, 1, 256)
        for profile in (ML_DSA_44, ML_DSA_65)
    }
    assert len(secrets) == 12


def test_the_seed_is_its_owners_alone_and_is_never_overwritten(tmp_path):
    assert not has_seed(tmp_path)
    make_seed(tmp_path)
    assert has_seed(tmp_path) and (tmp_path / "clients.key").stat().st_mode & 0o777 == 0o600
    with pytest.raises(KeyFolderError, match="exists already"):
        make_seed(tmp_path)
    (tmp_path / "clients.key").chmod(0o644)
    with pytest.raises(KeyFolderError, match="has mode 0644, expected 0600"):
        derive(tmp_path, 0, ML_DSA_44)


def test_falcon_has_no_keys_from_a_seed(tmp_path):
    make_seed(tmp_path)
    with pytest.raises(MissingExtra, match="liboqs"):
        derive(tmp_path, 0, FALCON_512)


def test_only_a_folder_that_is_to_derive_keys_has_a_seed(tmp_path):
    keystore.new(tmp_path / "given", "ML-DSA-44", 1)
    keystore.new(tmp_path / "own", "ML-DSA-44", derived=True)
    assert (has_seed(tmp_path / "given"), has_seed(tmp_path / "own")) == (False, True)
