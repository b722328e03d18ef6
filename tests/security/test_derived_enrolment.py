"""Clients of a run that makes its own keys are enrolled when they are first asked, once, and can sign from then on."""

from functools import partial

import pytest

from qfl.errors import KeyFolderError
from qfl.security import keystore
from qfl.security.derived_enrolment import enrol_derived
from qfl.security.oqs import probe
from qfl.security.signing import verify


@pytest.fixture
def folder(tmp_path):
    keystore.new(tmp_path / "keys", "ML-DSA-44", derived=True)
    return tmp_path / "keys"


def enrol(folder, *clients: int, **options):
    return enrol_derived(folder, clients, partial(keystore.load_roster, folder), **options)


def test_who_is_asked_can_sign_and_nobody_else_is_there(folder):
    made = enrol(folder, 3, 99_999, max_examples=12)
    roster = keystore.load_roster(folder)
    assert [(row.client, row.max_examples) for row in roster.rows] == [(3, 12), (99_999, 12)]
    assert keystore.load_signers(folder, [3, 99_999]) == made
    verify(roster.row(3).key, made[3].sign(b"update"), b"update")
    assert not list((folder / "clients").iterdir())
    with pytest.raises(KeyFolderError, match="client 4 is not enrolled"):
        keystore.load_signer(folder, 4)


def test_nobody_is_enrolled_twice(folder):
    enrol(folder, 1, 2)
    assert list(enrol(folder, 2, 3)) == [3] and enrol(folder, 1, 2, 3) == {}
    assert [row.client for row in keystore.load_roster(folder).rows] == [1, 2, 3]
    assert sorted(path.name for path in (folder / "enrolled").iterdir()) == ["2.cbor", "3.cbor"]


def test_another_seed_makes_no_key_that_is_enrolled(folder):
    enrol(folder, 1)
    (folder / "clients.key").write_bytes(bytes(32))
    with pytest.raises(KeyFolderError, match=r"clients\.key is not the enrolled key"):
        keystore.load_signer(folder, 1)


@pytest.mark.skipif(not probe().usable, reason="needs liboqs")
def test_keys_of_liboqs_which_has_no_seeds_are_written_down(tmp_path):
    folder = tmp_path / "keys"
    keystore.new(folder, "ML-DSA-44", derived=True, library="liboqs")
    (folder / "clients" / "5.key").write_bytes(b"of a run that was killed before the key was enrolled")
    load = partial(keystore.load_roster, folder, library="liboqs")
    made = enrol_derived(folder, [5], load)
    assert keystore.load_signer(folder, 5) == made[5]
