"""Where a deployed round's seconds go: the slowest client counts in each part, and the parts make the whole."""

import os
import time

import pytest

from qfl.results import RunFolder
from qfl.studies.bench import deploy
from qfl.studies.bench.deploy import _cpu_s, _parts, _split

ROW = {"seconds": {"total": 5.0, "verify": 0.25, "aggregate": 0.5, "evaluate": 0.25, "checkpoint": 0.25}}
CLIENTS = [
    {"process_start": 1.0, "connect": 0.5, "train": 0.25, "crypto": 0.125},
    {"process_start": 0.5, "connect": 0.25, "build": 0.5, "train": 0.5, "crypto": 0.0625},
]


def test_each_part_is_that_of_the_slowest_client():
    parts = _parts(ROW, CLIENTS)
    assert parts == {"process_start": 1.5, "training": 1.0, "crypto": 0.375, "server": 1.0, "polling": 1.125}
    assert sum(parts.values()) == ROW["seconds"]["total"]


def test_parts_that_overlap_leave_nothing_to_polling():
    assert _parts({"seconds": ROW["seconds"] | {"total": 1.0}}, CLIENTS)["polling"] == 0


def test_the_first_round_does_not_count():
    class Run(RunFolder):
        def __init__(self):
            """Stand in for a folder."""

        def rounds(self):
            return [{}, {"seconds": ROW["seconds"] | {"total": 99.0}}, ROW, ROW]

    split = _split(Run(), [[each] * 3 for each in CLIENTS])
    assert split["total"] == {"median_s": 5.0, "min_s": 5.0, "max_s": 5.0} and split["polling"] == 1.125


def test_the_processor_time_of_a_process_is_that_of_its_work(tmp_path):
    (tmp_path / "busy.py").write_text("import time\nwhile time.process_time() < 0.4:\n    pass\n")
    began = os.times().children_user
    spent = _cpu_s(tmp_path, "import busy")
    assert 0.35 < spent < 5 and os.times().children_user > began
    assert spent > _cpu_s(tmp_path, "pass")


def test_the_fleet_goes_down_even_where_it_did_not_come_up(monkeypatch, tmp_path):
    calls = []

    def up(folder):
        calls.append("up")
        raise TimeoutError("no answer")

    monkeypatch.setattr(deploy, "create", lambda folder, plan: calls.append("create"))
    monkeypatch.setattr(deploy, "up", up)
    monkeypatch.setattr(deploy, "down", lambda folder: calls.append("down"))
    with pytest.raises(TimeoutError), deploy._fleet(tmp_path, "own"):
        time.sleep(0)
    assert calls == ["create", "up", "down"]


def test_the_run_in_one_process_is_read_before_its_folder_goes(monkeypatch, tmp_path):
    def run_app(settings, app):
        folder = RunFolder.create("here", {}, path=settings.run.folder)
        folder.append("rounds", [{"round": number, "seconds": {"total": 1.0 * number}} for number in range(4)])
        return folder

    figures = {"max_abs_angle_diff": 0.0, "seconds_per_round": {"total": {"median_s": 0.5}}}
    monkeypatch.setattr(deploy, "run_app", run_app)
    monkeypatch.setattr(deploy, "_deployed", lambda *given: figures)
    monkeypatch.setattr(deploy, "_cpu_s", lambda *given: 0.1)
    found = deploy.bench_deploy(tmp_path, rounds=3)
    assert found["in_one_process"]["median_s"] == 2.5
    assert found["seconds_per_round"] == 0.5 and found["angles_equal"]
