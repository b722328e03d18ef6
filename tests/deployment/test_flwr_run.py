"""The line with which the README starts the app under Flower's own command does so."""

import os
import re
import subprocess
from importlib.util import find_spec
from pathlib import Path

import pytest

from qfl.federation.environment import free_ports, isolated
from qfl.results import RunFolder

ROOT = Path(__file__).resolve().parents[2]
pytestmark = [
    pytest.mark.deployment,
    pytest.mark.skipif(find_spec("ray") is None, reason="Ray is not installed"),
]


def test_the_readmes_line_trains(tmp_path):
    (line,) = re.findall(r"^FLWR_.*flwr run \. .*$", (ROOT / "README.md").read_text(), re.MULTILINE)
    line = line.replace("flwr run .", f"flwr run {ROOT}")
    environment = {**os.environ, **isolated(tmp_path / "home", *free_ports(2)), "PWD": str(tmp_path)}
    for key in ("FLWR_DISABLE_RUNTIME_DEPENDENCY_INSTALLATION", "PYTHONPATH"):
        environment.pop(key, None)  # the line says what it needs
    subprocess.run(["bash", "-c", line], cwd=tmp_path, env=environment, check=True, timeout=500)
    assert RunFolder(tmp_path / "runs" / "flwr").header["status"] == "completed"
