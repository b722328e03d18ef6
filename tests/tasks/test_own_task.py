"""A task that a run file names: its maker's federation is trained as ours are, by its own figure of merit."""

import json
import sys
from textwrap import dedent

import numpy as np
import pytest

from qfl.cli import main
from qfl.config import Settings
from qfl.errors import ConfigError
from qfl.report.record import read_record
from qfl.results import RunFolder
from qfl.tasks.build import build

TASKS = """
    from dataclasses import dataclass
    from math import inf
    from typing import NamedTuple

    import numpy as np
    import torch
    import qfl
    from qfl.metric import Metric

    class Batch(NamedTuple):
        x: torch.Tensor
        weight: torch.Tensor

    class Centre:
        layout = qfl.AngleLayout(("a", "b"), (inf, inf))

        def initial(self, seed):
            return np.zeros(2)

    class Distance:
        def metrics(self, angles, batch):
            square = (angles[..., None, :] - batch.x).square().sum(-1)
            loss = (square * batch.weight).sum(-1) / batch.weight.sum(-1)
            return {"loss": loss, "closeness": 1 / (1 + loss)}

        def evaluate(self, angles, batch):
            return self.metrics(angles, batch), []

    @dataclass(frozen=True)
    class Points:
        x: torch.Tensor

        def take(self, index, weight):
            return Batch(self.x[index], weight)

        def test(self):
            return Batch(self.x, torch.ones(len(self.x), dtype=self.x.dtype))

    def make(settings, shift: float = 0.0):
        x = torch.from_numpy(qfl.stream(settings.seed, "points").normal(shift, 1.0, (settings.clients.count * 4, 2)))
        parts = tuple(np.arange(4) + 4 * client for client in range(settings.clients.count))
        x = x.to(torch.float64 if settings.precision == "double" else torch.float32)
        return qfl.Federation(settings, Centre(), Distance(), Points(x), parts, {"name": "points"})

    make.metric = Metric("closeness", "Closeness", "", 1.0, "mean square distance", 0.0)

    def unmeasured(settings):
        return make(settings)

    def with_metric(function, name="closeness"):
        function.metric = Metric(name, "Closeness", "", 1.0, "mean square distance", 0.0)
        return function

    @with_metric
    def nothing(settings):
        return None

    @with_metric
    def fails(settings):
        raise ValueError("no points today")

    unlike = with_metric(lambda settings: make(settings), "nearness")

    @with_metric
    def few(settings):
        return qfl.Federation(settings, Centre(), Distance(), Points(torch.zeros(4, 2)), (np.arange(4),), {})

    @with_metric
    def infinite(settings):
        found = make(settings)
        return qfl.Federation(settings, Centre(), Distance(), Points(found.samples.x / 0), found.parts, {})

"""


@pytest.fixture
def app(tmp_path, monkeypatch):
    (tmp_path / "tasks.py").write_text(dedent(TASKS))
    (tmp_path / "run.toml").write_text('task = "tasks.py:make"\nrounds = 20\nclients.count = 5\nmy.shift = 2.0\n')
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(sys, "path", [str(tmp_path), *sys.path])
    return tmp_path


def test_it_reaches_the_closed_form_and_reports_its_own_metric(app, capsys):
    """The least mean square distance is at the mean of the points."""
    assert main(["run", "run.toml", "--json", "--set", "precision=double", "--set", "run.folder=here"]) == 0
    found = json.loads(capsys.readouterr().out)
    flat = {"task": "tasks.py:make", "clients.count": 5, "my.shift": 2.0, "precision": "double", "rounds": 20}
    points = build(Settings.from_flat(flat)).test_batch.x.numpy()
    assert np.allclose(found["angles"], points.mean(0), atol=1e-3)
    spread = (points - points.mean(0)) ** 2
    assert found["closeness"] == pytest.approx(1 / (1 + spread.sum(1).mean()), abs=1e-4)
    record = read_record(RunFolder(app / "here"))
    assert record.metric.title == "Closeness" and "loseness" in (app / "here/report.html").read_text()


def test_its_file_and_its_settings_are_agreed_on(app):
    first, other = (
        build(Settings.from_flat({"task": "tasks.py:make", "clients.count": 5, "my.shift": shift})).digest
        for shift in (1.0, 2.0)
    )
    assert first != other


@pytest.mark.parametrize(
    "name, word",
    [
        ("unmeasured", "does not say what it is measured by; set unmeasured.metric"),
        ("nothing", "gives NoneType; give a qfl.Federation"),
        ("fails", "raised ValueError: no points today"),
        ("unlike", "has no 'nearness', only loss, closeness"),
        ("few", "has 1 clients for clients.count = 5"),
        ("infinite", "loss is [inf] at the start"),
        ("absent", "has no 'absent'"),
    ],
)
def test_what_is_no_task_is_one_sentence(app, name, word, capsys):
    (app / "run.toml").write_text(f'task = "tasks.py:{name}"\nrounds = 1\nclients.count = 5\n')
    assert main(["run", "run.toml"]) == 2
    said = capsys.readouterr().err
    assert word in said and "Traceback" not in said and not list((app / "runs").glob("*"))


def test_settings_of_nobody_are_refused():
    with pytest.raises(ConfigError, match=r"\[my\] is set, but task does not name one of your own"):
        Settings.from_flat({"my.shift": 1.0})
