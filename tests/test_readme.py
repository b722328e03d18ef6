"""What the README promises is there."""

import re
from pathlib import Path

import qfl
from qfl.cli import COMMANDS

ROOT = Path(qfl.__file__).parent.parent
TEXT = (ROOT / "README.md").read_text()


def test_the_ten_lines_run_and_learn(capsys):
    (program,) = re.findall(r"```python\n(.*?)```", TEXT, re.S)
    assert len([line for line in program.splitlines() if line]) == 10
    exec(program, {})
    promised = float(re.findall(r"# about (0\.\d+)", program)[0])
    assert abs(float(capsys.readouterr().out) - promised) < 0.02


def test_the_table_lists_exactly_the_commands_that_exist():
    listed = set(re.findall(r"^\| `qfl (\w+)", TEXT, re.M))
    assert listed == {command.__name__.rpartition(".")[2] for command in COMMANDS}


def test_every_file_that_is_linked_is_there():
    links = re.findall(r"\]\(([^)#]+)\)", TEXT)
    assert links and [link for link in links if not (ROOT / link).exists()] == []
