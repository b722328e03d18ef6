"""``qfl run``: what it prints where, and what becomes of a run that is stopped.

Also covers qfl/cli/ending.py, qfl/cli/report.py and qfl/api/resume.py.
"""

import json
import os
import pty
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from qfl.cli import main
from qfl.results import RunFolder

COMMAND = [sys.executable, "-c", "import sys; from qfl.cli import main; sys.exit(main())"]


def run_json(capsys, *words: str) -> dict:
    """Run in this process and return the one JSON object on stdout."""
    assert main(["run", *words, "--json"]) == 0
    streams = capsys.readouterr()
    assert streams.err == ""
    return json.loads(streams.out)


def test_json_is_one_object_with_the_promised_keys_and_nothing_else(small, capsys):
    found = run_json(capsys, "small.toml")
    assert {"accuracy", "loss", "rounds", "seconds", "angles", "angles_sha256", "run"} <= found.keys()
    folder = RunFolder(found["run"])
    assert folder.header["status"] == "completed"
    assert found["rounds"] == 3 and len(found["angles"]) == found["parameters"]
    assert found["accuracy"] == folder.rounds()[-1]["accuracy"]
    assert Path(found["report"]).is_file() and Path(found["report"]).parent == folder.path


def test_people_see_lines_on_stderr_and_three_lines_at_the_end(small, capsys):
    assert main(["run", "small.toml", "--set", "rounds=2"]) == 0
    streams = capsys.readouterr()
    accuracy, run, report = streams.out.splitlines()
    assert accuracy.startswith("accuracy 0.") and " after 2 rounds in " in accuracy
    assert run.startswith("run      runs/small-") and report.startswith(run.replace("run      ", "report   "))
    assert [line.split("  ")[0] for line in streams.err.splitlines()] == ["round 0/2", "round 1/2", "round 2/2"]


def test_the_short_options_are_settings(small, capsys):
    found = run_json(capsys, "small.toml", "--seed", "5", "--backend", "sequential", "--set", "rounds=1")
    settings = RunFolder(found["run"]).header["settings"]
    assert (settings["seed"], settings["backend"], settings["rounds"]) == (5, "sequential", 1)


def test_a_run_folder_is_not_used_twice(small, capsys):
    words = ["small.toml", "--set", "rounds=1", "--set", "run.folder=here"]
    run_json(capsys, *words)
    assert main(["run", *words]) == 2
    assert "already holds a run; continue it with --resume" in capsys.readouterr().err


def test_a_run_without_valid_replies_is_one_sentence_and_exit_code_1(small, capsys):
    assert main(["run", "small.toml", "--set", "round.max-norm=1e-12", "--json"]) == 1
    streams = capsys.readouterr()
    assert streams.out == "" and streams.err.startswith("qfl: rounds 1 to 3 failed") and streams.err.count("\n") == 1
    assert "clients.jsonl says what became of each client" in streams.err


def test_on_a_terminal_there_is_a_bar_and_stdout_stays_clean(small):
    reading, writing = pty.openpty()
    process = subprocess.Popen([*COMMAND, "run", "small.toml", "--json"], stdout=subprocess.PIPE, stderr=writing)
    os.close(writing)
    shown = bytearray()
    while True:
        try:
            shown += os.read(reading, 4096)
        except OSError:  # Linux's way of saying that the other end is closed
            break
    output, _ = process.communicate()
    assert json.loads(output)["rounds"] == 3
    assert b"round 3/3" in shown and b"accuracy 0." in shown and b"s left" in shown


def hear_ctrl_c():
    """Undo what a shell does to jobs in the background: they are started deaf to SIGINT, and so are the tests then."""
    signal.signal(signal.SIGINT, signal.SIG_DFL)


def test_ctrl_c_says_how_to_resume_and_the_resumed_run_ends_like_an_uninterrupted_one(small, capsys):
    words = ["run", "small.toml", "--set", "rounds=20"]
    pipes = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE, "text": True}
    process = subprocess.Popen([*COMMAND, *words], **pipes, preexec_fn=hear_ctrl_c)
    assert process.stderr
    assert next(line for line in process.stderr if line.startswith("round 2/20"))
    process.send_signal(signal.SIGINT)
    output, errors = process.communicate()
    assert (process.returncode, output) == (130, "")
    last = errors.splitlines()[-1]
    assert last.startswith("qfl: stopped; continue with `qfl run --resume runs/small-")
    folder = RunFolder(last.partition("--resume ")[2].rstrip("`"))
    assert 2 <= len(folder.rounds()) - 1 < 20
    resumed = run_json(capsys, "--resume", str(folder.path))
    whole = run_json(capsys, *words[1:])
    assert resumed["rounds"] == 20 and resumed["run"] == str(folder.path) != whole["run"]
    assert resumed["angles_sha256"] == whole["angles_sha256"]


