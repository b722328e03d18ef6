"""The command line as a whole: help, exit codes, one sentence per mistake, nothing heavy imported."""

import re
import subprocess
import sys

import pytest

import qfl
from qfl.cli import COMMANDS, main


@pytest.mark.parametrize(
    "words", [[], ["run"], ["report"], ["doctor"], ["keys"], *(["keys", k] for k in ("new", "enrol", "list", "revoke"))]
)
def test_every_command_explains_itself(capsys, words):
    with pytest.raises(SystemExit) as stop:
        main([*words, "--help"])
    page = capsys.readouterr().out
    assert stop.value.code == 0
    assert page.startswith(f"usage: {' '.join(['qfl', *words])} ")
    assert not words or "examples:\n  qfl " in page


def test_the_help_lists_exactly_the_commands_that_exist(capsys):
    with pytest.raises(SystemExit):
        main(["--help"])
    page = capsys.readouterr().out
    for command in COMMANDS:
        assert re.search(rf"\n    {command.__name__.rpartition('.')[2]}\s", page)


def test_the_version_is_the_package_s(capsys):
    with pytest.raises(SystemExit):
        main(["--version"])
    assert capsys.readouterr().out == f"qfl {qfl.__version__}\n"


def test_help_imports_nothing_heavy():
    program = "import sys, qfl.cli; print(*sorted({name.partition('.')[0] for name in sys.modules}))"
    loaded = set(subprocess.check_output([sys.executable, "-c", program], text=True).split())
    assert "qfl" in loaded
    assert not loaded & {"torch", "numpy", "flwr", "pennylane", "sklearn", "rich", "ray", "cryptography", "matplotlib"}


MISTAKES = [
    ([], "the following arguments are required: COMMAND; see `qfl --help`"),
    (["frobnicate"], "invalid choice: 'frobnicate'"),
    (["run"], "give a run file, for example"),
    (["run", "absent.toml"], "cannot read run file 'absent.toml' (No such file or directory)"),
    (["run", "."], "cannot read run file '.' (Is a directory)"),
    (["run", "empty.toml"], "empty.toml sets nothing"),
    (["run", "binary.toml"], "binary.toml is not TOML"),
    (["run", "small.toml", "--set", "rounds"], "--set takes key=value, not 'rounds'"),
    (["run", "small.toml", "--set", "round=3"], "did you mean 'rounds'?"),
    (["run", "small.toml", "--seed", "x"], "seed = 'x': expected a whole number"),
    (["run", "small.toml", "--backend", "gpu"], "backend = 'gpu': expected one of vectorised, sequential, ray"),
    (["run", "small.toml", "--frobnicate"], "unrecognized arguments: --frobnicate"),
    (["run", "small.toml", "--set", "model.qubits=5"], "amplitude encoding of 64 features does not fit"),
    (["run", "small.toml", "--set", "clients.count=5000"], "clients"),
    (["run", "small.toml", "--set", "strategy.name=fedavgg"], "did you mean 'fedavg'?"),
    (["run", "small.toml", "--set", "security.keys=nowhere"], "'nowhere' is no key folder"),
    (["run", "small.toml", "--set", "run.folder=small.toml"], "cannot make the run folder"),
    (["run", "small.toml", "--set", "run.folder=/proc/nowhere"], "cannot make the run folder /proc/nowhere"),
    (["run", "--resume", "absent"], "'absent' is no run folder"),
    (["run", "--resume", "."], "'.' is no run folder"),
    (["report"], "the following arguments are required: RUN"),
    (["report", "absent"], "'absent' is no run folder"),
    (["report", "small.toml"], "'small.toml' is no run folder"),
    (["keys"], "the following arguments are required: new|enrol|list|revoke"),
    (["keys", "list", "."], "is no key folder"),
    (["keys", "new", "k"], "give either --clients N"),
    (["keys", "new", "k", "--clients", "0"], "--clients 0: expected at least 1"),
    (["keys", "new", "k", "--clients", "x"], "argument --clients: invalid int value: 'x'"),
    (["keys", "new", ".", "--clients", "1"], "is not empty"),
    (["keys", "new", "k", "--clients", "1", "--days", "9999999"], "--days 9999999: expected 1 to 36500"),
    (["deploy", "init", "f", "--clients", "1", "--days", "0"], "--days 0: expected 1 to 36500"),
    (["keys", "new", "k", "--clients", "1", "--algorithm", "RSA"], "RSA"),
    (["keys", "new", "k", "--client", "1", "--invitation", "zz"], "--invitation 'zz': expected the 64 hexadecimal"),
    (["keys", "enrol", ".", "3"], "is no key folder"),
    (["keys", "revoke", ".", "3"], "is no key folder"),
]


@pytest.mark.parametrize(("words", "says"), MISTAKES)
def test_a_mistake_is_one_line_and_exit_code_2(small, capsys, words, says):
    (small.parent / "empty.toml").touch()
    (small.parent / "binary.toml").write_bytes(bytes(range(256)))
    assert main(words) == 2
    streams = capsys.readouterr()
    assert streams.out == ""
    assert streams.err.startswith("qfl: ") and streams.err.count("\n") == 1
    assert says in streams.err
    assert not (small.parent / "runs").exists() or not list((small.parent / "runs").iterdir())


def test_every_fault_of_a_file_has_its_own_line(small, capsys):
    small.write_text("rounds = 0\nseed = 'x'\nengine = 'exakt'\n")
    assert main(["run", "small.toml"]) == 2
    lines = capsys.readouterr().err.splitlines()
    assert len(lines) == 3 and all(line.startswith("qfl: small.toml: ") for line in lines)


def test_a_reader_that_stops_reading_is_no_error():
    command = [
        sys.executable,
        "-c",
        "import sys; from qfl.cli import main; sys.exit(main())",
        "run",
        "--settings",
        "--json",
    ]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as writer:
        assert writer.stdout and writer.stderr
        writer.stdout.close()
        assert writer.stderr.read() == b"" and writer.wait() == 141
