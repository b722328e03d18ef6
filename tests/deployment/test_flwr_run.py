"""The line with which the README starts the app under Flower's own command does so."""

import os
import re
import shutil
import signal
import subprocess
import tempfile
from contextlib import suppress
from importlib.util import find_spec
from pathlib import Path

import pytest

from qfl.federation.runtime.environment import free_ports, isolated, short_folder
from qfl.federation.runtime.superlink import descendants
from qfl.results import RunFolder

ROOT = Path(__file__).resolve().parents[2]
pytestmark = [
    pytest.mark.deployment,
    pytest.mark.skipif(find_spec("ray") is None, reason="Ray is not installed"),
]


@pytest.fixture
def folder():
    """A folder short enough for Ray's sockets; what the line leaves running below it is ended."""
    folder = Path(tempfile.mkdtemp(prefix="flwr-", dir=short_folder()))
    yield folder
    for pid in started_from(folder):
        for one in (pid, *descendants(pid)):
            with suppress(ProcessLookupError):
                os.kill(one, signal.SIGKILL)
    shutil.rmtree(folder, ignore_errors=True)


def started_from(folder):
    """Return the ids of processes that name the folder on their command line; the SuperLink does, with its log."""
    for entry in Path("/proc").glob("[0-9]*/cmdline"):
        with suppress(OSError):  # it may have ended meanwhile
            if str(folder).encode() in entry.read_bytes():
                yield int(entry.parent.name)


def test_the_readmes_line_trains(folder):
    (line,) = re.findall(r"^FLWR_.*flwr run \. .*$", (ROOT / "README.md").read_text(), re.MULTILINE)
    line = line.replace("flwr run .", f"flwr run {ROOT}")
    environment = {**os.environ, **isolated(folder / "home", *free_ports(2)), "PWD": str(folder)}
    for key in ("FLWR_DISABLE_RUNTIME_DEPENDENCY_INSTALLATION", "PYTHONPATH"):
        environment.pop(key, None)  # the line says what it needs
    subprocess.run(["bash", "-c", line], cwd=folder, env=environment, check=True, timeout=500)
    assert RunFolder(folder / "runs" / "flwr").header["status"] == "completed"
