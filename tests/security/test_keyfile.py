import pytest

from qfl.errors import KeyFolderError
from qfl.security.keyfile import lock, read_secret, write_secret

SECRET = bytes(range(32))


def test_a_secret_comes_back_and_only_its_owner_can_read_the_file(tmp_path):
    path = tmp_path / "7.key"
    write_secret(path, SECRET)
    assert read_secret(path) == path.read_bytes() == SECRET
    assert path.stat().st_mode & 0o777 == 0o600


def test_a_private_key_is_never_overwritten(tmp_path):
    write_secret(tmp_path / "7.key", SECRET)
    with pytest.raises(KeyFolderError, match="never overwritten"):
        write_secret(tmp_path / "7.key", bytes(32))
    assert read_secret(tmp_path / "7.key") == SECRET


@pytest.mark.parametrize("mode", [0o644, 0o640, 0o604, 0o660])
def test_a_file_that_others_can_read_is_refused(tmp_path, mode):
    write_secret(tmp_path / "7.key", SECRET)
    (tmp_path / "7.key").chmod(mode)
    with pytest.raises(KeyFolderError, match=f"mode {mode:04o}, expected 0600"):
        read_secret(tmp_path / "7.key")


def test_a_sealed_secret_opens_with_its_passphrase_only(tmp_path):
    path = tmp_path / "7.key"
    write_secret(path, SECRET, lock("correct horse"))
    assert SECRET not in path.read_bytes()
    assert read_secret(path, "correct horse") == SECRET
    with pytest.raises(KeyFolderError, match="is sealed; give its passphrase"):
        read_secret(path)
    for wrong in ("", "Correct horse"):
        with pytest.raises(KeyFolderError, match="does not open"):
            read_secret(path, wrong)


def test_a_sealed_file_that_is_changed_or_renamed_does_not_open(tmp_path):
    seal, path = lock("correct horse"), tmp_path / "7.key"
    write_secret(path, SECRET, seal)
    content = path.read_bytes()
    for damaged in (content[:-1], content[:-1] + bytes([content[-1] ^ 1]), content[:9]):
        path.write_bytes(damaged)
        with pytest.raises(KeyFolderError, match="does not open"):
            read_secret(path, "correct horse")
    path.write_bytes(content)
    path.rename(tmp_path / "8.key")
    with pytest.raises(KeyFolderError, match="does not open"):
        read_secret(tmp_path / "8.key", "correct horse")


def test_two_files_of_one_lock_share_no_bytes_beyond_the_salt(tmp_path):
    """A nonce that came twice would give both secrets away."""
    seal = lock("correct horse")
    write_secret(tmp_path / "7.key", SECRET, seal)
    write_secret(tmp_path / "8.key", SECRET, seal)
    seven, eight = ((tmp_path / f"{k}.key").read_bytes() for k in (7, 8))
    assert seal.salt in seven and seal.salt in eight
    assert seven.split(seal.salt)[1] != eight.split(seal.salt)[1]


def test_an_absent_file_is_named(tmp_path):
    with pytest.raises(KeyFolderError, match=r"9\.key"):
        read_secret(tmp_path / "9.key")
