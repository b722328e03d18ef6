"""Runs from Python are those of the command line, and can be stopped, resumed, and given objects.

Also covers qfl/api/outcome.py and qfl/api/frames.py.
"""

import json
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np
import pytest
import torch
from flwr.serverapp.strategy import FedAvg, FedMedian

import qfl
from qfl.api import frames
from qfl.cli import main
from qfl.errors import ConfigError, RunFolderError
from qfl.tasks.build import building


def test_a_run_from_python_is_the_run_of_the_command_line(small, tmp_path, capsys):
    path = tmp_path / "own.toml"
    path.write_text("rounds = 2\nthreads = 1\nclients.count = 10\nmodel.layers = 1\ntrain.local-steps = 1\n")
    assert main(["run", str(path), "--json"]) == 0
    there = json.loads(capsys.readouterr().out)
    here = qfl.run(path)
    assert here.folder.parent == tmp_path / "runs" and here.folder.name.startswith("own-")
    assert here.summary["angles_sha256"] == there["angles_sha256"]
    assert here.summary.keys() == there.keys() | {"status"} and here.summary["status"] == "completed"
    assert here.report().read_text().startswith("<!doctype html>")
    assert "accuracy" in repr(here) and "<iframe" in here._repr_html_()


def test_the_model_of_a_run_predicts_as_the_run_says(small):
    run = qfl.run(small)
    model = run.model()
    assert (run.folder / "model.npz").is_file()
    federation = qfl.build(run.settings)
    assert np.array_equal(model.angles, np.array(run.summary["angles"], dtype=np.float32))
    assert len(model.names) == len(federation.model.layout)


def test_rows_are_frames_with_pandas_and_dicts_without(small, monkeypatch):
    run = qfl.run(small)
    monkeypatch.setattr(frames, "find_spec", lambda name: None)
    assert run.rounds == qfl.RunFolder(run.folder).rounds() and len(run.clients) == 20
    monkeypatch.undo()
    pandas = pytest.importorskip("pandas")
    assert isinstance(run.rounds, pandas.DataFrame)
    assert run.rounds["seconds.total"].tolist() == [
        row["seconds"]["total"] for row in qfl.RunFolder(run.folder).rounds()
    ]
    assert (run.clients["status"] == "accepted").sum() == 20


def mean(angles, updates, weights):
    return np.average(updates, axis=0, weights=weights)


def end_of(small, strategy):
    return qfl.run(small, strategy=strategy, precision="double").summary["angles"]


def test_a_strategy_is_a_name_a_rule_a_class_or_an_object(small):
    median = end_of(small, "median")
    for strategy in (FedMedian, FedMedian(), lambda angles, updates: np.median(updates, axis=0)):
        assert np.allclose(end_of(small, strategy), median, rtol=0, atol=1e-9)
    assert np.allclose(end_of(small, mean), end_of(small, {"name": "fedavg"}), rtol=0, atol=1e-9)


def test_an_object_is_described_in_run_json_and_begins_every_run_afresh(small):
    strategy = FedAvg()
    first, second = (qfl.run(small, strategy=strategy) for _ in range(2))
    assert first.summary["angles_sha256"] == second.summary["angles_sha256"]
    assert qfl.RunFolder(first.folder).header["given"]["strategy.name"]["object"].endswith(".FedAvg")


def test_settings_of_an_object_that_is_made_already_are_refused(small):
    with pytest.raises(ConfigError, match=r"is made already; give it its settings there"):
        qfl.run(small, strategy={"name": FedAvg(), "my": {"fraction_train": 0.5}})


def test_what_a_listener_raises_stops_the_run_with_its_round_kept(small):
    seen = []

    def stop(row):
        seen.append(row["round"])
        if row["round"] == 2:
            raise ValueError("good enough")

    changes = {"rounds": 4, "round": {"checkpoint_every": 4}}
    with pytest.raises(ValueError, match="good enough"):
        qfl.run(small | changes, on_round=stop, folder="cut")
    cut = qfl.Run("cut")
    assert seen == [0, 1, 2] and cut.summary["status"] == "interrupted" and cut.summary["rounds"] == 2
    whole, resumed = qfl.run(small | changes), qfl.run("cut", resume=True)
    assert resumed.summary["angles_sha256"] == whole.summary["angles_sha256"]
    with pytest.raises(RunFolderError, match="is complete"):
        qfl.run("cut", resume=True)


