"""Sweeps: every run is the run that it would be alone, kept when others are stopped, and counted with its interval.

Also covers qfl/cli/sweep.py.
"""

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest
from scipy import stats

import qfl
from qfl.cli import main
from qfl.errors import ConfigError, RunFolderError
from qfl.results import RunFolder

ROOT = Path(qfl.__file__).parent.parent


def rows(table):
    return table.to_dict("records") if hasattr(table, "to_dict") else table


def test_every_run_is_the_run_alone_and_every_cell_the_mean_with_its_interval(small):
    sweep = qfl.sweep({"strategy": ["median"], "model.layers": range(1, 3)}, base=small, seeds=2)
    runs, cells = rows(sweep.runs), rows(sweep.cells)
    assert len(runs) == 4 and len(cells) == 2
    own = next(run for run in runs if (run["strategy.name"], run["model.layers"], run["seed"]) == ("median", 2, 2))
    alone = qfl.run(small, strategy="median", seed=2, **{"model.layers": 2})
    assert own["angles_sha256"] == alone.summary["angles_sha256"]
    for cell in cells:
        ends = [run["accuracy"] for run in runs if run["model.layers"] == cell["model.layers"]]
        found = stats.ttest_1samp(ends, 0).confidence_interval(0.95)
        assert cell["seeds"] == 2 and cell["mean"] == pytest.approx(np.mean(ends))
        assert (cell["low"], cell["high"]) == pytest.approx((found.low, found.high))
    page = sweep.report().read_text()
    assert "Test accuracy over model.layers" in page and "<iframe" in sweep._repr_html_()
    assert "4 of 4 runs finished" in repr(sweep) and (sweep.folder / "combinations.csv").is_file()


def test_a_sweep_that_was_stopped_goes_on_with_what_is_missing(small):
    seen = []

    def stop(row):
        seen.append(row["run"])
        if len(seen) == 2:
            raise KeyboardInterrupt

    grid = {"model.layers": [1, 2]}
    with pytest.raises(KeyboardInterrupt):
        qfl.sweep(grid, small, 2, folder="grid", on_run=stop)
    before = {path: os.stat(f"{path}/rounds.jsonl").st_mtime_ns for path in seen}
    again = qfl.sweep(grid, small, 2, folder="grid", on_run=lambda row: seen.append(row["run"]))
    assert len(seen) == len(set(seen)) == 4 and len(rows(again.runs)) == 4
    assert before == {path: os.stat(f"{path}/rounds.jsonl").st_mtime_ns for path in before}
    with pytest.raises(RunFolderError, match="holds a sweep of other values or settings, or of more seeds"):
        qfl.sweep(grid, small, 1, folder="grid")


def rule(updates):
    return updates.mean(axis=0)


@pytest.mark.parametrize(
    ("grid", "options", "sentence"),
    [
        ({"model.layerz": [1]}, {}, "unknown setting 'model.layerz'"),
        ({"model.layers": [1]}, {"jobs": 0}, "jobs = 0: give a whole number"),
        ({"strategy": [rule, "median"]}, {"jobs": 2}, "strategy.name was handed over as an object"),
        ({"strategy": [rule]}, {"backend": "ray"}, "backend = 'ray' trains in others"),
        ({"data.labels-per-client": [11, 1]}, {}, "labels"),
    ],
)
def test_what_cannot_be_is_refused_before_anything_is_trained(grid, options, sentence, small):
    with pytest.raises(ConfigError, match=sentence):
        qfl.sweep(grid, small, 1, **options)
    assert not list(Path().rglob("rounds.jsonl"))


def test_objects_are_values_like_any_other(small):
    sweep = qfl.sweep({"strategy": [rule]}, small, 1)
    assert rows(sweep.runs)[0]["accuracy"] == rows(sweep.cells)[0]["mean"]
    assert RunFolder(rows(sweep.runs)[0]["run"]).header["given"]["strategy.name"]["object"].endswith(".rule")


