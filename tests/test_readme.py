"""What the README promises is there."""

import re
from pathlib import Path

import qfl
from qfl.cli import COMMANDS

ROOT = Path(qfl.__file__).parent.parent
TEXT = (ROOT / "README.md").read_text()


def program_of(section):
    (text,) = re.findall(rf"^## {section}\n(.*?)^## ", TEXT, re.S | re.M)
    (program,) = re.findall(r"```python\n(.*?)```", text, re.S)
    return program


def test_the_run_from_python_runs(tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    space = {}
    exec(program_of("From Python"), space)
    assert space["run"].summary["rounds"] == 5 and space["model"].angles.shape == (24,)
    assert str(space["run"].folder) in capsys.readouterr().out


def test_the_ten_lines_run_and_learn(capsys):
    program = program_of("Ten lines")
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
