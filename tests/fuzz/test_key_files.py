"""A damaged key file or key folder is refused in a sentence that names it, whatever the damage."""

import pytest

from qfl.errors import KeyFolderError
from qfl.security import keyfile, keystore
from qfl.seeds import stream
from qfl.testing.mutations import budget, findings, mutants

FILES = ("authority.pub", "roster.cbor", "clients/0.key", "server.key", "roster.seen")


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    keystore.new(tmp_path_factory.mktemp("fuzz") / "keys", "ML-DSA-44", 1)
    return tmp_path_factory.getbasetemp() / "fuzz0" / "keys"


@pytest.mark.parametrize("name", FILES)
def test_no_mutant_of_a_key_folders_file_is_accepted_or_raises_anything_else(folder, name, share):
    path, honest = folder / name, (folder / name).read_bytes()

    def read(data):
        path.write_bytes(data)
        keystore.load_signers(folder, [0, "server"])
        if name == "roster.seen":  # an older count, or another way to write it, is no harm
            raise KeyFolderError("read")

    try:
        assert (
            findings(read, mutants(stream(13, "fuzz", name), [honest], budget(share / len(FILES))), KeyFolderError)
            == []
        )
    finally:
        path.write_bytes(honest)
    keystore.load_signers(folder, [0, "server"])


def test_no_mutant_of_a_sealed_key_opens_or_raises_anything_else(tmp_path, monkeypatch, share):
    """With a cheap derivation: the real one takes a fifth of a second by design, whatever the file holds."""
    monkeypatch.setattr(keyfile, "PASSES", 1)
    monkeypatch.setattr(keyfile, "MEMORY_KIB", 32)
    path = tmp_path / "7.key"
    keyfile.write_secret(path, bytes(32), keyfile.lock("correct horse"))
    honest = path.read_bytes()

    def read(data):
        path.write_bytes(data)
        if keyfile.read_secret(path, "correct horse") == data:
            raise KeyFolderError("without its first bytes it is no sealed file, and no key has this length")

    assert findings(read, mutants(stream(14, "fuzz"), [honest], budget(share / len(FILES))), KeyFolderError) == []


@pytest.mark.parametrize("passphrase", ["", "pass\udcffphrase", "x" * 10**5, "\x00"])
def test_any_passphrase_is_right_or_wrong(tmp_path, monkeypatch, passphrase):
    monkeypatch.setattr(keyfile, "MEMORY_KIB", 32)
    keyfile.write_secret(tmp_path / "7.key", bytes(32), keyfile.lock("correct horse"))
    with pytest.raises(KeyFolderError, match="does not open"):
        keyfile.read_secret(tmp_path / "7.key", passphrase)


def test_what_is_no_plain_file_of_bounded_size_is_no_key(folder, tmp_path):
    (tmp_path / "folder.key").mkdir(mode=0o700)
    (tmp_path / "long.key").write_bytes(bytes(10**6))
    (tmp_path / "long.key").chmod(0o600)
    (tmp_path / "zero.key").symlink_to("/dev/zero")
    for name in ("folder.key", "long.key", "zero.key", "absent.key"):
        with pytest.raises(KeyFolderError, match=name.replace(".", r"\.")):
            keyfile.read_secret(tmp_path / name)
