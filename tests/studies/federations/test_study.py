"""Comparisons of federations in which something is absent: the radio, a seed, a run, a level, everything.

Also covers qfl/studies/federations/page.py, qfl/studies/federations/template.py and
qfl/studies/federations/picture.py: each is drawn for whatever runs lack.
"""

import csv
import json
import re

import pytest

from qfl.cli.compare_learning import ending
from qfl.errors import ConfigError, RoundFailed
from qfl.results import RunFolder
from qfl.studies.federations import figures
from qfl.studies.federations.curves import curve_of, read_runs
from qfl.studies.federations.run import by_label, create, run, settings_of
from qfl.studies.federations.settings import Choice, LearningSettings
from qfl.studies.federations.study import comparison_of
from qfl.studies.request import comparison


def written(folder, runs):
    """Return the numbers of finished runs, having drawn and told them."""
    request = comparison(folder, {}, folder.path, True)
    return comparison_of(print).show(request, settings_of(folder), read_runs(runs)).numbers


AXES = {"learner": (Choice("QFL", {"model.name": "vqc"}), Choice("FL", {"model.name": "mlp"}))}


@pytest.fixture(autouse=True)
def small_pictures(monkeypatch):
    monkeypatch.setattr("qfl.report.canvas.DPI", 20)


def federation(radio=True, missing=(), rounds=3, header=None):
    """Return what writes a run folder without the columns named, as a federation would."""

    def train(settings):
        folder = RunFolder.create("x", {"settings": settings.to_flat(), "status": "running"}, path=settings.run.folder)
        for number in range(rounds + 1):
            row = {"round": number, "accuracy": 0.2 * number + 0.01 * settings.seed, "asked": 4, "accepted": 3}
            row |= {"train_accuracy": 0.1 * number}
            # the seeds' clocks run at different speeds, as on different channels
            if radio and number:
                row |= {"radio": {"seconds": 1.0 * settings.seed, "clock_s": 1.0 * number * settings.seed}}
            folder.append("rounds", [{key: value for key, value in row.items() if key not in missing}])
        if "clients" not in missing:
            folder.append("clients", [{"round": 1, "client": k, "status": "accepted"} for k in range(3)])
        folder.update(status="completed", final={"accuracy": 0.5, "seconds": 1.0}, **(header or {}))

    return train


def drawn(tmp_path, train, seeds=2):
    """Return the numbers of a comparison, having checked that JSON, CSV, page and text hold no NaN."""
    settings = LearningSettings({"rounds": 3, "clients.count": 20}, AXES, seeds)
    folder = create(settings, "x", path=tmp_path)
    found = written(folder, by_label(run(folder, settings, train)))
    assert json.loads(json.dumps(found, allow_nan=False)) == found
    page, text = (tmp_path / "report.html").read_text(), "\n".join(ending(found))
    assert not re.search(r"\b(nan|None|inf)\b", f"{page}{text}")
    assert (tmp_path / "comparison.png").stat().st_size > 500
    with open(tmp_path / "combinations.csv", newline="") as file:
        assert "nan" not in {cell for row in csv.reader(file) for cell in row}
    return found


@pytest.mark.parametrize("seeds", [1, 2, 3])
def test_without_a_radio_there_is_a_page_and_no_seconds(tmp_path, seeds):
    own = drawn(tmp_path, federation(radio=False), seeds)["combinations"]["QFL"]
    assert own["simulated_s"]["mean"] is own["energy_j"] is own["jain"] is own["round_s_median"] is None
    assert own["participants"] == 3 and own["rounds_to"]["0.6"] == 3 and own["seconds_to"]["0.6"] is None
    assert (own["accuracy"]["sd"] is None) == (seeds == 1)
    page = (tmp_path / "report.html").read_text()
    assert "simulated seconds since" not in page and ("its 95 % band" in page) == (seeds >= 3)


