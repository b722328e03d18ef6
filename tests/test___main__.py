"""``python -m qfl`` in a process of its own."""

import subprocess
import sys

import pytest


@pytest.mark.parametrize(("words", "code"), [(("--version",), 0), (("nothing-of-this-name",), 2)])
def test_python_m_qfl_says_what_qfl_says_and_ends_with_its_code(words, code):
    script = "import sys; from qfl.cli import main; sys.exit(main())"
    module, command = (
        subprocess.run([sys.executable, *how, *words], capture_output=True, text=True, timeout=120)
        for how in (("-m", "qfl"), ("-c", script))
    )
    assert module.returncode == command.returncode == code
    assert module.stdout + module.stderr
    assert module.stdout == command.stdout
