"""Two processes and one run folder: one of them writes, the other is refused and leaves no trace."""

import json
import subprocess
import sys

import pytest

from qfl.cli import main
from qfl.results import RunFolder

ROUNDS = 2


def both(*commands: list[str]) -> dict:
    """Start two commands at once; return what the one that won printed, once the other is seen to be refused."""
    pipes = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE, "text": True}
    processes = [subprocess.Popen([sys.executable, "-m", "qfl", *words, "--json"], **pipes) for words in commands]
    printed = [process.communicate(timeout=300) for process in processes]
    codes = [process.returncode for process in processes]
    assert sorted(codes) == [0, 2], printed
    out, err = printed[codes.index(2)]
    assert out == "" and err.count("\n") == 1 and err.startswith("qfl: ") and "here" in err, err
    assert any(words in err for words in ("is being written by another process", "holds a run", "is complete")), err
    return json.loads(printed[codes.index(0)][0])


@pytest.fixture
def words(small) -> list[str]:
    return ["run", "small.toml", "--set", f"rounds={ROUNDS}"]


def test_of_two_runs_into_one_folder_the_loser_writes_nothing(words, capsys):
    found = both(*([*words, "--set", "run.folder=here", "--seed", seed] for seed in ("1", "2")))
    folder = RunFolder("here")
    assert folder.header["status"] == "completed"
    assert [row["round"] for row in folder.rounds()] == list(range(ROUNDS + 1))
    assert main([*words, "--seed", str(folder.header["settings"]["seed"]), "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["angles_sha256"] == found["angles_sha256"]  # that seed trained


def test_of_two_resumes_of_one_run_the_loser_writes_nothing(words):
    assert main([*words, "--set", "run.folder=here"]) == 0
    again = ["run", "--resume", "here", "--set", f"rounds={2 * ROUNDS}"]
    found, folder = both(again, again), RunFolder("here")
    assert [row["round"] for row in folder.rounds()] == list(range(2 * ROUNDS + 1))
    assert folder.rounds()[-1]["angles_sha256"] == found["angles_sha256"]
