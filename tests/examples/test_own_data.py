"""A table of one's own trains as it is named. Also covers examples/own_data/make_signals.py."""

import sys
from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path

import numpy as np
import torch
from sklearn.linear_model import LinearRegression

import qfl
from qfl.config import read_run_file
from qfl.data.load import load
from qfl.tasks.build import build

EXAMPLE = Path(qfl.__file__).parent.parent / "examples/own_data"


def test_the_table_is_made_again_and_has_four_classes(tmp_path, monkeypatch):
    monkeypatch.setattr(sys, "dont_write_bytecode", True)
    spec = spec_from_file_location("make_signals", EXAMPLE / "make_signals.py")
    assert spec and spec.loader
    module = module_from_spec(spec)
    spec.loader.exec_module(module)
    module.main(tmp_path / "signals.csv")
    assert (tmp_path / "signals.csv").read_bytes() == (EXAMPLE / "data/signals.csv").read_bytes()
    settings = read_run_file(EXAMPLE / "own_data.toml", [f"data.root={tmp_path}"])
    data = load(settings.data, settings.clients.count, settings.seed)
    assert data.manifest["classes"] == ["16qam", "8psk", "bpsk", "qpsk"] and len(data.parts) == 30


def test_least_squares_predict_the_noise_of_the_same_table():
    """The regression's run file names what can be learnt: the closed form of its smallest model reaches R2 > 0.5."""
    settings = read_run_file(EXAMPLE / "snr.toml", [f"data.root={EXAMPLE / 'data'}", "model.name=linear"])
    federation = build(settings)
    assert federation.manifest["targets"] == ["snr_db"] and federation.manifest["features"] == 8
    samples = federation.samples.take(torch.arange(1920)[None], torch.ones(1, 1920))
    closed = LinearRegression().fit(samples.inputs[0], samples.labels[0])
    angles = torch.from_numpy(np.append(closed.coef_, closed.intercept_)).float()
    assert float(federation.task.evaluate(angles, federation.test_batch)[0]["r2"]) > 0.5
