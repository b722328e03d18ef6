"""Runs of a comparison that never trained: what is done, what is left, and what the numbers and figures say.

Also covers qfl/studies/federations/outcome.py.
"""

import csv
import json

import numpy as np
import pytest

from qfl.errors import RunFolderError
from qfl.results import RunFolder
from qfl.studies.federations.curves import curve_of, read_runs
from qfl.studies.federations.run import by_label, create, missing_data, run, settings_of
from qfl.studies.federations.settings import Choice, LearningSettings
from qfl.studies.federations.study import comparison_of
from qfl.studies.request import comparison


def written(folder, runs):
    """Return the numbers of finished runs, having drawn and told them."""
    request = comparison(folder, {}, folder.path, True)
    return comparison_of(print).show(request, settings_of(folder), read_runs(runs)).numbers


AXES = {
    "learner": (Choice("QFL", {"model.name": "vqc"}), Choice("FL", {"model.name": "mlp"})),
    "scheduler": (Choice("quick", {"radio.deadline-s": 0.5}), Choice("slow", {"radio.deadline-s": 2.0})),
}
SETTINGS = LearningSettings({"rounds": 4, "clients.count": 20, "radio.on": True}, AXES, 3)


def pretend(settings):
    """Write what a federation would: its accuracy rises by rounds, and a round takes the deadline."""
    header, path = {"settings": settings.to_flat(), "status": "running"}, settings.run.folder
    folder = RunFolder(path) if settings.run.resume else RunFolder.create("x", header, path=path)
    folder.update(**header)
    top = (0.9 if settings.model.name == "vqc" else 0.5) + 0.01 * settings.seed
    for number in range(5):
        seconds = settings.radio.deadline_s
        air = {"seconds": seconds, "clock_s": number * seconds, "participants": 3, "labels_lost": 2, "energy_j": 0.5}
        row = {"round": number, "accuracy": top * number / 4, "train_accuracy": None, "loss": 1.0, "asked": 20}
        if number:
            row |= {"radio": air | {"jain": 0.5, "solver": "tdma_lpt"}, "train_accuracy": 0.5}
        folder.append("rounds", [row])
        rows = [{"round": number, "client": k, "status": "accepted" if k < 3 + number else "missing"} for k in range(9)]
        folder.append("clients", rows if number else [])
    model = {"name": settings.model.name, "parameters": 10}
    uplink = {"model_bytes": 40 if settings.model.name == "vqc" else 4000, "signature_bytes": 60, "envelope_bytes": 0}
    folder.update(status="completed", model=model, uplink=uplink, final={"accuracy": top, "seconds": 1.0})


@pytest.fixture(scope="module")
def done(tmp_path_factory):
    folder = create(SETTINGS, "pretended", path=tmp_path_factory.mktemp("done"))
    return folder, run(folder, SETTINGS, pretend)


def test_a_comparison_that_was_stopped_runs_only_what_is_missing(tmp_path):
    folder, seen = create(SETTINGS, "x", path=tmp_path), []

    def stop(settings):
        if len(seen) == 3:
            raise KeyboardInterrupt
        seen.append(settings)
        pretend(settings)

    with pytest.raises(KeyboardInterrupt):
        run(folder, SETTINGS, stop)
    assert folder.header["status"] == "running" and len(seen) == 3
    begun = tmp_path / "QFL-quick-2"
    RunFolder.create("x", {"status": "running"}, path=begun)
    again = []
    run(folder, settings_of(folder), lambda settings: again.append(settings) or pretend(settings))
    assert len(again) == 9 and not set(map(id, seen)) & set(map(id, again))
    assert [settings.run.resume for settings in again if settings.run.folder == str(begun)] == [True]
    assert folder.header["status"] == "completed"
    folder.update(source="another")
    run(folder, SETTINGS, pretend)  # nothing is missing
    (tmp_path / "FL-slow-1" / "run.json").unlink()
    with pytest.raises(RunFolderError, match="begun by another version of the source"):
        run(folder, SETTINGS, pretend)