def test_stop_iteration_ends_a_run_early_and_gives_it_back(small):
    def enough(row):
        if row["round"] == 1:
            raise StopIteration

    run = qfl.run(small, on_round=enough)
    assert run.summary["rounds"] == 1 and "interrupted" in repr(run)
    assert qfl.run(small, folder=run.folder, resume=True).summary["rounds"] == 2


def test_a_folder_with_a_run_is_left_alone(small):
    qfl.run(small, folder="one")
    with pytest.raises(RunFolderError, match="holds a run already; go on with resume=True"):
        qfl.run(small, folder="one")
    with pytest.raises(ConfigError, match="goes on with a run folder"):
        qfl.run(small, resume=True)
    with pytest.raises(ConfigError, match=r"model.layers = 2 differs from the run's own 1"):
        qfl.run("one", resume=True, rounds=3, model={"layers": 2})


def test_a_run_with_an_object_goes_on_with_the_object_and_not_without(small, capsys, monkeypatch):
    run = qfl.run(small, strategy=mean)
    again = qfl.run(run.folder, resume=True, rounds=3, strategy=mean)
    assert again.summary["angles_sha256"] == qfl.run(small, rounds=3, strategy=mean).summary["angles_sha256"]
    monkeypatch.setattr("qfl.given._objects", {})  # as in another process
    assert main(["run", "--resume", str(run.folder), "--set", "rounds=4"]) == 2
    assert "mean was an object of the Python process that began the run" in capsys.readouterr().err


class Points(NamedTuple):
    x: torch.Tensor
    y: torch.Tensor
    weight: torch.Tensor


class Line:
    """y = a x + b; its two entries are no angles."""

    layout = qfl.AngleLayout(("a", "b"), (np.inf, np.inf))

    def initial(self, seed):
        return np.zeros(2)


class LineTask:
    def metrics(self, angles, batch):
        off = (angles[..., :1] * batch.x + angles[..., 1:] - batch.y) ** 2
        share = batch.weight / batch.weight.sum(-1, keepdim=True)
        return {"loss": (off * share).sum(-1), "accuracy": ((off < 0.01) * share).sum(-1)}

    def evaluate(self, angles, batch):
        return self.metrics(angles, batch), []


@dataclass
class LineSamples:
    """Points of y = 2 x + 1."""

    x: torch.Tensor

    def take(self, index: Any, weight: Any) -> Points:
        return Points(self.x[index], 2 * self.x[index] + 1, weight)

    def test(self) -> Points:
        return Points(self.x, 2 * self.x + 1, torch.ones_like(self.x))


def line_federation():
    settings = qfl.Settings.from_flat(
        {
            "rounds": 40,
            "clients.count": 4,
            "train.local-steps": 5,
            "train.learning-rate": 0.2,
            "round.max-norm": 0.0,
            "precision": "double",
            "security.algorithm": "ML-DSA-44",
        }
    )
    x = torch.linspace(-1, 1, 32, dtype=torch.float64)
    parts = tuple(np.arange(client, 32, 4) for client in range(4))
    return qfl.Federation(settings, Line(), LineTask(), LineSamples(x), parts, {"name": "line"})


def test_a_federation_of_own_objects_learns_its_line(small):
    run = qfl.run(line_federation(), folder="line")
    assert np.allclose(run.summary["angles"], [2, 1], atol=1e-3)
    header = qfl.RunFolder(run.folder).header
    assert header["model"]["name"] == "Line" and header["given"]["federation"]["task"].endswith(".LineTask")
    with pytest.raises(ConfigError, match="trained a Federation of your own objects"):
        run.model()


def test_one_by_one_and_all_at_once_give_an_own_federation_the_same(small):
    runs = [qfl.run(line_federation(), rounds=3, backend=backend) for backend in ("vectorised", "sequential")]
    assert np.allclose(*(run.summary["angles"] for run in runs), rtol=0, atol=1e-9)


def test_a_run_of_an_own_federation_goes_on_with_it_alone(small):
    run = qfl.run(line_federation(), rounds=2, folder="line")
    with pytest.raises(RunFolderError, match="trained a Federation of objects in Python"):
        qfl.run("line", resume=True, rounds=3)
    again = qfl.run(line_federation(), folder="line", resume=True, rounds=3)
    assert again.summary["angles_sha256"] == qfl.run(line_federation(), rounds=3).summary["angles_sha256"]
    named = qfl.run(small)
    with building(line_federation()), pytest.raises(RunFolderError, match="is complete"):
        qfl.run(named.folder, resume=True)
    assert run.folder == again.folder
