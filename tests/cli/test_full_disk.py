"""A disk that is full or read-only: one sentence with the path, and what was written before can be gone on with."""

import errno
import json
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from qfl.cli import main
from qfl.results import RunFolder

PAGE = 4096
pytestmark = pytest.mark.deployment  # half a minute of processor time


def mount(*words: str) -> bool:
    return subprocess.run(["mount", *words], capture_output=True).returncode == 0


@pytest.fixture
def disk(small) -> Iterator[Path]:
    """Return a disk of one megabyte, which holds nothing yet; the working directory is beside it."""
    place = small.parent / "disk"
    place.mkdir()
    if not mount("-t", "tmpfs", "-o", "size=1m", "tmpfs", str(place)):
        pytest.skip("no disk can be mounted here: that takes root")
    yield place
    subprocess.run(["umount", "-l", str(place)], check=True)


def fill(disk: Path, but: int = 0) -> None:
    """Leave so many bytes of a disk."""
    with open(disk / "filler", "wb", buffering=0) as file:
        try:
            while True:
                file.write(bytes(PAGE))
        except OSError as error:
            assert error.errno == errno.ENOSPC
        file.truncate(max(0, file.tell() - but))


WRITERS = [
    ["run", "../small.toml", "--set", "run.folder=new"],
    ["run", "../small.toml"],
    ["run", "--resume", "run", "--set", "rounds=5"],
    ["report", "run"],
    ["compare", "--seeds", "2"],
    ["reproduce", "table1", "--quick"],
    ["keys", "new", "new", "--clients", "2"],
    ["keys", "enrol", "keys", "2"],
    ["keys", "revoke", "keys", "1"],
    ["keys", "rotate", "keys", "1", "--from-round", "2"],
    ["deploy", "init", "new", "--clients", "1", "--port", "0"],
    ["deploy", "invite", "fleet", "0"],
    ["deploy", "publish", "fleet"],
]


@pytest.mark.parametrize("state", ["full", "read-only"])
def test_every_command_that_writes_says_so_and_leaves_what_was_there(disk, small, monkeypatch, capsys, state):
    monkeypatch.chdir(disk)
    assert main(["run", "../small.toml", "--set", "run.folder=run"]) == 0
    assert main(["keys", "new", "keys", "--clients", "2", "--algorithm", "ML-DSA-44"]) == 0
    assert main(["deploy", "init", "fleet", "--clients", "1", "--algorithm", "ML-DSA-44"]) == 0
    if state == "full":
        fill(disk)
    else:
        assert mount("-o", "remount,ro", str(disk))
    before, faults = contents(disk), []
    for words in WRITERS:
        capsys.readouterr()
        code, errors = main(words), capsys.readouterr().err
        lines = [line for line in errors.splitlines() if "what was measured is kept" not in line]
        named = any(
            part in errors for part in (str(disk), "'runs", "'new", "'run", "'keys", "'fleet", "fleet/", "keys/")
        )
        if code != 2 or len(lines) != 1 or not named or "nobody foresaw" in errors:
            faults.append((words, code, errors))
        remove_empty(disk)
        if (after := contents(disk)) != before:
            faults.append((words, sorted(set(after) ^ set(before)), [k for k in before if after.get(k) != before[k]]))
            before = after
    assert mount("-o", "remount,rw,size=8m", str(disk))
    assert not faults, "\n".join(map(str, faults))
    assert main(["run", "--resume", "run", "--set", "rounds=5"]) == 0


def remove_empty(disk: Path) -> None:
    """Pass over folders that were made for what could not be written into them, such as runs/."""
    for name in ("runs", "keys/invitations", "fleet/authority/keys/invitations"):
        if (disk / name).is_dir():
            (disk / name).rmdir()  # raises if anything is in it


def contents(disk: Path) -> dict[str, bytes]:
    return {str(path.relative_to(disk)): path.read_bytes() if path.is_file() else b"" for path in disk.rglob("*")}


def test_a_run_on_a_disk_that_fills_up_goes_on_when_there_is_room(disk, small, capsys):
    assert main(["run", "small.toml", "--set", "rounds=12", "--set", "run.folder=elsewhere", "--json"]) == 0
    whole = json.loads(capsys.readouterr().out)
    fill(disk, 26 * PAGE)
    words = ["run", "small.toml", "--set", "rounds=12", "--set", f"run.folder={disk / 'run'}"]
    assert main(words) == 2
    errors = [line for line in capsys.readouterr().err.splitlines() if line.startswith("qfl: ")]
    assert len(errors) == 1 and f"{disk}/run/" in errors[0] and "No space left on device" in errors[0]
    assert 0 < len(RunFolder(disk / "run").rounds()) < 12
    assert mount("-o", "remount,size=8m", str(disk))
    assert main(["run", "--resume", str(disk / "run"), "--json"]) == 0
    again = json.loads(capsys.readouterr().out)
    assert again["angles_sha256"] == whole["angles_sha256"]
