"""The same run in other surroundings: the same numbers, and the caller's state as it was."""

import logging
import os
import random
import signal
import sys
import warnings
from contextlib import contextmanager
from pathlib import Path

import numpy as np
import pytest
import torch

from qfl.config import Settings
from qfl.federation.runtime.launch import run_app
from qfl.surroundings import own_surroundings
from qfl.tasks.build import _build, build
from qfl.tasks.local import train_clients

ROOT = Path(__file__).resolve().parents[1]
FLAT = {
    "rounds": 1,
    "clients.count": 3,
    "model.layers": 1,
    "train.local-steps": 1,
    "security.algorithm": "ML-DSA-44",
    "strategy.learning-rate": 0.5,  # has no effect, and a warning says so
}


@contextmanager
def set_to(put, before, value):
    put(value)
    try:
        yield
    finally:
        put(before)


@contextmanager
def filtered(action):
    with warnings.catch_warnings():
        warnings.simplefilter(action)
        yield


SURROUNDINGS = {
    "no_grad": torch.no_grad,
    "inference_mode": torch.inference_mode,
    "autocast": lambda: torch.autocast("cpu", dtype=torch.bfloat16),
    "float64": lambda: set_to(torch.set_default_dtype, torch.float32, torch.float64),
    "meta device": lambda: torch.device("meta"),
    "default device": lambda: set_to(torch.set_default_device, None, "meta"),
    "deterministic": lambda: set_to(torch.use_deterministic_algorithms, False, True),
    "matmul precision": lambda: set_to(torch.set_float32_matmul_precision, "highest", "medium"),
    "NumPy raises": lambda: np.errstate(all="raise"),
    "warnings are errors": lambda: filtered("error"),
    "one thread": lambda: set_to(torch.set_num_threads, torch.get_num_threads(), 1),
}


@pytest.fixture(scope="module")
def expected(tmp_path_factory):
    return ran(tmp_path_factory.mktemp("plain") / "run")


def ran(path):
    _build.cache_clear()
    return run_app(Settings.from_flat(FLAT | {"run.folder": str(path)}), ROOT).header["final"]["angles_sha256"]


def state():
    return {
        "grad": torch.is_grad_enabled(),
        "inference": torch.is_inference_mode_enabled(),
        "autocast": torch.is_autocast_enabled("cpu"),
        "dtype": torch.get_default_dtype(),
        "device": torch.get_default_device(),
        "deterministic": torch.are_deterministic_algorithms_enabled(),
        "precision": torch.get_float32_matmul_precision(),
        "threads": torch.get_num_threads(),
        "numpy": np.geterr(),
        "filters": list(warnings.filters),
        "environment": dict(os.environ),
        "folder": os.getcwd(),
        "path": list(sys.path),
        "signals": [signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM)],
        "levels": [logging.getLogger(name).level for name in ("", "flwr")],
        "numpy draws": str(np.random.get_state()),  # noqa: NPY002
        "torch draws": torch.get_rng_state().tolist() if torch.get_default_device().type == "cpu" else None,
    }


@pytest.mark.parametrize("name", SURROUNDINGS)
def test_the_numbers_are_the_same_and_the_caller_finds_its_state_again(name, expected, tmp_path):
    logging.getLogger("flwr").setLevel(logging.WARNING)
    with SURROUNDINGS[name]():
        before = state()
        assert ran(tmp_path / "run") == expected
        assert state() == before


@pytest.mark.parametrize("name", SURROUNDINGS)
def test_the_readmes_lines_give_the_same_update_anywhere(name):
    settings = Settings.from_flat({"clients.count": 4, "model.layers": 1, "train.local-steps": 2, "threads": 1})

    def updates():
        _build.cache_clear()
        setup = build(settings)
        return [each.angles.tobytes() for each in train_clients(setup, setup.model.initial(1), 1, [0, 2])]

    usual = updates()
    with SURROUNDINGS[name]():
        assert updates() == usual


def test_whatever_is_done_within_is_undone(tmp_path):
    """Python's generator is looked at here: the type checks of these tests draw from it whenever a function returns."""
    before, draws = state(), random.getstate()
    with own_surroundings():
        random.random()
        np.random.random()  # noqa: NPY002
        torch.rand(1)
        torch.set_num_threads(3)
        os.environ["QFL_TEST"], sys.path[:0] = "1", ["/x"]
        os.environ.pop("PATH")
        os.chdir(tmp_path)
        signal.signal(signal.SIGTERM, signal.SIG_IGN)
        logging.getLogger("flwr").setLevel(logging.DEBUG)
        warnings.simplefilter("ignore")
    assert state() == before and random.getstate() == draws
