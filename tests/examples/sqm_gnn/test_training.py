"""A training is the same whether or not it was killed on the way, and its curve is read back strictly."""

from dataclasses import replace
from pathlib import Path

import pytest
import torch

import qfl
from qfl.errors import RunFolderError
from qfl.models.model_file import load_model
from qfl.results import RunFolder
from qfl.studies.examples import module_of
from qfl.tasks.d2d import D2dTask
from qfl.tasks.d2d_steps import fewer_pairs

ROOT = Path(qfl.__file__).parent.parent
plan, training = (module_of(ROOT / "examples" / "sqm_gnn", name) for name in ("plan", "training"))


def test_a_job_that_was_killed_goes_on_to_the_same_vector(request_of):
    asked = request_of()
    job = plan.training_jobs(asked, plan.read_plan(asked))[0]
    whole, cut = plan.job_folder(asked, job), asked.folder.path / "cut"
    stops = []

    def kill(line):
        stops.append(line)
        if len(stops) == 2:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        training.train(job, cut, kill)
    RunFolder(cut).append("rounds", [{"round": 3, "train": 0.0, "test": 0.0}])  # written, but its checkpoint was not
    assert (training.train(job, cut, stops.append) == training.train(job, whole, stops.append)).all()
    model, angles = load_model(cut / "model.npz", expected=training.make_model(job))
    assert (
        model.layout == training.make_model(job).layout and (angles == training.train(job, whole, stops.append)).all()
    )
    without_seconds = [
        [{key: row[key] for key in ("round", "train", "test")} for row in RunFolder(path).rounds()]
        for path in (cut, whole)
    ]
    assert without_seconds[0] == without_seconds[1] and len(without_seconds[0]) == 3


def test_a_job_begun_with_old_names_goes_on_to_the_same_vector(request_of):
    """Its folder's run.json has the options' old names, and its vector the layout with the entry `thinning`."""
    asked = request_of(changes=["sqm_gnn.k=4"])
    job = plan.training_jobs(asked, plan.read_plan(asked))[0]
    job = replace(job, options=job.options | {"feature_bound": 1.0, "neighbour_subsampling": 2})
    whole, cut = asked.folder.path / "whole", asked.folder.path / "cut"

    def kill(line):
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        training.train(job, cut, kill)
    header = RunFolder(cut).header["job"]
    options = {
        key: value for key, value in header["options"].items() if key not in ("feature_bound", "neighbour_subsampling")
    }
    RunFolder(cut).update(job=header | {"options": options | {"reach": 1.0, "thinning": 2}})
    assert len(RunFolder(cut).rounds()) == 1 and any(
        "thinning" in name for name in training.make_model(job).layout.names
    )
    assert (training.train(job, cut, print) == training.train(job, whole, print)).all()
    found, wanted = (load_model(path / "model.npz", expected=training.make_model(job)) for path in (cut, whole))
    assert found[0] == wanted[0] and (found[1] == wanted[1]).all()


def test_smaller_samples_are_the_first_pairs_of_the_whole_ones(request_of):
    asked = request_of()
    job = plan.training_jobs(asked, plan.read_plan(asked))[0]
    batch = training.draw_batch(training.scenario_of("printed", 20), 4, 1, "d2d-train", torch.float32)
    sizes = []
    for step in range(200):
        part = fewer_pairs(batch, job.fewest_pairs, job.seed, step)
        pairs = part.snr.shape[-1]
        sizes.append(pairs)
        assert torch.equal(part.snr, batch.snr[:, :pairs, :pairs]) and torch.equal(part.alpha, batch.alpha[:, :pairs])
    cut = [pairs for pairs in sizes if pairs < 20]
    assert 70 < len(cut) < 130 and min(cut) == job.fewest_pairs == 5  # half of the steps
    assert fewer_pairs(batch, 0, job.seed, 3) is batch


def test_other_powers_are_multiples_and_other_pairs_stay_in_the_same_field():
    own, other = training.scenario_of("printed", 20), training.scenario_of("printed", 10, 2.0)
    assert other.max_power_w == 2 * own.max_power_w and (own.num_pairs, other.num_pairs) == (20, 10)
    assert replace(other, num_pairs=20, max_power_w=own.max_power_w) == own


def test_a_rate_is_the_mean_of_the_samples_however_many_are_evaluated_at_once(monkeypatch, request_of):
    asked = request_of()
    model = training.make_model(plan.training_jobs(asked, plan.read_plan(asked))[0])
    batch = training.draw_batch(training.scenario_of("printed", 20), 7, 1, "d2d-test", torch.float64)
    vector = model.initial(1)
    with torch.no_grad():
        whole = D2dTask(model).rates(torch.from_numpy(vector), batch).mean().item()
    for gains in (1, 800, 10**6):
        monkeypatch.setattr(training, "EVALUATED_TOGETHER", gains)
        assert training.mean_rate(D2dTask(model), vector, batch) == pytest.approx(whole, rel=1e-9)


@pytest.mark.parametrize("rows", [[{"round": 2, "train": 1.0, "test": 1.0, "seconds": 1.0}], [{"round": 1}]])
def test_a_curve_with_a_hole_is_refused(tmp_path, rows):
    folder = RunFolder.create("x", {"status": "running"}, path=tmp_path / "x")
    folder.append("rounds", rows)
    with pytest.raises(RunFolderError, match=r"rounds\.jsonl"):
        training.curve(tmp_path / "x")
    assert training.seconds_of(RunFolder.create("y", {}, path=tmp_path / "y").path) is None
