"""The wheel is enough: installed where there is no checkout, it runs examples and makes apps that run.

Its dependencies are those of this environment, by a path file, so that nothing is downloaded.
Also covers examples/own_app/tests/test_own.py, which a new app runs.
"""

import json
import os
import subprocess
from pathlib import Path

import pytest

import qfl
from qfl.config import read_run_file
from qfl.federation.runtime.launch import run_app
from qfl.results import RunFolder

ROOT = Path(qfl.__file__).parent.parent
SMALL = {"rounds": 1, "clients.count": 2, "clients.per-round": 0, "model.layers": 2}
WORDS = [word for key, value in SMALL.items() for word in ("--set", f"{key}={value}")]


def qfl_in(folder: Path, python: Path, *words: str) -> subprocess.CompletedProcess[str]:
    environment = {key: value for key, value in os.environ.items() if key not in ("PYTHONPATH", "VIRTUAL_ENV")}
    return subprocess.run([python, "-m", "qfl", *words], cwd=folder, env=environment, capture_output=True, text=True)


def digest(done: subprocess.CompletedProcess[str]) -> str:
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)["angles_sha256"]


@pytest.fixture(scope="module")
def here(tmp_path_factory) -> str:
    """Return the digest of the small run in this checkout."""
    place = tmp_path_factory.mktemp("here")
    words = [f"{key}={value}" for key, value in (SMALL | {"run.folder": str(place / "run")}).items()]
    run = run_app(read_run_file(ROOT / "examples/quickstart/quickstart.toml", words), ROOT)
    return run.header["final"]["angles_sha256"]


def test_it_is_the_wheel_that_runs(python, tmp_path):
    where = subprocess.check_output([python, "-c", "import qfl; print(qfl.__file__)"], cwd=tmp_path, text=True)
    assert Path(where.strip()).is_relative_to(python.parent.parent)


def test_an_example_runs_in_an_empty_folder_to_the_digest_of_a_checkout(python, tmp_path, here):
    assert digest(qfl_in(tmp_path, python, "run", "--example", "quickstart", *WORDS, "--json")) == here


@pytest.mark.deployment
def test_a_new_app_runs_to_the_same_digest_with_its_own_strategy_and_its_tests_pass(python, tmp_path, here):
    assert qfl_in(tmp_path, python, "new", "thesis").returncode == 0
    thesis = tmp_path / "thesis"
    assert digest(qfl_in(thesis, python, "run", "quickstart.toml", *WORDS, "--json")) == here
    few = [word for each in ("rounds=2", "clients.count=4", "strategy.my.bound=1.0") for word in ("--set", each)]
    own = qfl_in(thesis, python, "run", "own.toml", *few, "--json")
    assert digest(own) != here
    rows = RunFolder(json.loads(own.stdout)["run"]).rounds()
    assert [row["diagnostics"]["clipped"] for row in rows[1:]] == [2.0, 2.0]  # the longer half
    tests = subprocess.run([python, "-m", "pytest", "-q"], cwd=thesis, capture_output=True, text=True)
    assert tests.returncode == 0, tests.stdout


@pytest.mark.deployment
def test_flower_takes_a_new_app_and_the_shipped_one(python, tmp_path, here):
    """The bundle of either is without the library, which is installed wherever it runs."""
    shipped = qfl_in(tmp_path, python, "run", "--example", "quickstart", *WORDS, "--backend", "ray", "--json")
    assert digest(shipped) == here
    assert qfl_in(tmp_path, python, "new", "thesis").returncode == 0
    assert (
        digest(qfl_in(tmp_path / "thesis", python, "run", "quickstart.toml", *WORDS, "--backend", "ray", "--json"))
        == here
    )


@pytest.mark.deployment
def test_a_new_app_is_deployed_on_two_hosts_to_the_same_digest(python, tmp_path, here):
    """Server and clients are apart; code comes in the app's bundle, the library from each host's environment."""
    assert qfl_in(tmp_path, python, "new", "thesis").returncode == 0
    thesis = tmp_path / "thesis"
    assert qfl_in(thesis, python, "deploy", "init", "fleet", "--clients", "2", "--port", "0").returncode == 0
    try:
        assert qfl_in(thesis, python, "deploy", "up", "fleet").returncode == 0
        assert digest(qfl_in(thesis, python, "deploy", "run", "fleet", "quickstart.toml", *WORDS, "--json")) == here
    finally:
        assert qfl_in(thesis, python, "deploy", "down", "fleet").returncode == 0
