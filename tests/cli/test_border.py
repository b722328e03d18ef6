"""Streams that are closed or full, signals, and errors of any kind: the result, or one sentence."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

import qfl.cli
from qfl.cli import main
from qfl.cli.border import answer
from qfl.results import RunFolder

PYTHON = [sys.executable, "-m", "qfl"]


@pytest.fixture
def run(small) -> Path:
    """Return a run folder whose name is no ASCII, below the working directory."""
    return RunFolder.create("toy", {"status": "running"}, path=small.parent / "größe").path


def shell(words: str, **environment: str) -> tuple[int, bytes, bytes]:
    done = subprocess.run(
        ["bash", "-c", words.replace("qfl", " ".join(PYTHON))], capture_output=True, env=os.environ | environment
    )
    return done.returncode, done.stdout, done.stderr


def test_closed_streams_change_nothing(run):
    for closed in (">&-", "2>&-", "<&- >&- 2>&-"):
        (run / "report.html").unlink(missing_ok=True)
        code, _, errors = shell(f"qfl report größe {closed}")
        assert (code, errors) == (0, b"") and b"</html>" in (run / "report.html").read_bytes()
    assert shell("qfl report absent 2>&-")[0] == 2


def test_a_full_output_is_one_sentence_and_a_full_error_stream_changes_nothing(run):
    code, _, errors = shell("qfl report größe >/dev/full")
    assert code == 2 and errors.startswith(b"qfl: cannot write the output (No space left on device)")
    assert errors.count(b"\n") == 1
    assert shell("qfl report absent 2>/dev/full") == (2, b"", b"")


@pytest.mark.parametrize(
    "environment",
    [
        {"PYTHONIOENCODING": "ascii"},
        {"LC_ALL": "C", "PYTHONCOERCECLOCALE": "0", "PYTHONUTF8": "0"},
        {"LC_ALL": "C"},
    ],
)
def test_a_stream_of_ascii_shows_other_letters_in_another_way(run, environment):
    code, output, errors = shell("qfl report größe", **environment)
    assert (code, errors) == (0, b"") and output.endswith(b"report.html\n") and (run / "report.html").is_file()
    code, _, errors = shell("qfl report nirgendwoö", **environment)
    assert code == 2 and errors.count(b"\n") == 1 and b"is no run folder" in errors


def test_a_name_that_is_not_utf8_is_a_name(run):
    odd = os.fsencode(run.parent) + b"/x\xff"
    os.rename(run, odd)
    done = subprocess.run([*PYTHON, "report", odd], capture_output=True)
    assert (done.returncode, done.stderr) == (0, b"") and os.path.isfile(odd + b"/report.html")


def test_a_working_directory_that_is_gone_is_a_sentence(small):
    code, _, errors = shell("mkdir gone; cd gone; rmdir ../gone; qfl report .")
    assert code == 2 and errors == b"qfl: the working directory is gone; change to one that exists\n"


@pytest.mark.parametrize(
    ("name", "says"), [("x" * 300, "File name too long"), ("x/" * 3000, "File name too long"), ("a\nb", "No such file")]
)
def test_a_name_that_cannot_be_is_one_line(small, capsys, name, says):
    assert main(["run", name]) == 2
    streams = capsys.readouterr()
    assert says in streams.err and streams.err.count("\n") == 1
    assert main(["report", name]) == 2
    assert "is no run folder" in capsys.readouterr().err


FORESEEN_BY_NOBODY = [
    (OSError(28, "No space left on device", "/x/rounds.jsonl"), 2, "cannot use '/x/rounds.jsonl' (No space left"),
    (PermissionError(13, "Permission denied", "/x"), 2, "see its permissions, or name another place"),
    (MemoryError(), 1, "not enough memory; lower what the run is made of"),
    (MemoryError("3 GiB"), 1, "not enough memory: 3 GiB; "),
    (RecursionError("too deep"), 1, "RecursionError: too deep (test_border.py:"),
    (ValueError("no\x1b[2Jtime"), 1, r"ValueError: no\x1b[2Jtime (test_border.py:"),
    (OverflowError("large"), 1, "QFL_TRACEBACK=1 shows how it came about"),
    (KeyError("angles"), 1, "a fault of qfl, or of a file that it read"),
    (UnicodeEncodeError("ascii", "ö", 0, 1, "ordinal not in range"), 1, "UnicodeEncodeError"),
]


@pytest.mark.parametrize(("error", "code", "says"), FORESEEN_BY_NOBODY, ids=lambda case: type(case).__name__)
def test_an_error_that_nobody_foresaw_is_one_sentence(monkeypatch, capsys, error, code, says):
    def fail(arguments):
        raise error

    monkeypatch.delenv("QFL_TRACEBACK", raising=False)
    monkeypatch.setattr(qfl.cli, "_execute", fail)
    assert main([]) == code
    streams = capsys.readouterr()
    assert says in streams.err and streams.err.startswith("qfl: ") and streams.err.count("\n") == 1


def test_the_traceback_is_there_for_who_asks_for_it(monkeypatch, capsys):
    monkeypatch.setenv("QFL_TRACEBACK", "1")
    try:
        raise KeyError("angles")
    except KeyError as error:
        assert answer(error) == 1
    assert "Traceback (most recent call last)" in capsys.readouterr().err


@pytest.mark.parametrize(("number", "code"), [(signal.SIGTERM, 143), (signal.SIGHUP, 129), (signal.SIGINT, 130)])
def test_a_run_that_is_ended_from_outside_says_so_in_its_folder(small, number, code):
    words = ["run", "small.toml", "--set", "rounds=100000", "--set", "run.folder=cut"]
    program = "import signal, sys; signal.signal(signal.SIGINT, signal.default_int_handler); "
    program += "from qfl.cli import main; sys.exit(main())"
    process = subprocess.Popen([sys.executable, "-c", program, *words], stderr=subprocess.PIPE, text=True)
    rows, end = small.parent / "cut" / "checkpoint.npz", time.monotonic() + 120
    while not rows.exists() and time.monotonic() < end:
        time.sleep(0.05)
    process.send_signal(number)
    try:
        _, errors = process.communicate(timeout=60)
    finally:
        process.kill()
    assert process.returncode == code
    assert errors.splitlines()[-1] == "qfl: stopped; continue with `qfl run --resume cut`"
    assert RunFolder("cut").header["status"] == "interrupted"


def test_who_ignores_a_hangup_is_not_ended_by_it(small):
    program = "import os, signal; from qfl.cli.border import ending_signals\n"
    program += "with ending_signals(): os.kill(os.getpid(), signal.SIGHUP)"
    command = ["bash", "-c", "trap '' HUP; exec \"$@\"", "-", sys.executable, "-c", program]
    assert subprocess.run(command).returncode == 0
