"""Users' solvers, path losses and measured gains in a comparison."""

import json
import sys
from pathlib import Path

import numpy as np
import pytest

from qfl.cli import main
from qfl.errors import ConfigError
from qfl.studies.schedulers.measure import measure
from qfl.studies.schedulers.own import check_own, located
from qfl.studies.schedulers.panel import EXPOSING, own_entries, panel
from qfl.studies.schedulers.run import jobs
from qfl.studies.schedulers.settings import comparison_from, flat_settings

OWN = """
import numpy as np
from qfl.scheduling.schedule import Schedule

def even(problem, first=0):
    place = (np.arange(problem.num_devices) + first) % problem.num_channels
    return Schedule(place, np.full(problem.num_devices, problem.instance.max_power_w))

def moody(problem, seed):
    if seed % 2:
        raise RuntimeError("not today")
    return even(problem)

def loss(distance_m, floor_db=90.0):
    return np.full(len(distance_m), floor_db)
"""
CELL = {"num-devices": 8, "num-channels": 3, "seeds": 2, "small-seeds": 0}
WITH = {"panel": [*EXPOSING, "own.py:even", "own.py:moody"]}


@pytest.fixture(autouse=True)
def app(tmp_path, monkeypatch):
    (tmp_path / "own.py").write_text(OWN)
    np.savez(tmp_path / "trace.npz", gains=10.0 ** -(np.arange(6, 6 + 48).reshape(2, 8, 3).astype(float) ** 0.5))
    monkeypatch.setattr(sys, "path", [str(tmp_path), *sys.path])
    yield tmp_path
    for name in [name for name in sys.modules if name.startswith("qfl_own_")]:
        del sys.modules[name]


def test_settings_of_a_users_own_travel_as_one_text_and_come_back():
    settings = comparison_from(CELL | WITH | {"my.first": 2, "qaoa-layers": 5, "path-loss": "own.py:loss"})
    assert settings.scenario.my == '{"first": 2}' and settings.blocks.qaoa_layers == 5
    assert comparison_from(flat_settings(settings)) == settings
    assert check_own(settings) == {"own.py:even": {"first": 2}, "own.py:moody": {}}


def test_a_users_solver_stands_in_the_panel_beside_all_baselines():
    shown = panel("all_active", comparison_from(CELL | WITH).panel)
    assert [entry.name for entry in shown if entry.family == "own"] == ["own.py:even", "own.py:moody"]
    assert {*EXPOSING} < {entry.name for entry in shown}
    with pytest.raises(ConfigError, match="panel leaves out random_sca_power"):
        comparison_from(CELL | {"panel": ["own.py:even"]})


def test_its_value_is_a_row_and_its_failure_is_one_too():
    rows = {
        job.key: measure(job)
        for job in jobs(comparison_from(CELL | WITH))
        if job.entry.solver.startswith("own.py") or job.entry.name == "matching_dump_1opt"
    }
    assert 0 < rows["main", 1, "own.py:even"]["value"] < rows["main", 1, "matching_dump_1opt"]["value"]
    failed = rows["main", 1, "own.py:moody"]
    assert failed["value"] is None and failed["status"] == "failed"
    assert failed["error"].startswith("panel = 'own.py:moody' failed: moody raised RuntimeError: not today (own.py")
    assert rows["main", 2, "own.py:moody"]["value"] == rows["main", 2, "own.py:even"]["value"]


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"panel": [*EXPOSING, "own.py:evem"]}, "has no 'evem'; did you mean 'even'"),
        (WITH | {"my.frist": 1}, "my.frist is no setting of panel: own.py:even, panel: own.py:moody; did you mean"),
        ({"my.first": 1}, "[my] is set, but neither a method of the panel nor path-loss is your own"),
        ({"path-loss": "own.py:even"}, "asks for 'problem'"),
        ({"gains": "trace.npz", "seeds": 3}, "has gains of 2 rounds, and round 3 is asked for"),
        ({"gains": "trace.npz", "num-devices": 9}, "is of 8 devices and 3 sub-channels, and the cell has 9 and 3"),
        ({"gains": "trace.npz", "small-seeds": 3}, "has gains of 2 rounds, and round 3 is asked for"),
        ({"gains": "other.npz"}, "there is no such file"),
    ],
)
def test_what_cannot_be_is_refused_before_anything_is_measured(changes, said):
    with pytest.raises(ConfigError) as caught:
        check_own(comparison_from(CELL | changes))
    assert said in str(caught.value)


@pytest.mark.parametrize(
    "changes", [{"qaoa-layers": 0}, {"block-size": 0}, {"qaoa-mixer": "trotter"}, {"qaoa-mixer": "x"}, {"gains-end": 1}]
)
def test_block_settings_out_of_range_are_refused(changes):
    with pytest.raises(ConfigError, match=next(iter(changes)).replace("-", ".")):
        comparison_from(CELL | changes)


def test_instances_of_measured_gains_are_the_traces_rounds_and_small_ones_its_first_devices():
    wanted = jobs(comparison_from(CELL | WITH | {"gains": "trace.npz", "small-seeds": 1}))
    values = {job.key: measure(job)["value"] for job in wanted if job.entry.name == "own.py:even"}
    assert values["main", 1, "own.py:even"] == values["small", 1, "own.py:even"] != values["main", 2, "own.py:even"]


def test_qaoas_depth_and_shots_reach_its_rows():
    rows = [
        measure(job)
        for layers in (1, 6)
        for job in jobs(comparison_from(CELL | {"panel": [*EXPOSING, "qaoa_bcd"], "qaoa-layers": layers}))
        if job.key == ("main", 1, "qaoa_bcd")
    ]
    assert rows[0]["trace"] != rows[1]["trace"]


def test_names_beside_the_file_become_the_apps(tmp_path):
    (tmp_path / "mine").mkdir()
    for name in ("own.py", "trace.npz"):
        (tmp_path / name).rename(tmp_path / "mine" / name)
    given = comparison_from(CELL | WITH | {"gains": "trace.npz", "path-loss": "own.py:loss"})
    found = located(given, tmp_path, tmp_path / "mine")
    assert found.panel[-1] == "mine/own.py:moody" and found.scenario.gains == "mine/trace.npz"
    assert found.scenario.path_loss == "mine/own.py:loss" and check_own(found)


def test_the_command_compares_a_users_solver_and_exits_with_1_where_it_failed(tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    panel_of = json.dumps(WITH["panel"])
    cell = "\n".join(f"{key} = {value}" for key, value in CELL.items())
    (tmp_path / "mine.toml").write_text(f"panel = {panel_of}\n{cell}\n[my]\nfirst = 1\n")
    assert main(["compare", "mine.toml", "--json"]) == 1
    numbers = json.loads(capsys.readouterr().out)
    assert numbers["methods"]["own.py:even"]["seeds"] == 2 and numbers["methods"]["own.py:moody"]["seeds"] == 1
    page = Path(numbers["report"]).read_text()
    assert "own.py:even" in page and "of-own" in page and own_entries(["own.py:even"])[0].family == "own"
