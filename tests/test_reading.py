"""The one reader of files: what is damaged, oversized or no file at all is one sentence, at once."""

import json
import os
import time
from zipfile import ZIP_DEFLATED, ZipFile

import numpy as np
import pytest

from qfl.errors import Damaged
from qfl.reading import parse_json, read_arrays, read_bytes, read_object, read_rows

BAD_JSON = {
    "[1": r"is no JSON \(Expecting ',' delimiter at character 3\)",
    '{"a": NaN}': "has NaN, which is no number of JSON",
    "[-Infinity]": "has -Infinity",
    "1e999": "has the number 1e999, which is beyond every float",
    "9" * 5000: "has a number of 5,000 characters",
    f"0.{'1' * 5000}": "has a number of 5,002 characters",
    "[" * 200_000: "has more than 64 levels of JSON",
    "[" * 65 + "]" * 65: "has more than 64 levels of JSON",
    '{"a": 1, "b": 2, "a": 1}': "has the key 'a' twice",
    '"\\ud800"': "has half of a surrogate pair",
    "1 2": "is no JSON",
    "": "is no JSON",
}


@pytest.mark.parametrize(("text", "says"), BAD_JSON.items(), ids=range(len(BAD_JSON)))
def test_what_is_no_strict_json_is_a_sentence_within_a_tenth_of_a_second(text, says):
    start = time.process_time()
    with pytest.raises(Damaged, match=says):
        parse_json(text)
    assert time.process_time() - start < 0.1


def test_sound_json_is_what_python_reads_from_it():
    values = [{"a": [1, -2.5e-300, None, True, "größe \\ \U0001d11e"], "b": {"c": 2**127}}, [[]] * 100, "x" * 10**5]
    values += [json.loads("[" * 64 + "]" * 64), "a\udce4"]  # the last: a byte of a file name that is not UTF-8
    for value in values:
        assert parse_json(json.dumps(value)) == value


def test_bytes_that_are_not_utf8_are_named_by_their_place(tmp_path):
    (tmp_path / "f.json").write_bytes(b'{"a": "\xff"}')
    with pytest.raises(Damaged, match="is not UTF-8 at byte 8"):
        read_object(tmp_path / "f.json")


@pytest.mark.parametrize("kind", ["absent", "folder", "pipe", "/dev/zero", "circle", "socket\0"])
def test_what_is_no_plain_file_is_refused_and_never_waited_for(tmp_path, kind):
    path = tmp_path / kind if not kind.startswith("/") else kind
    if kind == "folder":
        path.mkdir()
    if kind == "pipe":
        os.mkfifo(path)
    if kind == "circle":
        path.symlink_to(path)
    with pytest.raises(Damaged, match=r"cannot be read|is no plain file"):
        read_bytes(path)


def test_a_file_beyond_the_limit_is_refused_before_it_is_read(tmp_path):
    path = tmp_path / "large.json"
    with open(path, "wb") as file:
        file.truncate(2**40)  # without a byte on the disk
    with pytest.raises(Damaged, match="has more than 134,217,728 bytes"):
        read_object(path)


def test_a_damaged_row_is_named_by_its_line_and_a_last_one_that_was_cut_off_is_left_out(tmp_path):
    path = tmp_path / "rows.jsonl"
    path.write_bytes(b'{"a": 1}\n{"a": 2}\n{"a": 3')
    assert list(read_rows(path)) == [(1, {"a": 1}), (2, {"a": 2})]
    path.write_bytes(b'{"a": 1}\n{"a": 2}')
    assert list(read_rows(path)) == [(1, {"a": 1}), (2, {"a": 2})]
    for middle in (b'{"a": ', b"", b"3", b'{"a": NaN}', b"\xff"):
        path.write_bytes(b'{"a": 1}\n' + middle + b'\n{"a": 3}\n')
        with pytest.raises(Damaged) as fault:
            list(read_rows(path))
        assert fault.value.line == 2


def npz(path, member: bytes, method: int = 0) -> None:
    with ZipFile(path, "w", method) as archive:
        archive.writestr("a.npy", member)


def member(shape: str, content: bytes = bytes(40), dtype: str = "'<f4'") -> bytes:
    header = f"{{'descr': {dtype}, 'fortran_order': False, 'shape': {shape}}}\n".encode()
    return b"\x93NUMPY\x01\x00" + len(header).to_bytes(2, "little") + header + content


@pytest.mark.parametrize("shape", ["(10000000000000,)", "(-1,)", "(9,)", "(11,)", "(True,)", "(" * 500, "(1e1,)", "10"])
def test_an_array_is_as_large_as_its_bytes(tmp_path, shape):
    npz(tmp_path / "a.npz", member(shape))
    with pytest.raises(Damaged, match="holds an array 'a' with"):
        read_arrays(tmp_path / "a.npz")


@pytest.mark.parametrize("dtype", ["'|O'", "'<M8[s]'", "'V4'", "[('a', '<f4')]", "'nonsense'", "'f' * 99"])
def test_an_array_holds_numbers_or_text_alone(tmp_path, dtype):
    npz(tmp_path / "a.npz", member("(10,)", dtype=dtype))
    with pytest.raises(Damaged, match="holds an array 'a'"):
        read_arrays(tmp_path / "a.npz")


def test_an_archive_that_would_inflate_is_refused_before_it_does(tmp_path):
    npz(tmp_path / "a.npz", member("(5000000,)", bytes(20_000_000)), ZIP_DEFLATED)
    start = time.process_time()
    with pytest.raises(Damaged, match=r"would grow beyond the [\d,]+ bytes of the file"):
        read_arrays(tmp_path / "a.npz")
    assert time.process_time() - start < 0.1


def test_sound_arrays_come_back_as_numpy_reads_them(tmp_path):
    arrays = {
        "a/b": np.arange(6, dtype=np.float32).reshape(2, 3),
        "fortran": np.asfortranarray(np.arange(6.0).reshape(2, 3)),
        "none": np.zeros((0, 3)),
        "one": np.array(True),
        "text": np.array(["größe"]),
    }
    np.savez(tmp_path / "a.npz", **arrays)
    found = read_arrays(tmp_path / "a.npz")
    with np.load(tmp_path / "a.npz") as other:
        assert found.keys() == set(other.files)
        for name in other.files:
            np.testing.assert_array_equal(found[name], other[name])
            assert found[name].dtype == other[name].dtype and found[name].flags.writeable
