"""Files that applicants hand in: exactly the fields that are asked for, each of its type, or one sentence."""

import json

import pytest

from qfl.errors import KeyFolderError
from qfl.security.applications import LIMIT_BYTES, MAX_NUMBER, blob, blobs, number, read_fields, text

FIELDS = {"client": number, "key": blob, "proofs": blobs, "node": text}
GOOD = {"client": 7, "key": "00ff", "proofs": ["aa", "bb"], "node": "ecdsa"}


def read(path, entries):
    path.write_text(entries if isinstance(entries, str) else json.dumps(entries))
    return read_fields(path, FIELDS, "application", "qfl keys join")


def test_a_good_file_is_converted(tmp_path):
    expected = {"client": 7, "key": b"\x00\xff", "proofs": (b"\xaa", b"\xbb"), "node": "ecdsa"}
    assert read(tmp_path / "a", GOOD) == expected


@pytest.mark.parametrize(
    ("change", "says"),
    [
        ({"client": True}, "client: expected a whole number"),
        ({"client": 7.0}, "client: expected a whole number"),
        ({"client": -1}, "client: expected a whole number"),
        ({"client": MAX_NUMBER + 1}, "client: expected a whole number"),
        ({"key": "FF"}, "key: "),
        ({"key": "0 0"}, "key: "),
        ({"key": 5}, "key: expected hexadecimal"),
        ({"proofs": ["aa"]}, "proofs: expected two entries"),
        ({"proofs": "aabb"}, "proofs: expected two entries"),
        ({"proofs": ["aa", 1]}, "proofs: expected hexadecimal"),
        ({"node": ["x"]}, "node: expected text"),
        ({"more": 1}, "expected exactly the fields client, key, proofs, node"),
    ],
)
def test_any_other_entry_is_refused_by_name(tmp_path, change, says):
    with pytest.raises(KeyFolderError, match=f"is no application .{says}.*give the file that `qfl keys join` wrote"):
        read(tmp_path / "a", GOOD | change)


@pytest.mark.parametrize("content", ["", "[]", "7", "{", '{"client": 7, "client": 8}', "x" * (LIMIT_BYTES + 1)])
def test_what_is_no_such_object_is_refused(tmp_path, content):
    with pytest.raises(KeyFolderError, match="is no application"):
        read(tmp_path / "a", content)


def test_a_file_that_is_not_there_is_named(tmp_path):
    with pytest.raises(KeyFolderError, match="no file is found there"):
        read_fields(tmp_path / "a", FIELDS, "application", "qfl keys join")
    with pytest.raises(KeyFolderError, match="no regular file"):
        read_fields(tmp_path, FIELDS, "application", "qfl keys join")
