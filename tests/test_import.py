"""What ``import qfl`` does to the process that imports it: one variable that nobody had set, and nothing slow.

And what a usual run does not import, each of which takes a second of processor time or two.
"""

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


RUN = """
import sys
import qfl
settings = {"rounds": 1, "clients.count": 4, "model.layers": 1, "train.local-steps": 1, "run.folder": sys.argv[1]}
qfl.run(qfl.Settings.from_flat(settings))
print(*sys.modules)
"""


def test_a_run_on_the_exact_engine_starts_without_what_it_has_no_use_for(tmp_path):
    command = [sys.executable, "-c", RUN, str(tmp_path / "run")]
    environment = os.environ | {"PYTHONPATH": str(ROOT)}
    done = subprocess.run(command, text=True, env=environment, capture_output=True, check=True)
    loaded = set(done.stdout.split())
    assert "torch" in loaded and "flwr" in loaded and (tmp_path / "run/report.html").is_file()
    slow = {"pennylane", "sklearn", "pandas", "scipy.stats", "scipy.optimize", "matplotlib", "torch._dynamo", "sympy"}
    assert not slow & loaded
