"""Regions together, central and alone, in seconds: all three are there, and a second look measures nothing again."""

from pathlib import Path

import pytest

import qfl
from qfl.reproduction import federated
from qfl.reproduction.request import begin

TINY = """
task = "d2d"
rounds = 2
precision = "single"
security.algorithm = "ML-DSA-44"
model.name = "sqm_gnn"
clients.count = 2
[d2d]
pairs = 5
samples = 8
test-samples = 4
density-spread = 1.0
[gnn]
layers = 1
heads = 2
neighbours = 3
[train]
local-steps = 2
batch-size = 4
optimizer = "adam"
learning-rate = 0.02
"""


def test_three_ways_to_train_on_the_same_channels(tmp_path, monkeypatch):
    (tmp_path / "tiny.toml").write_text(TINY)
    asked = begin("federated", tmp_path, "tiny.toml", quick=False, seed=1, root=tmp_path / "runs")
    object.__setattr__(asked, "checkout", Path(qfl.__file__).parent.parent)
    found = federated.reproduce_federated(asked)
    for case in ("alike", "different"):
        own = found.results[case]
        for method in ("federated", "central", "alone"):
            assert 0 < own[method]["percent_of_wmmse"] < 120
        assert own["alone"]["worst"] <= own["alone"]["sum_rate"]
        assert own["references"]["wmmse_best_of_21"] >= own["references"]["wmmse_100"]
    assert found.results["alike"]["references"] != found.results["different"]["references"]
    assert found.text.count("\n| alike |") == found.text.count("\n| different |") == 1
    monkeypatch.setattr(federated, "run_app", lambda *_: pytest.fail("ran again"))
    monkeypatch.setattr(federated, "train_centrally", lambda *_: pytest.fail("trained again"))
    assert federated.reproduce_federated(asked).results == found.results


def test_the_quick_form_leaves_what_was_set_on_the_command_line(tmp_path, monkeypatch):
    (tmp_path / "tiny.toml").write_text(TINY)
    seen = []

    def stop(request, name, settings):
        seen.append((settings.rounds, settings.d2d.samples))
        raise KeyboardInterrupt

    monkeypatch.setattr(federated, "_case", stop)
    given = {"quick": True, "seed": 1, "root": tmp_path / "runs"}
    asked = begin("federated", tmp_path, "tiny.toml", changes=["rounds=3"], **given)
    again = begin("federated", tmp_path, "tiny.toml", **given | {"resume": str(asked.folder.path), "quick": False})
    for request in (asked, again):
        with pytest.raises(KeyboardInterrupt):
            federated.reproduce_federated(request)
    assert seen == [(3, federated.QUICK["d2d.samples"])] * 2
