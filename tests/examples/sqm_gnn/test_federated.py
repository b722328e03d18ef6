"""Regions together, central and alone, in seconds: all three are there, and a second look measures nothing again."""

import math
from pathlib import Path

import numpy as np
import pytest

import qfl
from qfl.errors import RunFolderError
from qfl.report.formatting import UNKNOWN
from qfl.studies.examples import module_of
from qfl.studies.request import begin

ROOT = Path(qfl.__file__).parent.parent
federated = module_of(ROOT / "examples" / "sqm_gnn", "federated")

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
    asked = begin("federated", tmp_path, tmp_path / "tiny.toml", quick=False, seed=1, root=tmp_path / "runs")
    object.__setattr__(asked, "checkout", ROOT)
    found = federated.STUDY.conduct(asked)
    for case in ("alike", "different"):
        own = found.numbers[case]
        for method in ("federated", "central", "alone"):
            assert 0 < own[method]["percent_of_wmmse"] < 120
        assert own["alone"]["worst"] <= own["alone"]["sum_rate"]
        assert own["references"]["wmmse_best_of_21"] >= own["references"]["wmmse_100"]
    assert found.numbers["alike"]["references"] != found.numbers["different"]["references"]
    assert found.text.count("\n| alike |") == found.text.count("\n| different |") == 1
    monkeypatch.setattr(federated, "run_app", lambda *_: pytest.fail("ran again"))
    monkeypatch.setattr(federated, "train_centrally", lambda *_: pytest.fail("trained again"))
    assert federated.STUDY.conduct(asked).numbers == found.numbers


def test_the_quick_form_leaves_what_was_set_on_the_command_line(tmp_path, monkeypatch):
    (tmp_path / "tiny.toml").write_text(TINY)
    seen = []

    def stop(request, name, settings):
        seen.append((settings.rounds, settings.d2d.samples))
        raise KeyboardInterrupt

    monkeypatch.setattr(federated, "_case", stop)
    given = {"quick": True, "seed": 1, "root": tmp_path / "runs"}
    asked = begin("federated", tmp_path, tmp_path / "tiny.toml", changes=["rounds=3"], **given)
    again = begin(
        "federated", tmp_path, tmp_path / "tiny.toml", **given | {"resume": str(asked.folder.path), "quick": False}
    )
    for request in (asked, again):
        with pytest.raises(KeyboardInterrupt):
            federated.STUDY.conduct(request)
    assert seen == [(3, federated.QUICK["d2d.samples"])] * 2


REFERENCES = {"wmmse_100": 50.0, "wmmse_best_of_21": 52.0}


def diverged(tmp_path, measures):
    """Return a case whose three methods gave these rates, read from the files that keep them."""
    found = {"references": REFERENCES}
    for method, rates in measures.items():
        found[method] = federated._once(tmp_path / f"{method}.json", lambda rates=rates: rates)
    return found


def test_a_rate_that_is_absent_is_a_dash_on_the_page(tmp_path):
    (tmp_path / "tiny.toml").write_text(TINY)
    asked = begin("federated", tmp_path, tmp_path / "tiny.toml", quick=False, seed=1, root=tmp_path / "runs")
    settings = federated.Settings.from_flat(asked.settings)
    nan = math.nan
    nothing = {"sum_rate": nan, "worst": None, "on_its_own": nan}
    lost = diverged(tmp_path, {"federated": {"sum_rate": nan}, "central": {"sum_rate": math.inf}, "alone": nothing})
    page = federated.tell(asked, settings, {"alike": lost}, {}).replace(UNKNOWN, "-")
    assert "| alike | - | - | - (worst -) | - | 104.0 | 50.00 |" in page
    assert "nan" not in page + (tmp_path / "federated.json").read_text().lower()
    some = {"federated": {"sum_rate": 51.0}, "central": {"sum_rate": nan}, "alone": nothing | {"worst": 40.0}}
    (tmp_path / "other").mkdir()
    page = federated.tell(asked, settings, {"alike": diverged(tmp_path / "other", some)}, {}).replace(UNKNOWN, "-")
    assert "| alike | 102.0 | - | - (worst 80.0) | - | 104.0 | 50.00 |" in page


def test_a_region_that_diverged_counts_nowhere(tmp_path, monkeypatch):
    (tmp_path / "tiny.toml").write_text(TINY)
    asked = begin("federated", tmp_path, tmp_path / "tiny.toml", quick=False, seed=1, root=tmp_path / "runs")
    setup = federated.build(federated.Settings.from_flat(asked.settings))
    monkeypatch.setattr(federated, "_trained", lambda *_: np.zeros(1))
    for rates, mean, own in (((30.0, 31.0, math.nan, math.nan), 30.0, 31.0), ((math.nan,) * 4, None, None)):
        left = iter(rates)  # of all channels and of its own, region by region
        monkeypatch.setattr(federated, "_rate", lambda *_, left=left: next(left))
        assert federated._alone(setup, 1) == {"sum_rate": mean, "worst": mean, "on_its_own": own}


@pytest.mark.parametrize(
    "content", ["[]", "{", '{"rate": 1}', '{"sum_rate": "1"}', '{"sum_rate": NaN}', '{"sum_rate": {}}']
)
def test_a_file_without_rates_is_named(tmp_path, content):
    path = tmp_path / "alike-central.json"
    path.write_text(content)
    with pytest.raises(RunFolderError, match=r"alike-central.json' .*; delete it to have it measured again"):
        federated._once(path, lambda: pytest.fail("measured"))


def test_a_region_alone_needs_all_its_rates(tmp_path):
    path = tmp_path / "alike-alone.json"
    path.write_text('{"sum_rate": 1, "worst": null}')
    with pytest.raises(RunFolderError, match="holds no rates; delete it"):
        federated._once(path, lambda: pytest.fail("measured"), federated.ALONE)
