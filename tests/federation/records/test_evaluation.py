"""A run on a device is scored on that device, and on the exact engine beside it; every figure says which."""

import json
from dataclasses import replace

import numpy as np
import pytest
import torch

from qfl.cli import main
from qfl.config import Settings
from qfl.federation.records.evaluation import evaluate
from qfl.results import RunFolder
from qfl.tasks.build import build
from qfl.tasks.classify import Batch

SMALL = {
    "engine": "pennylane",
    "precision": "double",
    "rounds": 1,
    "data.side": 4,
    "model.layers": 1,
    "clients.count": 4,
    "clients.per-round": 0,
    "train.local-steps": 1,
    "train.batch-size": 2,
}
FEW = 12  # test samples


def scored(**changes):
    setup = build(Settings.from_flat(SMALL | {key.replace("__", "."): value for key, value in changes.items()}))
    few = replace(setup, samples=setup.samples)
    few.__dict__["test_batch"] = Batch(*(part[:FEW] for part in setup.test_batch))
    return evaluate(few, setup.model.initial(1)), setup, few


def test_noise_changes_the_score_and_not_the_exact_engines():
    (clean, *_), (noisy, *_) = scored(), scored(noise__depolarising=0.3)
    assert clean.loss == pytest.approx(clean.exact.loss, abs=1e-9)
    assert abs(noisy.loss - clean.loss) > 1e-2 and noisy.exact == clean.exact
    assert (clean.scored_on, noisy.scored_on) == ("default.qubit", "default.mixed (0.3 depolarising)")


def test_depolarised_logits_shrink_as_the_channel_says():
    """With one layer of RY and CNOTs every word passes known places, so it is bounded by (1 - 4p/3) per last gate."""
    found, setup, few = scored(noise__depolarising=0.5)
    angles = torch.from_numpy(setup.model.initial(1))
    exact = setup.model.logits(angles, few.test_batch.inputs)
    own = setup.device_test.task_of(setup.model.initial(1)).model.logits(angles, few.test_batch.inputs)
    assert own.abs().max() <= (1 - 4 * 0.5 / 3) * setup.settings.model.scale < exact.abs().max()
    assert found.loss == pytest.approx(torch.nn.functional.cross_entropy(own, few.test_batch.labels).item())


def test_shots_are_drawn_on_the_device_and_the_same_for_the_same_angles():
    (first, setup, few), (again, *_) = scored(device__shots=20), scored(device__shots=20)
    assert first == again and first.loss != first.exact.loss and first.scored_on == "default.qubit (20 shots)"
    assert evaluate(few, setup.model.initial(2)).loss != first.loss


def test_the_exact_engine_has_one_score_and_names_no_device():
    found, *_ = scored(engine="exact")
    assert found.exact is None and found.scored_on == ""
    assert set(found.row("accuracy")) == {"loss", "accuracy", "per_class"}


@pytest.fixture
def few_images(monkeypatch):
    from qfl.data import load

    def source(settings, seed, labels):
        random = np.random.default_rng(1)
        train, test = (
            load.Dataset(random.random((count, 64)), np.arange(count, dtype=np.int64) % 10) for count in (40, FEW)
        )
        return load.Labelled(train, test, tuple(map(str, range(10))))

    monkeypatch.setattr(load, "read", source)
    from qfl.tasks.build import _build

    _build.cache_clear()
    yield
    _build.cache_clear()


def test_rows_result_ending_and_report_name_what_gave_each_figure(few_images, tmp_path, capsys):
    file, device = tmp_path / "run.toml", "default.mixed (0.3 depolarising)"
    changes = [f"{key}={str(value).lower()}" for key, value in (SMALL | {"noise.depolarising": 0.3}).items()]
    file.write_text("rounds = 1\n")
    options = [word for change in changes for word in ("--set", change)]
    folder = tmp_path / "out"
    assert main(["run", str(file), *options, "--set", f"run.folder={folder}"]) == 0
    shown = capsys.readouterr()
    assert f"on {device}" in shown.out and "on the exact engine" in shown.out and "exact engine" in shown.err
    run = RunFolder(folder)
    for row in run.rounds():
        assert row["scored_on"] == device and row["loss"] != row["exact_loss"] and "exact_accuracy" in row
    last, final = run.rounds()[-1], run.header["final"]
    for key in ("loss", "accuracy", "scored_on", "exact_loss", "exact_accuracy"):
        assert final[key] == last[key]
    assert json.loads((folder / "run.json").read_text())["settings"]["engine"] == "pennylane"
    page = (folder / "report.html").read_text()
    assert f"scored on {device}" in page and "on the exact engine the test ends at" in page
