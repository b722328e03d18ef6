"""A key folder is made whole, read strictly, and changed by its authority alone.

Also covers qfl/security/membership.py.
"""

import os
import shutil
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from qfl.errors import ConfigError, KeyFolderError, Rejection, UserError
from qfl.security import keystore, membership
from qfl.security.enrolment import prove_possession
from qfl.security.profiles import ML_DSA_44
from qfl.security.roster import sign_roster
from qfl.security.signing import generate, verify


@pytest.fixture
def folder(tmp_path) -> Path:
    keystore.new(tmp_path / "keys", "ML-DSA-44", clients=3)
    return tmp_path / "keys"


def secret_files(folder: Path) -> list[Path]:
    return sorted(folder.rglob("*.key"))


def cause(caught) -> str:
    assert isinstance(caught.value.__cause__, Rejection)
    return caught.value.__cause__.reason


def enrolled(folder: Path, client: int, **options):
    """What the applicant and the authority do together."""
    nonce = membership.invite(folder, client)
    public, proof = membership.apply(folder.parent / f"home-{client}", client, nonce, "ML-DSA-44")
    return membership.enrol(folder, client, public, proof, **options)


def test_every_private_key_has_its_own_file_that_only_its_owner_can_read(folder):
    names = [path.relative_to(folder).as_posix() for path in secret_files(folder)]
    assert names == ["authority.key", "clients/0.key", "clients/1.key", "clients/2.key", "server.key"]
    assert {path.stat().st_mode & 0o777 for path in secret_files(folder)} == {0o600}
    assert {len(path.read_bytes()) for path in secret_files(folder)} == {32}
    assert {p.stat().st_mode & 0o777 for p in (folder, folder / "clients")} == {0o700}
    assert len({path.read_bytes() for path in secret_files(folder)}) == 5


def test_every_signer_signs_under_its_enrolled_key(folder):
    roster = keystore.load_roster(folder)
    signers = keystore.load_signers(folder, [0, 1, 2, "server"])
    for client in (0, 1, 2):
        verify(roster.row(client).key, signers[client].sign(b"update"), b"update")
    verify(roster.server, signers["server"].sign(b"broadcast"), b"broadcast")
    assert keystore.load_signer(folder, 1) == signers[1]


def test_new_returns_the_roster_that_is_loaded_later(tmp_path):
    roster = keystore.new(tmp_path / "keys", "Dilithium2", clients=2, max_examples=[10, 20], days=1)
    assert keystore.load_roster(tmp_path / "keys") == roster
    assert [row.max_examples for row in roster.rows] == [10, 20]
    assert roster.server.profile.name == "ML-DSA-44"
    with pytest.raises(KeyFolderError) as caught:
        keystore.load_roster(tmp_path / "keys", now=roster.expires + 0.0)
    assert cause(caught) == "roster-expired"