@pytest.fixture
def file(small, tmp_path):
    path = tmp_path / "own.toml"
    path.write_text("rounds = 2\nthreads = 1\nclients.count = 10\ntrain.local-steps = 1\nseed = 4\n")
    return path


def test_the_command_prints_every_cell_and_goes_on_with_its_folder(file, capsys):
    words = ["run", str(file), "--sweep", "model.layers=1,2", "--seeds", "1", "--set", "run.folder=grid", "--json"]
    assert main(words) == 0
    found = json.loads(capsys.readouterr().out)
    assert [(cell["model.layers"], cell["seeds"], cell["low"]) for cell in found["cells"]] == [
        (1, 1, None),
        (2, 1, None),
    ]
    assert main(["run", "--resume", "grid", "--seeds", "2"]) == 0
    text = capsys.readouterr()
    assert "[4/4] seed  2  model.layers=2" in text.err
    assert [line.split()[-1] for line in text.out.splitlines()[1:3]] == ["2", "2"] and "report   grid" in text.out


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (["--sweep", "model.layers"], "--sweep takes key=value,value"),
        (["--sweep", "model.layers=1", "--sweep", "model.layers=2"], "model.layers has two --sweep"),
        (["--sweep", "model.layers=1,2", "--set", "model.layers=3"], "is what --sweep varies"),
        (["--sweep", "model.layers=1,2", "--seed", "3"], "a sweep runs the seeds 1 to N"),
        (["--sweep", "model.layers=1,2", "--seeds", "0"], "seeds = 0"),
        (["--sweep", "model.layers=1,2", "--jobs", "0"], "jobs = 0"),
        (["--sweep", "model.layers=1,2", "--start-from", "absent.npz"], "absent.npz"),
        (["--sweep", "model.layers=1,2", "--set", "run.folder=3"], "run.folder = 3"),
        (["--sweep", "model.layers=1,2", "--serve"], "--serve shows one run while it trains"),
        (["--seeds", "3"], "--seeds is for a sweep"),
        (["--jobs", "3"], "--jobs is for a sweep"),
    ],
)
def test_the_commands_mistakes_are_sentences_and_nothing_is_made(words, sentence, file, capsys):
    assert main(["run", str(file), *words]) == 2
    assert sentence in capsys.readouterr().err and os.listdir() == [file.name]


KILLED = """
import qfl
tell = lambda row: print("done", flush=True)
qfl.sweep({"model.layers": [1, 2]}, %r, 2, folder="grid", jobs=2, rounds=3, on_run=tell)
"""


@pytest.mark.deployment
def test_a_kill_loses_no_finished_run_and_leaves_no_process_behind(small, tmp_path):
    """The script has no guard against being imported again: its processes never do."""
    (tmp_path / "script.py").write_text(KILLED % (small,))
    words = {"cwd": tmp_path, "env": {**os.environ, "PYTHONPATH": str(ROOT)}, "text": True}
    with subprocess.Popen([sys.executable, "script.py"], stdout=subprocess.PIPE, **words) as child:
        assert child.stdout.readline() == "done\n"
        child.send_signal(signal.SIGKILL)
    kept = {path: RunFolder(path.parent).header["status"] for path in (tmp_path / "grid").glob("*/run.json")}
    assert "completed" in kept.values()
    done = {path: path.stat().st_mtime_ns for path, status in kept.items() if status == "completed"}
    deadline = time.monotonic() + 60
    while True:  # a process of the pool ends when it sees that its parent has gone; until then it holds its run
        try:
            again = qfl.sweep({"model.layers": [1, 2]}, small, 2, folder="grid", rounds=3)
            break
        except RunFolderError:
            assert time.monotonic() < deadline
            time.sleep(0.5)
    assert len(rows(again.runs)) == 4 and all(path.stat().st_mtime_ns == at for path, at in done.items())
