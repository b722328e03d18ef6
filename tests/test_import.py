"""What ``import qfl`` does to the process that imports it: one variable that nobody had set, and nothing slow."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
PROGRAM = "import os, sys; import qfl; print(os.environ['OMP_WAIT_POLICY'], *sorted(sys.modules))"


def imported(**variables: str) -> list[str]:
    kept = {key: value for key, value in os.environ.items() if not key.startswith("OMP_")}
    environment = kept | {"PYTHONPATH": str(ROOT)} | variables
    return subprocess.check_output([sys.executable, "-c", PROGRAM], text=True, env=environment).split()


def test_idle_threads_sleep_and_nothing_heavy_is_loaded():
    policy, *modules = imported()
    assert policy == "PASSIVE"
    assert not {"torch", "numpy", "flwr", "pennylane", "scipy", "matplotlib", "sklearn"} & set(modules)


@pytest.mark.parametrize("choice", ["ACTIVE", "passive"])
def test_the_users_own_choice_stays(choice):
    assert imported(OMP_WAIT_POLICY=choice)[0] == choice