def test_a_folder_in_use_is_left_alone(folder):
    before = {path: path.read_bytes() for path in folder.rglob("*") if path.is_file()}
    with pytest.raises(KeyFolderError, match="not empty"):
        keystore.new(folder, clients=1)
    assert before == {path: path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def test_a_folder_that_cannot_be_completed_is_not_there_at_all(tmp_path, monkeypatch):
    """The roster is signed last but one; a full disk at that moment must leave nothing half made."""

    def fail(*_):
        raise OSError("no space left")

    monkeypatch.setattr(keystore, "sign_roster", fail)
    with pytest.raises(OSError, match="no space left"):
        keystore.new(tmp_path / "keys", "ML-DSA-44", clients=2)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("arguments", [{"algorithm": "RSA"}, {"clients": 2, "max_examples": [1]}])
def test_impossible_wishes_are_the_users_mistakes_and_leave_nothing(tmp_path, arguments):
    with pytest.raises(UserError):
        keystore.new(tmp_path / "keys", **arguments)
    assert list(tmp_path.iterdir()) == []


def test_an_unknown_algorithm_is_named(tmp_path):
    with pytest.raises(ConfigError, match="RSA"):
        keystore.new(tmp_path / "keys", "RSA")


def test_a_folder_without_keys_says_how_to_make_them(tmp_path):
    for call in (keystore.load_roster, keystore.list_rows, lambda f: keystore.load_signer(f, 0)):
        with pytest.raises(KeyFolderError, match="qfl keys new"):
            call(tmp_path)
    for call in (lambda: membership.revoke(tmp_path, 0), lambda: membership.invite(tmp_path, 0)):
        with pytest.raises(KeyFolderError, match="qfl keys new"):
            call()


def test_a_client_that_is_not_enrolled_has_no_signer(folder):
    with pytest.raises(KeyFolderError, match="client 3 is not enrolled"):
        keystore.load_signer(folder, 3)


def test_a_private_key_that_is_not_the_enrolled_one_is_refused(folder):
    os.replace(folder / "clients" / "1.key", folder / "clients" / "2.key")
    with pytest.raises(KeyFolderError, match="not the enrolled key"):
        keystore.load_signer(folder, 2)


def test_a_private_key_of_another_length_is_refused(folder):
    (folder / "clients" / "1.key").write_bytes(bytes(31))
    with pytest.raises(KeyFolderError, match="31 bytes, which is no private key of ML-DSA-44"):
        keystore.load_signer(folder, 1)


def test_a_passphrase_seals_every_private_key(tmp_path):
    keystore.new(tmp_path / "keys", "ML-DSA-44", clients=2, passphrase="correct horse")
    assert {len(path.read_bytes()) for path in secret_files(tmp_path / "keys")} != {32}
    assert len(keystore.load_signers(tmp_path / "keys", [0, 1, "server", "authority"], "correct horse")) == 4
    for wrong in (None, "battery staple"):
        with pytest.raises(KeyFolderError, match="passphrase"):
            keystore.load_signer(tmp_path / "keys", 0, wrong)
    assert membership.revoke(tmp_path / "keys", 0, passphrase="correct horse").version == 2


# The roster in the folder


def test_a_roster_of_another_authority_is_refused(folder, tmp_path):
    keystore.new(tmp_path / "other", "ML-DSA-44", clients=3)
    shutil.copy(tmp_path / "other" / "roster.cbor", folder / "roster.cbor")
    with pytest.raises(KeyFolderError, match="refused") as caught:
        keystore.load_roster(folder)
    assert cause(caught) == "unknown-key"


def test_an_old_roster_that_is_put_back_is_refused(folder):
    old = (folder / "roster.cbor").read_bytes()
    membership.revoke(folder, 1, 0)
    (folder / "roster.cbor").write_bytes(old)
    with pytest.raises(KeyFolderError, match="refused") as caught:
        keystore.load_roster(folder)
    assert cause(caught) == "stale-roster"


def test_a_client_remembers_the_newest_roster_that_it_has_seen(folder, tmp_path):
    """The client's folder gets rosters by copying; after it has seen version 2 it refuses version 1."""
    home = tmp_path / "home"
    (home / "clients").mkdir(parents=True)
    for name in ("authority.pub", "roster.cbor", "clients/1.key"):
        shutil.copy(folder / name, home / name)
    keystore.load_signer(home, 1)
    first = (folder / "roster.cbor").read_bytes()
    membership.revoke(folder, 2, 0)
    shutil.copy(folder / "roster.cbor", home / "roster.cbor")
    assert keystore.load_roster(home).version == 2
    (home / "roster.cbor").write_bytes(first)
    with pytest.raises(KeyFolderError, match="stale-roster"):
        keystore.load_roster(home)


@pytest.mark.parametrize("name", ["roster.cbor", "roster.seen", "authority.pub"])
def test_a_damaged_file_is_named_or_the_roster_refused(folder, name):
    (folder / name).write_bytes(b"damaged")
    with pytest.raises(KeyFolderError, match=r"damaged|refused"):
        keystore.load_roster(folder)


# Enrolment and revocation


def test_an_invited_client_is_enrolled_with_the_key_that_it_made_at_home(folder, tmp_path):
    roster = enrolled(folder, 7, max_examples=42, not_before=3)
    assert (roster.version, roster.row(7).max_examples, roster.row(7).not_before) == (2, 42, 3)
    assert not (folder / "clients" / "7.key").exists(), "the private key stays with the client"
    home = tmp_path / "home-7"
    for name in ("authority.pub", "roster.cbor"):
        shutil.copy(folder / name, home / name)
    signer = keystore.load_signer(home, 7)
    verify(roster.row(7).key, signer.sign(b"update"), b"update")


def test_a_client_that_is_not_invited_is_not_enrolled(folder, tmp_path):
    public, proof = membership.apply(tmp_path / "home", 7, bytes(32), "ML-DSA-44")
    with pytest.raises(KeyFolderError, match="not invited"):
        membership.enrol(folder, 7, public, proof)


def test_an_invitation_serves_once(folder):
    enrolled(folder, 7)
    with pytest.raises(KeyFolderError, match="not invited"):
        membership.enrol(folder, 7, b"", b"")


def test_refused_applications_change_nothing_and_leave_the_invitation_open(folder):
    before = (folder / "roster.cbor").read_bytes()
    nonce = membership.invite(folder, 7)
    thief, honest = generate(ML_DSA_44), generate(ML_DSA_44)
    server = keystore.load_signer(folder, "server")
    for key, proof, reason in (
        (honest.key.encode(), prove_possession(thief, 7, nonce), "no-possession"),
        (honest.key.encode(), prove_possession(honest, 7, bytes(32)), "no-possession"),
        (server.key.encode(), prove_possession(server, 7, nonce), "duplicate-key"),
        (b"no key", prove_possession(honest, 7, nonce), "not-cose"),
    ):
        with pytest.raises(KeyFolderError, match="client 7 is not enrolled") as caught:
            membership.enrol(folder, 7, key, proof)
        assert cause(caught) == reason
    assert (folder / "roster.cbor").read_bytes() == before
    assert membership.enrol(folder, 7, honest.key.encode(), prove_possession(honest, 7, nonce)).row(7)


def test_an_enrolled_client_cannot_be_enrolled_again(folder):
    with pytest.raises(KeyFolderError) as caught:
        enrolled(folder, 1)
    assert cause(caught) == "duplicate-client"


def test_a_revoked_client_stays_in_the_list_with_its_round(folder):
    assert membership.revoke(folder, 1, 5).version == 2
    rows = {row["client"]: row for row in keystore.list_rows(folder)}
    assert (rows[1]["status"], rows[1]["revoked_from"]) == ("revoked", 5)
    assert (rows[0]["status"], rows[0]["revoked_from"]) == ("active", None)
    assert rows[0]["algorithm"] == "ML-DSA-44" and len(bytes.fromhex(rows[0]["kid"])) == 32


def test_nobody_unknown_is_revoked(folder):
    with pytest.raises(KeyFolderError, match="client 9 is not enrolled"):
        membership.revoke(folder, 9)


def test_without_the_authoritys_private_key_the_roster_does_not_change(folder):
    (folder / "authority.key").unlink()
    with pytest.raises(KeyFolderError, match=r"authority\.key"):
        membership.revoke(folder, 1)
    assert keystore.load_roster(folder).version == 1


def test_changes_at_the_same_time_all_count(folder):
    with ThreadPoolExecutor(3) as pool:
        list(pool.map(lambda client: membership.revoke(folder, client, 2), (0, 1, 2)))
    roster = keystore.load_roster(folder)
    assert roster.version == 4 and all(row.status == "revoked" for row in roster.rows)


def test_a_roster_signed_with_the_server_key_is_refused(folder):
    roster, server = keystore.load_roster(folder), keystore.load_signer(folder, "server")
    (folder / "roster.cbor").write_bytes(sign_roster(roster, server))
    with pytest.raises(KeyFolderError, match="unknown-key"):
        keystore.load_roster(folder)


@pytest.mark.parametrize("number", [-1, 2**31, 2**70])
def test_a_number_that_no_roster_can_hold_is_refused_before_it_is_signed(tmp_path, number):
    keystore.new(tmp_path / "keys", "ML-DSA-44", clients=1)
    before = (tmp_path / "keys" / "roster.cbor").read_bytes()
    for call in (
        lambda: membership.invite(tmp_path / "keys", number),
        lambda: membership.apply(tmp_path / "home", number, bytes(32), "ML-DSA-44"),
        lambda: membership.enrol(tmp_path / "keys", number, b"", b""),
        lambda: membership.enrol(tmp_path / "keys", 1, b"", b"", max_examples=number),
        lambda: membership.enrol(tmp_path / "keys", 1, b"", b"", not_after=number),
        lambda: membership.request_rotation(tmp_path / "keys", 0, number),
        lambda: membership.revoke(tmp_path / "keys", 0, number),
    ):
        with pytest.raises(KeyFolderError, match=rf"{number}: expected a number from 0 to 2147483647"):
            call()
    assert (tmp_path / "keys" / "roster.cbor").read_bytes() == before and not (tmp_path / "home").exists()
