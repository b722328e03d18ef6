"""The examples of things of one's own run from a wheel, outside any checkout, in process, under Ray and deployed alike.

Also covers qfl/federation/runtime/bundle.py.
"""

import json
import os
import shutil
import subprocess
from importlib.util import find_spec
from pathlib import Path

import numpy as np
import pytest

ROOT = Path(__file__).parent.parent.parent
EXAMPLES = sorted(path for path in (ROOT / "examples").glob("own_*/*.toml") if path.parent.name != "own_app")
RUNS = [path for path in EXAMPLES if "panel" not in path.read_text()]
SMALL = {
    **{"rounds": 2, "clients.count": 2, "clients.per-round": 0, "precision": "double", "threads": 1, "model.layers": 2},
    **{"train.local-steps": 2, "train.batch-size": 8, "security.algorithm": "ML-DSA-44", "round.deadline-s": 300},
}
WORDS = [word for key, value in SMALL.items() for word in ("--set", f"{key}={value}")]


def answer(python: Path, folder: Path, *words: str) -> str:
    """Return what a command of the wheel prints, run in a folder that is no checkout."""
    environment = {key: value for key, value in os.environ.items() if key not in ("PYTHONPATH", "VIRTUAL_ENV")}
    command = [python, "-m", "qfl", *words]
    done = subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    return done.stdout


@pytest.fixture(scope="module")
def place(tmp_path_factory, python):
    """Give a folder with copies of the examples, and a fleet of two hosts that is up, with the examples' data.

    The wheel's own examples are taken away, so that it is the copies that run.
    """
    place = tmp_path_factory.mktemp("outside")
    for folder in python.parent.parent.glob("lib/python*/site-packages/qfl/app/examples/own_*"):
        if folder.name != "own_app":
            shutil.rmtree(folder)
    for folder in {path.parent for path in RUNS}:
        shutil.copytree(folder, place / "examples" / folder.name, ignore=shutil.ignore_patterns("__pycache__"))
    trace = place / "examples/own_scheduler/trace.npz"
    np.savez(trace, gains=np.load(trace)["gains"][:, : int(SMALL["clients.count"])])
    answer(python, place, "deploy", "init", "fleet", "--clients", "2", "--port", "0", "--algorithm", "ML-DSA-44")
    for node in (place / "fleet/nodes").iterdir():
        for table in place.glob("examples/*/data/*"):
            (node / "data").mkdir(exist_ok=True)
            shutil.copyfile(table, node / "data" / table.name)
    try:
        answer(python, place, "deploy", "up", "fleet")
        yield place
    finally:
        answer(python, place, "deploy", "down", "fleet")


@pytest.mark.deployment
@pytest.mark.parametrize("path", RUNS, ids=lambda path: f"{path.parent.name}/{path.stem}")
def test_an_example_of_ones_own_ends_at_the_same_angles_in_process_under_ray_and_deployed(path, place, python):
    file = path.relative_to(ROOT).as_posix()
    here, deployed = (
        json.loads(answer(python, place, *words, file, *WORDS, "--json"))
        for words in (["run"], ["deploy", "run", "fleet"])
    )
    np.testing.assert_allclose(deployed["angles"], here["angles"], atol=1e-6, rtol=0)
    if find_spec("ray") is not None:
        spread = json.loads(answer(python, place, "run", file, *WORDS, "--backend", "ray", "--json"))
        np.testing.assert_allclose(spread["angles"], here["angles"], atol=1e-6, rtol=0)


@pytest.mark.parametrize("folder", sorted({path.parent for path in RUNS}), ids=lambda folder: folder.name)
def test_an_example_of_ones_own_is_short(folder):
    assert sum(len(file.read_text().splitlines()) for file in folder.rglob("*.py")) <= 60
