"""A listing says what each run came to, and what is wrong with a folder that is damaged."""

import fcntl
import os
import shutil
import time

import pytest

from qfl.cli import main
from qfl.errors import RunFolderError
from qfl.results import RunFolder
from qfl.tracking.listing import list_runs, read_entry


def test_a_run_has_its_settings_its_figures_and_its_state(add, tmp_path):
    add("one", scores=(0.1, 0.5, 0.4, None), strategy__name="median")
    (entry,) = list_runs(tmp_path / "runs")
    assert (entry.name, entry.state, entry.done, entry.metric) == ("one", "completed", 3, "accuracy")
    assert (entry.last, entry.best, entry.loss, entry.seconds) == (0.4, 0.5, 1.6, 2.0)
    assert (entry.settings["strategy.name"], entry.row()["strategy"], entry.fault) == ("median", "median", "")


def test_the_figures_are_those_of_a_real_run(tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "small.toml").write_text("rounds = 2\nthreads = 1\nclients.count = 4\nmodel.layers = 2\n")
    assert main(["run", "small.toml"]) == 0
    (entry,) = list_runs(tmp_path / "runs")
    final, rows = RunFolder(entry.path).header["final"], RunFolder(entry.path).rounds()
    assert (entry.last, entry.loss, entry.seconds) == (final["accuracy"], final["loss"], final["seconds"])
    assert (entry.best, entry.done) == (max(row["accuracy"] for row in rows), 2)


def test_the_newest_run_is_first_and_folders_of_folders_are_looked_into(add, tmp_path):
    add("b", created="2026-11-21T08:15:00Z")
    add("sweep/a", created="2026-11-22T08:15:00Z")
    add("a", created="2026-11-20T08:15:00Z")
    (tmp_path / "runs" / "empty").mkdir()
    (tmp_path / "runs" / "loop").symlink_to(tmp_path / "runs")
    assert [entry.name for entry in list_runs(tmp_path / "runs")] == ["sweep/a", "b", "a"]
    assert [entry.name for entry in list_runs(tmp_path / "runs" / "sweep" / "a")] == ["a"]


def test_a_run_is_running_only_while_a_process_holds_its_folder(add, tmp_path):
    run = add("killed", status="running")
    assert read_entry(run.path, "killed").state == "interrupted"
    handle = os.open(run.path, os.O_RDONLY)
    fcntl.flock(handle, fcntl.LOCK_EX)
    try:
        assert read_entry(run.path, "killed").state == "running"
    finally:
        os.close(handle)


def test_a_study_is_listed_by_its_kind(tmp_path):
    header = {"kind": "reproduction", "status": "completed", "settings": {"seeds": [1]}, "created": "2026-11-21"}
    RunFolder.create("fig2", header, path=tmp_path / "fig2")
    (entry,) = list_runs(tmp_path)
    assert (entry.kind, entry.metric, entry.last, entry.done, entry.fault) == ("reproduction", "", None, None, "")


def test_a_row_that_a_kill_cut_off_is_left_out(add):
    run = add("killed")
    with open(run.path / "rounds.jsonl", "a") as file:
        file.write('{"round": 3, "accuracy": 0.9, "secon')
    entry = read_entry(run.path, "killed")
    assert (entry.done, entry.best, entry.fault) == (2, 0.5, "")


@pytest.mark.parametrize(
    ("file", "content", "sentence"),
    [
        ("run.json", "{", "is no JSON"),
        ("run.json", "[]", "holds no JSON object"),
        ("run.json", '{"status": "completed"}', "has no 'settings'"),
        ("run.json", '{"status": "odd", "settings": {}}', "another program's"),
        ("run.json", "[" * 100_000, "levels of JSON"),
        ("rounds.jsonl", "no row\n", "at line 1"),
        ("rounds.jsonl", '{"round": NaN}\n', "NaN"),
        ("rounds.jsonl", '{"loss": 1.0}\n', "has no round number"),
        ("rounds.jsonl", '{"round": 1}\n', "has a row with no seconds"),
    ],
)
def test_a_damaged_folder_says_why_in_a_sentence(add, file, content, sentence):
    run = add("hurt")
    (run.path / file).write_text(content)
    entry = read_entry(run.path, "hurt")
    assert entry.state == "damaged" and sentence in entry.fault and str(run.path) in entry.fault
    assert "\n" not in entry.fault


def test_a_folder_that_lost_its_header_is_damaged_and_a_pipe_is_not_waited_for(add, tmp_path):
    (add("lost").path / "run.json").unlink()
    pipe = add("pipe").path / "rounds.jsonl"
    pipe.unlink()
    os.mkfifo(pipe)
    faults = {entry.name: entry.fault for entry in list_runs(tmp_path / "runs")}
    assert "is no run folder" in faults["lost"] and "is no plain file" in faults["pipe"]


def test_a_folder_that_is_not_there_is_refused(tmp_path):
    with pytest.raises(RunFolderError, match=r"cannot list the runs in .*No such file"):
        list_runs(tmp_path / "none")


def test_a_hundred_runs_take_less_than_a_second(add, tmp_path):
    run = add("run-0", scores=[0.5] * 31)
    for number in range(1, 100):
        shutil.copytree(run.path, tmp_path / "runs" / f"run-{number}")
    begin = time.process_time()
    assert len(list_runs(tmp_path / "runs")) == 100
    assert time.process_time() - begin < 1.0
