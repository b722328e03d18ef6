"""Every option of every command, found from the parser itself, with values that cannot be: one sentence, no trace."""

import argparse
import io
import os
import re
import shutil
import signal
import time
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

import qfl.api.sweep
import qfl.cli
import qfl.cli.compare_learning
import qfl.cli.compare_schedulers
import qfl.cli.deploy_commands
import qfl.cli.doctor
import qfl.cli.run
import qfl.deployment.run
import qfl.federation.server
import qfl.tracking
from qfl.cli import main
from qfl.results import RunFolder
from qfl.studies.study import Study

LONGEST_S = 10.0  # of the processor, with what the first command has to import
NO_NUMBERS = [
    "",
    " ",
    "-1",
    "-" + "9" * 30,
    "2147483647",
    "9" * 30,
    "9" * 5000,
    "nan",
    "inf",
    "1e400",
    "1.5",
    "٣",
    "²",
    "--",
    "-0x1",
]
ODD_WORDS = ["a\nb", "größe", "a b", "\x1b[2J", "\r", "\u202e", "x" * 300, "x/" * 3000, "nul\0", "\udcff", "absent/x"]
ODD_PLACES = ["a-file", "a-folder", "a-circle", "a-pipe", "a-file/x", "/dev/zero", "/dev/null", "/proc/x", "."]
NAMES_A_PLACE = {"FILE.toml", "RUN", "FOLDER", "FILE", "DIR", "ROOT"}  # metavars: an odd name may well be there
# what a command works on, where an option is to be reached at all; a new command without an entry gets "absent"
GIVEN = {"keys": "some-keys", "deploy": "some-fleet", "report": "some-run"}
GIVEN_NEW = {
    ("keys", "new"): ["made", "--clients", "1"],
    ("deploy", "init"): ["made", "--clients", "1", "--port=0"],
    ("backbone", "register"): ["absent", "--templates", "templates", "--keys", "some-keys"],
    ("unlearn",): ["absent", "--client", "1", "--from-round", "1"],
}
GIVEN_BY_NAME = {"file": "small.toml", "client": "0", "application": "a-file", "name": "node-0"}


class Accepted(BaseException):
    """The options were taken, and the command's work would begin."""


def work(*_arguments: Any, **_options: Any) -> Any:
    raise Accepted


@pytest.fixture(scope="module")
def furnished(tmp_path_factory) -> Path:
    """Return a folder with one of everything that a command works on."""
    here = tmp_path_factory.mktemp("furnished")
    (here / "small.toml").write_text("rounds = 3\nclients.count = 10\nmodel.layers = 2\n")
    (here / "a-file").write_text("no file of ours\n")
    (here / "a-folder").mkdir()
    (here / "a-circle").symlink_to("a-circle")
    assert main(["keys", "new", str(here / "some-keys"), "--clients", "2", "--algorithm", "ML-DSA-44"]) == 0
    assert main(["deploy", "init", str(here / "some-fleet"), "--clients", "1", "--algorithm", "ML-DSA-44"]) == 0
    RunFolder.create("toy", {"status": "running"}, path=here / "some-run")
    return here


@pytest.fixture
def place(furnished, tmp_path, monkeypatch) -> Path:
    """Return a copy of it as the working directory; what would take long is only begun."""
    here = tmp_path / "here"
    shutil.copytree(furnished, here, symlinks=True)
    os.mkfifo(here / "a-pipe")
    monkeypatch.chdir(here)
    monkeypatch.setattr(qfl.cli, "_parser", lambda: PARSER)  # made once, as it takes longer than most refusals
    for module, name in (
        (qfl.cli.run, "_train"),
        (qfl.cli.compare_learning, "measure"),
        (qfl.cli.compare_schedulers, "measure"),
        (qfl.cli.deploy_commands.os, "execve"),
    ):
        monkeypatch.setattr(module, name, work)
    for name in ("superlink_answers", "up", "down"):
        monkeypatch.setattr(f"qfl.deployment.control.{name}", work)
    monkeypatch.setattr("qfl.deployment.run.run_deployed", work)
    monkeypatch.setattr("qfl.writing.alone", work)  # what a study begins with, when its settings are taken
    for name in ("_torch", "_devices", "_flower", "_signatures"):
        monkeypatch.setattr(qfl.cli.doctor, name, lambda: iter(()))
    monkeypatch.setattr(Study, "conduct", work)
    monkeypatch.setattr("sys.stdin", io.StringIO(""))
    monkeypatch.delenv("QFL_TOKEN", raising=False)
    return here


def commands(parser: argparse.ArgumentParser, words: tuple[str, ...] = ()) -> Iterator[SimpleNamespace]:
    """Yield every command that does something: its words, and the arguments it takes."""
    inner = [action for action in parser._actions if isinstance(action, argparse._SubParsersAction)]
    for action in inner:
        for name, below in action.choices.items():
            yield from commands(below, (*words, name))
    if not inner:
        yield SimpleNamespace(words=words, arguments=[each for each in parser._actions if each.nargs != 0])


PARSER = qfl.cli._parser()
ALL = list(commands(PARSER))


