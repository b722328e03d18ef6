"""Every fault of a reader of folders is told apart: other numbers, a traceback, too many words, too much time."""

import time

import pytest

from qfl.errors import RunFolderError
from qfl.testing.folder_faults import folder_faults


@pytest.fixture
def sound(tmp_path):
    (tmp_path / "sound").mkdir()
    (tmp_path / "sound" / "run.json").write_text('{"seed": 1, "rounds": [1, 2, 3]}')
    return tmp_path / "sound"


def strict(path):
    """Read a folder as it must be read: what it said, or a sentence."""
    if not (path / "run.json").is_file():  # a damaged one may be a pipe, and would be waited for
        raise RunFolderError("run.json is no file")
    text = (path / "run.json").read_bytes()
    if text != b'{"seed": 1, "rounds": [1, 2, 3]}':
        raise RunFolderError("run.json is damaged")
    return text


def credulous(path):
    return (path / "run.json").is_file() and (path / "run.json").read_bytes()


def wordy(path):
    try:
        return strict(path)
    except RunFolderError as error:
        raise RunFolderError(f"Traceback:\n{error}") from None


def trusting(path):
    try:
        return strict(path)
    except RunFolderError:
        raise KeyError("seed") from None


def slow(path):
    try:
        return strict(path)
    except RunFolderError:
        end = time.process_time() + 0.03
        while time.process_time() < end:
            pass
        raise


@pytest.mark.parametrize(
    ("read", "fault"),
    [
        (credulous, "goes on with other numbers"),
        (wordy, "more than a sentence"),
        (trusting, "KeyError"),
        (slow, "s of processor time"),
    ],
)
def test_a_reader_that_does_not_refuse_as_it_should_is_found(tmp_path, sound, read, fault):
    found = folder_faults(sound, tmp_path / "spoilt", read, 10, limit_s=0.02)
    assert len(found) >= 8 and all(fault in each for each in found), found


def test_a_reader_that_refuses_in_a_sentence_is_not(tmp_path, sound):
    assert folder_faults(sound, tmp_path / "spoilt", strict, 50) == []
