"""The run folder: what a kill, a damaged file or a foreign folder does to it.

Also covers qfl/checkpoint.py and qfl/writing.py.
"""

import json
import os
import signal
import subprocess
import sys
import time

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from qfl.errors import RunFolderError
from qfl.results import RunFolder, write_atomically


@pytest.fixture
def run(tmp_path) -> RunFolder:
    return RunFolder.create("toy", {"schema": 1, "status": "running"}, root=tmp_path)


def names(folder: RunFolder) -> set[str]:
    return {path.name for path in folder.path.iterdir()}


def test_a_new_run_is_named_after_its_file_and_does_not_meet_another(tmp_path):
    paths = {RunFolder.create("toy", {}, root=tmp_path).path for _ in range(5)}
    assert len(paths) == 5 and all(path.name.startswith("toy-") for path in paths)


def test_a_named_folder_is_used_as_it_is(tmp_path):
    assert RunFolder.create("toy", {}, path=tmp_path / "a" / "b").path == (tmp_path / "a" / "b").resolve()


def test_the_header_is_updated_entry_by_entry(run):
    run.update(status="completed", final={"accuracy": np.float32(0.5), "angles": np.arange(3)})
    assert RunFolder(run.path).header == {
        "schema": 1,
        "status": "completed",
        "final": {"accuracy": 0.5, "angles": [0, 1, 2]},
    }


@pytest.mark.parametrize("make", [lambda p: p / "absent", lambda p: p, lambda p: p / "file"])
def test_what_is_no_run_folder_is_refused(tmp_path, make):
    (tmp_path / "file").write_text("x")
    with pytest.raises(RunFolderError, match=r"is no run folder \(it has no run.json\); give a folder"):
        RunFolder(make(tmp_path))


@pytest.mark.parametrize("content", [b"", b"{", b"\x80\x81", b"[]"])
def test_a_damaged_header_is_a_sentence(run, content):
    (run.path / "run.json").write_bytes(content)
    with pytest.raises(RunFolderError, match="the run folder is damaged"):
        _ = run.header


def test_rows_come_back_in_order_and_without_a_table_there_are_none(run):
    assert run.rounds() == []
    run.append("rounds", [{"round": 0}, {"round": 1, "accuracy": np.float64(0.1)}])
    run.append("rounds", [{"round": 2, "loss": None}])
    assert run.rounds() == [{"round": 0}, {"round": 1, "accuracy": 0.1}, {"round": 2, "loss": None}]


@pytest.mark.parametrize("value", [float("nan"), float("inf")])
def test_a_row_that_json_cannot_hold_is_refused_before_anything_is_written(run, value):
    with pytest.raises(ValueError, match="not JSON compliant"):
        run.append("rounds", [{"round": 0, "loss": value}])
    assert run.rounds() == []


@given(cut=st.integers(1, 60))
def test_a_line_cut_off_by_a_kill_costs_that_line_only(tmp_path_factory, cut):
    run = RunFolder.create("toy", {}, root=tmp_path_factory.mktemp("runs"))
    rows = [{"round": number, "accuracy": number / 7} for number in range(3)]
    run.append("rounds", rows)
    path = run.path / "rounds.jsonl"
    whole = path.read_bytes()
    path.write_bytes(whole[:-cut])
    complete = whole[:-cut].count(b"\n")
    # a line that only lost its line end is still whole
    assert run.rounds() in (rows[:complete], rows[: complete + 1])


def test_rows_appended_after_a_cut_and_a_truncation_are_whole(run):
    run.append("rounds", [{"round": 0}, {"round": 1}])
    with open(run.path / "rounds.jsonl", "ab") as file:
        file.write(b'{"round": 2, "acc')
    run.truncate(1)
    run.append("rounds", [{"round": 2}])
    assert run.rounds() == [{"round": 0}, {"round": 1}, {"round": 2}]


def test_truncation_drops_later_rounds_of_both_tables(run):
    run.append("rounds", [{"round": number} for number in range(5)])
    run.append("clients", [{"round": number, "client": client} for number in range(1, 5) for client in range(2)])
    run.truncate(2)
    assert [row["round"] for row in run.rounds()] == [0, 1, 2]
    assert [(row["round"], row["client"]) for row in run.clients()] == [(1, 0), (1, 1), (2, 0), (2, 1)]