@pytest.fixture
def finished(small, capsys) -> str:
    return run_json(capsys, "small.toml", "--set", "rounds=1")["run"]


def test_a_finished_run_may_get_more_rounds(finished, capsys):
    assert run_json(capsys, "--resume", finished, "--set", "rounds=2")["rounds"] == 2
    assert [row["round"] for row in RunFolder(finished).rounds()] == [0, 1, 2]


@pytest.mark.parametrize(
    ("words", "says"),
    [
        ([], "is complete (1 rounds), so there is nothing to resume"),
        (["--set", "train.local-steps=2"], "train.local-steps = 2 differs from the run's own 1"),
        (["--backend", "sequential"], 'backend = "sequential" differs from the run\'s own "vectorised"'),
        (["--set", "sed=2"], "did you mean 'seed'?"),
        (["small.toml", "--seed", "9"], "seed = 9 differs from the run's own 1"),
    ],
)
def test_a_resumed_run_keeps_its_settings(finished, capsys, words, says):
    assert main(["run", *words, "--resume", finished]) == 2
    streams = capsys.readouterr()
    assert says in streams.err and streams.out == ""


def test_a_path_may_be_written_in_another_way(finished, small, capsys):
    words = ["--set", f"data.root={small.parent / 'data'}", "--set", "rounds=2"]
    assert run_json(capsys, "--resume", finished, *words)["rounds"] == 2


def test_rounds_do_not_shrink_and_do_not_grow_under_a_schedule(small, capsys):
    run = run_json(capsys, "small.toml", "--set", "rounds=2", "--set", "train.schedule=cosine")["run"]
    for rounds, says in ((1, "is fewer than the 2"), (4, "train.schedule spreads the step size over all rounds")):
        assert main(["run", "--resume", run, "--set", f"rounds={rounds}"]) == 2
        assert says in capsys.readouterr().err


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (b"{", "is damaged"),
        (b"{}", "cannot be read"),
        (b"[]", "is damaged"),
        (b'{"settings": {"a": 1}}', "unknown setting 'a'"),
    ],
)
def test_a_damaged_run_folder_is_a_sentence(tmp_path, capsys, content, says):
    (tmp_path / "run.json").write_bytes(content)
    assert main(["run", "--resume", str(tmp_path)]) == 2
    streams = capsys.readouterr()
    assert streams.err.startswith("qfl: ") and says in streams.err and streams.out == ""


def test_a_report_of_a_damaged_run_folder_is_a_sentence(tmp_path, capsys):
    (tmp_path / "run.json").write_bytes(b"{")
    assert main(["report", str(tmp_path)]) == 2
    assert "the run folder is damaged" in capsys.readouterr().err


def test_a_report_can_be_drawn_again(finished, capsys):
    path = Path(finished) / "report.html"
    path.unlink()
    assert main(["report", finished]) == 0
    assert capsys.readouterr().out == f"{path}\n" and path.is_file()


def test_seed_beside_another_set_of_it_is_refused(small, capsys):
    assert main(["run", "small.toml", "--seed", "2", "--set", "seed=3"]) == 2
    assert capsys.readouterr().err == "qfl: --seed 2 and --set seed=3 are both given; leave one of them out\n"


@pytest.mark.parametrize(("mask", "mode"), [(0o022, 0o644), (0o077, 0o600)])
def test_results_follow_the_umask_and_keys_are_their_owners(small, capsys, mask, mode):
    before = os.umask(mask)
    try:
        folder = Path(run_json(capsys, "small.toml", "--set", "rounds=1")["run"])
    finally:
        os.umask(before)
    modes = {path: path.stat().st_mode & 0o777 for path in folder.rglob("*") if path.is_file()}
    names = ("run.json", "rounds.jsonl", "clients.jsonl", "checkpoint.npz", "report.html")
    assert {modes[folder / name] for name in names} == {mode}
    assert {found for path, found in modes.items() if path.suffix == ".key"} == {0o600}