def test_a_curve_is_the_mean_over_seeds_at_rounds_and_at_seconds(done):
    records = read_runs(by_label(done[1]))
    rounds = curve_of("QFL + slow", records["QFL + slow"], "accuracy", "rounds")
    assert rounds.x.tolist() == [1, 2, 3, 4]
    assert rounds.mean == pytest.approx([0.92 * number / 4 for number in (1, 2, 3, 4)])
    # three values with a standard deviation of 0.01: Student's t with two degrees of freedom is 4.303
    assert rounds.high[-1] - rounds.mean[-1] == pytest.approx(4.303 * 0.01 / 3**0.5, rel=1e-3)
    two = curve_of("QFL + slow", records["QFL + slow"][:2], "accuracy", "rounds")
    assert two.high.tolist() == two.mean.tolist()
    seconds = curve_of("QFL + slow", records["QFL + slow"], "accuracy", "seconds")
    assert (seconds.x[0], seconds.x[-1]) == pytest.approx((2.0, 8.0))
    at = seconds.mean[np.searchsorted(seconds.x, 5.0)]
    assert at == pytest.approx(0.92 * 2 / 4)  # between the second round's end and the third's


def test_the_numbers_say_who_took_part_and_when_a_level_was_reached(done):
    folder, runs = done
    found = written(folder, by_label(runs))
    assert json.loads(json.dumps(found, allow_nan=False)) == found
    own = found["combinations"]["QFL + slow"]
    assert own["accuracy"]["mean"] == pytest.approx(0.92) and own["participants"] == 3 and own["ever_took_part"] == 7
    assert own["labels_lost"] == 2 and own["round_s_median"] == 2 and own["simulated_s"]["mean"] == 8
    assert own["seconds_to"]["0.6"] == 6 and own["rounds_to"]["0.6"] == 3 and own["seconds_to"]["0.95"] is None
    assert own["update_bytes"] == 100 and found["combinations"]["FL + slow"]["update_bytes"] == 4060
    assert own["energy_j"] == pytest.approx(2.0)
    with open(folder.path / "combinations.csv", newline="") as file:
        assert [row["combination"] for row in csv.DictReader(file)] == list(found["combinations"])
    with open(folder.path / "curves.csv", newline="") as file:
        rows = list(csv.DictReader(file))
    assert {row["over"] for row in rows} == {"rounds", "seconds"} and len(rows) > 100


def test_the_page_shows_every_combination_and_links_every_run(done):
    folder, runs = done
    found = written(folder, by_label(runs))
    page = (folder.path / "report.html").read_text()
    assert page.count("<svg") >= 8 and ">nan" not in page and "simulated seconds" in page
    assert all(f'href="{member.folder}/report.html"' in page for member in runs)
    assert all(label in page for label in found["combinations"])
    assert (folder.path / "comparison.png").stat().st_size > 20_000


def test_a_comparison_of_regressions_looks_for_targets(tmp_path):
    draw = np.random.default_rng(1)
    np.savez(tmp_path / "a.npz", x=draw.normal(size=(20, 2)), y=draw.normal(size=(20, 2)))
    base = {"data.name": "a.npz", "data.root": str(tmp_path), "data.partition": "iid", "clients.count": 2}
    axes = {"learner": (Choice("linear", {"model.name": "linear"}),)}
    assert missing_data(LearningSettings(base | {"task": "regress"}, axes, 1)) == ""
    (tmp_path / "a.npz").write_bytes(b"no file of arrays")
    assert "a.npz" in missing_data(LearningSettings(base | {"task": "regress"}, axes, 1))
    powers = {"task": "d2d", "data.name": "a.npz", "data.root": str(tmp_path)}
    assert missing_data(LearningSettings(powers, {"learner": (Choice("GCN", {"model.name": "gcn"}),)}, 1)) == ""