ARRAYS = st.dictionaries(
    st.text("abc/._-0", min_size=1, max_size=5),
    hnp.arrays(
        st.sampled_from([np.float32, np.float64, np.int64]), hnp.array_shapes(min_dims=0, min_side=0, max_dims=2)
    ),
    max_size=3,
)
PLAIN = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(2**200), 2**200)
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(),
    lambda inner: st.lists(inner, max_size=2) | st.dictionaries(st.text(), inner, max_size=2),
    max_leaves=5,
)


@given(number=st.integers(0, 10**6), arrays=ARRAYS, state=st.dictionaries(st.text(), PLAIN, max_size=3))
def test_a_checkpoint_comes_back_bit_by_bit(tmp_path_factory, number, arrays, state):
    run = RunFolder.create("toy", {}, root=tmp_path_factory.mktemp("runs"))
    run.save_checkpoint(number, arrays, state)
    again_number, again, again_state = run.load_checkpoint()
    assert (again_number, again_state) == (number, state)
    assert again.keys() == arrays.keys()
    for name, value in arrays.items():
        assert again[name].dtype == value.dtype and again[name].tobytes() == value.tobytes()


def test_before_the_first_checkpoint_there_is_none(run):
    assert run.load_checkpoint() is None


def test_a_generator_survives_a_checkpoint(run):
    generator = np.random.Generator(np.random.PCG64(3))
    generator.random(5)
    run.save_checkpoint(1, {}, {"generator": generator.bit_generator.state})
    again = np.random.Generator(np.random.PCG64(0))
    again.bit_generator.state = run.load_checkpoint()[2]["generator"]
    assert np.array_equal(again.random(5), generator.random(5))


@pytest.mark.parametrize("content", [b"", b"PK\x03\x04 cut off", b"nothing of ours"])
def test_a_damaged_checkpoint_is_a_sentence(run, content):
    (run.path / "checkpoint.npz").write_bytes(content)
    with pytest.raises(RunFolderError, match="is not a checkpoint of qfl"):
        run.load_checkpoint()


def test_a_pickle_in_a_checkpoint_is_not_executed(run):
    np.savez(run.path / "checkpoint.npz", __meta__=np.array([{"round": 1}], dtype=object))
    with pytest.raises(RunFolderError, match="is not a checkpoint of qfl"):
        run.load_checkpoint()


def test_a_failed_replacement_keeps_the_old_file_and_leaves_no_other(run, monkeypatch):
    before = (run.path / "run.json").read_bytes()

    def no_space(*_):
        raise OSError("no space left")

    monkeypatch.setattr(os, "fsync", no_space)
    with pytest.raises(OSError, match="no space left"):
        run.update(status="completed")
    assert (run.path / "run.json").read_bytes() == before
    assert names(run) == {"run.json"}


WRITER = """
import sys
from pathlib import Path
from qfl.results import write_atomically
for number in range(10**9):
    write_atomically(Path(sys.argv[1]), str(number % 10).encode() * 200_000)
"""


def test_a_reader_and_a_kill_never_see_half_a_file(tmp_path):
    path, contents = tmp_path / "file", []
    writer = subprocess.Popen([sys.executable, "-c", WRITER, str(path)])
    try:
        while not path.exists():
            assert writer.poll() is None
            time.sleep(0.01)
        deadline = time.monotonic() + 120  # a busy disk may keep the writer waiting for its fsync
        while len(contents) < 300 or (len(set(contents)) < 3 and time.monotonic() < deadline):
            contents.append(path.read_bytes())
    finally:
        writer.send_signal(signal.SIGKILL)
        writer.wait()
    for content in (*contents, path.read_bytes()):
        assert len(content) == 200_000 and len(set(content)) == 1
    assert len(set(contents)) >= 3, "the writer wrote nothing while we read"


def test_files_are_plain_json(run):
    write_atomically(run.path / "run.json", b'{"a": 1}')
    run.append("clients", [{"round": 1}])
    assert json.loads((run.path / "run.json").read_text()) == {"a": 1}
    assert [json.loads(line) for line in (run.path / "clients.jsonl").read_text().splitlines()] == [{"round": 1}]
