"""The same run through ``flwr run`` with Ray: other processes, random node ids, replies in any order."""

import importlib.util
import os
import tempfile
import tomllib
from pathlib import Path

import numpy as np
import pytest

from qfl.config import Settings, flatten_toml
from qfl.errors import ConfigError, RoundFailed
from qfl.federation.runtime.flower_run import reported, run_config
from qfl.federation.runtime.launch import run_app
from qfl.federation.runtime.superlink import descendants

ROOT = Path(__file__).resolve().parents[3]
needs_ray = pytest.mark.skipif(importlib.util.find_spec("ray") is None, reason="Ray is not installed")


def test_the_run_config_is_toml_that_gives_the_same_settings_with_absolute_paths(small):
    settings = small(data__root="somewhere", model__head="scale-bias")
    again = Settings.from_flat(flatten_toml(tomllib.loads(run_config(settings))))
    assert again.data.root == str(Path("somewhere").resolve()) and again.security.keys == ""
    assert {k: v for k, v in again.to_flat().items() if k != "data.root"} == {
        k: v for k, v in settings.to_flat().items() if k != "data.root"
    }


def test_the_servers_exception_is_found_in_its_log():
    log = "ValueError: no\nqfl.errors.ConfigError: strategy.name = 'x': there is none\nINFO : Exit Code: 700\n"
    found = reported(log)
    assert isinstance(found, ConfigError) and str(found) == "strategy.name = 'x': there is none"
    assert isinstance(reported("RoundFailed: rounds 4 to 6 failed"), RoundFailed)
    assert reported("ValueError: no\nKeyError: 3") is None


@needs_ray
@pytest.mark.deployment
def test_ray_and_sequential_agree_and_nothing_is_left_behind(small, monkeypatch):
    monkeypatch.setenv("PYTHONPATH", os.pathsep.join([str(ROOT), os.environ.get("PYTHONPATH", "")]))
    make_folder, folders, seen = tempfile.mkdtemp, [], []
    monkeypatch.setattr(tempfile, "mkdtemp", lambda **words: folders.append(make_folder(**words)) or folders[-1])
    before = set(descendants(os.getpid()))
    flat = {"clients--count": 3, "clients--per-round": 2, "radio--on": True, "radio--fading": "jakes"}
    ray = run_app(small("ray", backend="ray", **flat), ROOT, seen.append)
    assert not set(descendants(os.getpid())) - before
    assert folders and not any(Path(folder).exists() for folder in folders)

    sequential = run_app(small("sequential", backend="sequential", **flat), ROOT)
    ends = [folder.header["final"]["angles"] for folder in (ray, sequential)]
    np.testing.assert_allclose(*ends, atol=1e-6, rtol=0)
    asked = [[(row["client"], row["status"]) for row in folder.clients()] for folder in (ray, sequential)]
    assert [row["radio"] for row in ray.clients()] == [row["radio"] for row in sequential.clients()]
    assert asked[0] == asked[1] and [row["round"] for row in seen] == [0, 1, 2]
