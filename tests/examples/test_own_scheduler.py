"""The scheduler of one's own and its trace. Also covers examples/own_scheduler/scheduler.py."""

import runpy
import tomllib
from pathlib import Path

import numpy as np
import pytest

import qfl
from qfl.config.radio import RadioSettings
from qfl.scheduling.own import own_solver
from qfl.scheduling.problem import Problem
from qfl.testing.kits import run
from qfl.testing.kits.solver import checks
from qfl.wireless.fading import Trajectory
from qfl.wireless.scenario import UplinkScenario

ROOT = Path(qfl.__file__).parent.parent
APP, SOLVER = ROOT / "examples/own_scheduler", "examples/own_scheduler/scheduler.py:solve"
CELL = UplinkScenario(num_devices=20, num_channels=5, gains="examples/own_scheduler/trace.npz")


@pytest.fixture(autouse=True)
def on_path(monkeypatch):
    monkeypatch.syspath_prepend(str(ROOT))


def test_the_trace_is_what_its_script_makes():
    own = runpy.run_path(str(APP / "scheduler.py"))
    assert np.array_equal(np.load(APP / "trace.npz")["gains"], own["trace"]())
    assert not np.array_equal(own["trace"](seed=2), own["trace"]())


def test_the_scheduler_passes_the_kit_on_its_trace_for_both_objectives():
    instance = Trajectory(CELL, 1).at(3)
    problems = {
        "rates": Problem(instance),
        "round time": Problem(instance, "round_time", payload_bits=np.linspace(1e3, 4e4, 20)),
    }
    assert run(checks(own_solver(SOLVER, "radio.solver"), problems)) == []


def test_both_files_name_the_scheduler_and_the_trace():
    federated, compared = (tomllib.loads((APP / f"{name}.toml").read_text()) for name in ("federated", "schedulers"))
    assert federated["radio"]["solver"] == compared["panel"][-1] == SOLVER
    assert federated["radio"]["gains"] == compared["gains"] == CELL.gains
    assert RadioSettings(solver=federated["radio"]["solver"]).gains_end == federated["radio"]["gains-end"]