@pytest.mark.parametrize("missing", [("accuracy",), ("train_accuracy",), ("accuracy", "train_accuracy"), ("clients",)])
def test_a_column_that_no_run_has_is_a_dash(tmp_path, missing):
    own = drawn(tmp_path, federation("clients" in missing, missing))["combinations"]["FL"]
    assert (own["accuracy"]["mean"] is None) == ("accuracy" in missing)
    assert (own["ever_took_part"] is None) == ("clients" in missing)


def test_runs_without_a_round_after_the_first_or_without_any_are_drawn(tmp_path):
    drawn(tmp_path / "a", federation(rounds=0))
    drawn(tmp_path / "b", federation(rounds=-1))


def test_a_column_of_one_seed_alone_counts_for_that_seed(tmp_path):
    first, second = federation(), federation(missing=("accuracy",))
    found = drawn(tmp_path, lambda settings: (first if settings.seed == 1 else second)(settings))
    assert found["combinations"]["QFL"]["accuracy"] == {
        "mean": pytest.approx(0.61),
        "sd": None,
        "count": 1,
        "low": None,
        "high": None,
    }


def test_sizes_that_are_not_known_are_not_compared(tmp_path):
    def train(settings):
        federation(header={"uplink": {} if settings.model.name == "vqc" else {"model_bytes": 9}})(settings)

    found = drawn(tmp_path, train)
    assert [own["update_bytes"] for own in found["combinations"].values()] == [None, 9]


@pytest.mark.parametrize(
    "failing", [{("QFL", 2)}, {("QFL", 1), ("QFL", 2)}, {("QFL", 1), ("QFL", 2), ("FL", 1), ("FL", 2)}]
)
def test_a_run_that_fails_costs_no_other_is_named_and_is_tried_again(tmp_path, failing):
    begun = []

    def train(settings):
        name = "QFL" if settings.model.name == "vqc" else "FL"
        begun.append((name, settings.seed, settings.run.resume))
        if (name, settings.seed) in failing:
            header = {"settings": settings.to_flat(), "status": "failed", "error": "RoundFailed: too few replies"}
            if not settings.run.resume:
                RunFolder.create("x", header, path=settings.run.folder)
            raise RoundFailed("too few replies")
        federation()(settings)

    found = drawn(tmp_path, train)
    assert {(each["combination"], each["seed"]) for each in found["failures"]} == failing
    assert [own["runs"] for own in found["combinations"].values()] == [
        2 - sum(name == label for name, _ in failing) for label in ("QFL", "FL")
    ]
    assert "was not finished and counts nowhere: RoundFailed: too few replies" in (tmp_path / "report.html").read_text()
    assert RunFolder(tmp_path).header["status"] == "failed"
    folder, settings = RunFolder(tmp_path), settings_of(RunFolder(tmp_path))
    again = run(folder, settings, train)
    assert len(begun) == 4 + len(failing) and all(again for *_, again in begun[4:])
    folder.update(source="another")  # mended since: nothing is trained, and the page is drawn again
    assert list(run(folder, settings, train)) == list(again) and len(begun) == 4 + len(failing)
    assert written(folder, by_label(again))["failures"] == found["failures"]


def test_a_mistake_stops_at_once(tmp_path):
    def train(settings):
        raise ConfigError("there is no such strategy")

    with pytest.raises(ConfigError, match="no such strategy"):
        drawn(tmp_path, train)


def test_curves_end_at_the_same_value_over_seconds_as_over_rounds(tmp_path):
    settings = LearningSettings({"rounds": 3, "clients.count": 20}, AXES, 3)
    folder = create(settings, "x", path=tmp_path)
    records = read_runs(by_label(run(folder, settings, federation())))["QFL"]
    rounds, seconds = (curve_of("QFL", records, "accuracy", over) for over in ("rounds", "seconds"))
    assert rounds.mean[-1] == seconds.mean[-1] == pytest.approx(0.62)
    assert (seconds.x[0], seconds.x[-1]) == pytest.approx((3.0, 9.0))  # the slowest seed's first and last round
    assert figures.learning({"QFL": records}, False, "seconds") is not None
