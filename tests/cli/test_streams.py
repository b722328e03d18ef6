"""While something runs, stdout is for the result alone, and a warning is one sentence."""

import os
import subprocess
import sys
import warnings

import pytest

from qfl.cli.streams import short_warnings, stdout_to_stderr

SCRIPT = """
import os, subprocess, sys
from qfl.cli.streams import stdout_to_stderr
with stdout_to_stderr():
    print("ours")
    os.write(1, b"a library's\\n")
    subprocess.run([sys.executable, "-c", "print('a process')"], check=True)
print("result")
"""


def test_libraries_and_other_processes_write_to_stderr_until_it_is_over():
    done = subprocess.run([sys.executable, "-c", SCRIPT], capture_output=True, text=True, check=True)
    assert done.stdout == "result\n"
    assert sorted(done.stderr.splitlines()) == ["a library's", "a process", "ours"]


def test_stdout_comes_back_when_something_fails(capfd):
    with pytest.raises(ZeroDivisionError), stdout_to_stderr():
        os.write(1, b"before\n")
        raise ZeroDivisionError
    os.write(1, b"after\n")
    assert tuple(capfd.readouterr()) == ("after\n", "before\n")


def test_a_warning_is_a_sentence_without_its_line_of_code():
    usual = warnings.formatwarning
    with short_warnings():
        shown = warnings.formatwarning("slow \x1b[2J", UserWarning, "file.py", 3, "code")
        assert shown.startswith("qfl: note: slow ") and "file.py" not in shown and "\x1b" not in shown
    assert warnings.formatwarning is usual