def given(command: SimpleNamespace, argument: argparse.Action, value: str) -> list[str]:
    """Return a command line that works, but for one argument that is given this value."""
    of_the_command = GIVEN_NEW.get(command.words, [])
    if not argument.option_strings:
        places = [other for other in needed(command) if other is not argument]
        places = [other for other in command.arguments if other is argument or other in places]
        found = [value if other is argument else usual(command, other) for other in places]
        return [*command.words, *found, *of_the_command[1:]]
    others = [usual(command, other) for other in needed(command)]
    if command.words == ("runs",):
        others.append(".")
    if command.words[-1] == "run" and argument.dest != "resume":
        others.append("small.toml")
    return [*command.words, *(of_the_command or others), f"{argument.option_strings[0]}={value}"]


def needed(command: SimpleNamespace) -> list[argparse.Action]:
    """Return the arguments without which a command does not begin; argparse does not know all of them."""
    return [each for each in command.arguments if not each.option_strings and (each.required or each.choices)]


def usual(command: SimpleNamespace, argument: argparse.Action) -> str:
    if argument.choices:
        return next(iter(argument.choices))
    return GIVEN.get(command.words[0], "absent") if argument.dest == "folder" else GIVEN_BY_NAME.get(argument.dest, "1")


def values(argument: argparse.Action) -> list[str]:
    bare = [*NO_NUMBERS, *ODD_WORDS, *ODD_PLACES]
    if argument.metavar == "KEY=VALUE":
        return [
            *bare,
            "=",
            "=1",
            *(f"rounds={value}" for value in NO_NUMBERS),
            *(f"seeds={value}" for value in NO_NUMBERS),
        ]
    return bare


def may_be(argument: argparse.Action, value: str) -> bool:
    """Tell whether a value can be right somewhere: any name that a file can have, where a file is named."""
    if value.endswith("2147483647") and argument.dest not in ("clients", "port", "days", "seeds"):
        return True  # a seed, the most samples, a number in the name of a file
    if argument.dest == "name" and value in ("nan", "inf"):
        return True  # names of apps like any others
    if argument.dest == "host":
        return (
            value.replace("-", "").isascii()
            and value.replace("-", "").isalnum()
            and value[0].isalnum()
            and not value.isdigit()
        )
    return argument.metavar in NAMES_A_PLACE and value.strip() != "" and "\0" not in value


@pytest.mark.parametrize("command", ALL, ids=lambda command: "-".join(command.words))
def test_a_value_that_cannot_be_is_one_sentence_and_leaves_nothing(place, command, capsys):
    faults = []
    for argument in command.arguments:
        for value in values(argument):
            if argument.dest in ("file", "dataset") and value == "a-pipe":
                continue  # it waits for who writes there, as `qfl run <(generate)` does
            words, before = given(command, argument, value), everything(place)
            code, errors, took_s = outcome(words, capsys)
            sound = code in (0, "accepted") and may_be(argument, value)
            if code == 2:
                sound = is_one_sentence(errors) and everything(place) == before
            for name in ("made", "nan", "inf"):
                shutil.rmtree(place / name, ignore_errors=True)
            if not sound or took_s > LONGEST_S:
                faults.append(([word[:60] for word in words], code, errors[:300], f"{took_s:.1f} s"))
    assert not faults, "\n".join(map(str, faults))


def everything(folder: Path) -> set[str]:
    return {os.path.join(at, name) for at, folders, files in os.walk(folder) for name in (*folders, *files)} - {
        str(folder / "some-keys" / "roster.seen")
    }


def outcome(words: list[str], capsys: pytest.CaptureFixture) -> tuple[int | str, str, float]:
    """Return exit code, errors and seconds of a command; one that does not come back is ended."""
    kept, begin = signal.signal(signal.SIGALRM, lambda *_: (_ for _ in ()).throw(Accepted)), time.process_time()
    signal.setitimer(signal.ITIMER_REAL, 12 * LONGEST_S)
    capsys.readouterr()
    try:
        code: int | str = main(words)
    except Accepted:
        code = "accepted"
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, kept)
    return code, capsys.readouterr().err, time.process_time() - begin


def is_one_sentence(errors: str) -> bool:
    lines = errors.split("\n")
    return (
        all(re.fullmatch(r"qfl: \S.*", line) and line.isprintable() for line in lines[:-1])
        and 1 <= len(lines) - 1 <= 3
        and lines[-1] == ""
        and "nobody foresaw" not in errors
        and len(errors) < 7000
    )


def test_no_command_begins_in_a_working_directory_that_is_gone(place, monkeypatch, capsys):
    lines = []
    for command in ALL:
        first = command.arguments[0]
        if first.choices:
            lines.append([*command.words, usual(command, first)])
        else:
            lines += [given(command, first, value) for value in ("a-file", str(place / "a-file"))]
    monkeypatch.chdir(place / "a-folder")
    (place / "a-folder").rmdir()
    for words in lines:
        code, errors, _ = outcome(words, capsys)
        assert (code, errors) == (2, "qfl: the working directory is gone; change to one that exists\n"), words
