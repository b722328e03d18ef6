"""Anomalies and forecasts as requests: verified on data that was not learned from.

Also covers qfl/backbone/applications/anomaly/request.py and qfl/backbone/applications/forecast/request.py.
Also covers qfl/backbone/applications/checkpoints.py.
"""

from dataclasses import replace

import numpy as np
import pytest

from qfl.backbone.applications.forecast import forecasters
from qfl.backbone.applications.forecast.series import DAY
from qfl.backbone.applications.learning import checkpoint_of, detect_anomalies, predict_next
from qfl.backbone.runtime.templates.folder import Templates
from qfl.errors import ConfigError

pytest.importorskip("sklearn")
WAVE = np.sin(2 * np.pi * np.arange(4 * DAY) / DAY) * 3 + 10


@pytest.fixture(autouse=True)
def quick(monkeypatch):
    """Let circuits train for a few steps: what is verified is who is chosen and what is said, not how good they get."""
    monkeypatch.setattr(forecasters, "STEPS", 20)


def telemetry():
    """Return rows whose anomalies are moved in three of six features, in two parts."""
    draw = np.random.default_rng(1)
    labels = (draw.random(160) < 0.3).astype(int)
    rows = draw.normal(size=(160, 6)) + 1.5 * (labels[:, None] & (np.arange(6) < 3))
    request = {"train": rows[:100].tolist(), "labels": labels[:100].tolist(), "rows": rows[100:].tolist()}
    return request, labels[100:]


def test_scores_tell_anomalies_apart_and_the_decision_is_of_the_better_in_cross_validation():
    request, anomalous = telemetry()
    answer, decision = detect_anomalies(request)
    scores = np.array(answer["scores"])
    pairs = scores[anomalous == 1][:, None] - scores[anomalous == 0]
    assert np.mean(pairs > 0) > 0.75  # the area under the curve, by its meaning
    quality = decision["quality"]
    assert answer["area_under_curve"] == max(quality.values()) == quality[decision["method"]]
    assert "method" not in answer


def test_a_tide_is_foretold_within_the_error_that_is_said():
    answer, decision = predict_next({"series": WAVE.tolist(), "ahead": 6})
    truth = np.sin(2 * np.pi * (4 * DAY + 5) / DAY) * 3 + 10
    assert abs(answer["value"] - truth) <= 4 * answer["error"] + 1e-6 and answer["ahead"] == 6
    assert decision["method"] == "ar_day" and decision["quality"]["ar_day"] >= decision["quality"]["vqc"]


@pytest.mark.parametrize("compression", ["pca", "bottleneck"])
def test_features_are_made_fewer_and_what_that_gives_up_is_told(compression):
    request, _ = telemetry()
    (told,) = detect_anomalies(request | {"qubits": 2, "compression": compression, "solvers": ["svm_rbf"]})[0][
        "given_up"
    ]
    assert told["rule"] == compression and (told["before"], told["after"]) == (6, 2) and 0 < told["measured"] < 1
    answer, _ = predict_next({"series": WAVE.tolist(), "ahead": 6, "features": 3, "compression": compression})
    (told,) = answer["given_up"]
    assert (told["before"], told["after"]) == (8, 3) and 0 <= told["measured"] < 0.05  # a wave has two components


def test_solvers_of_one_s_choice_are_asked_and_the_best_verified_one_answers():
    request, _ = telemetry()
    names = ["knn", "isolation_forest", "knn_fidelity"]
    answer, decision = detect_anomalies(request | {"solvers": names})
    assert list(decision["quality"]) == names and answer["area_under_curve"] == max(decision["quality"].values())
    assert decision["widths"]["isolation_forest"] is None and decision["widths"]["knn"] > 0


@pytest.fixture(scope="module")
def north():
    """Return a registry with what the rows have taught, and the quality that was verified."""
    entry, quality = checkpoint_of("north", telemetry()[0])
    return Templates({"north": replace(entry, version=2)}), quality


def test_a_detector_s_checkpoint_keeps_its_kernels_and_is_verified_all_the_same(north):
    (templates, quality), (request, _) = north, telemetry()
    plain, decision = detect_anomalies(request)
    assert quality == decision["quality"]
    assert detect_anomalies(request | {"checkpoint": "north@2"}, templates=templates) == (plain, decision)
    entry = templates.newest["north"]
    other = Templates({"north": replace(entry, arrays=entry.arrays | {"svm_rbf": np.array([0.05])})})
    assert detect_anomalies(request | {"checkpoint": "north"}, templates=other)[1]["widths"]["svm_rbf"] == 0.05


def test_a_circuit_that_goes_on_from_a_checkpoint_begins_where_that_ended(monkeypatch):
    request = {"series": WAVE.tolist()}
    entry, quality = checkpoint_of("tide", request)
    monkeypatch.setattr(forecasters, "STEPS", 0)  # none further: it tells what the checkpoint told
    _, decision = predict_next(request | {"checkpoint": "tide"}, templates=Templates({"tide": entry}))
    assert decision["quality"]["vqc"] == pytest.approx(quality["vqc"])
    assert predict_next(request)[1]["quality"]["vqc"] != pytest.approx(quality["vqc"])
    with pytest.raises(ConfigError, match="is another circuit's; give that of"):
        spoilt = replace(entry, arrays=entry.arrays | {"entries": np.zeros(3)})
        predict_next(request | {"checkpoint": "tide"}, templates=Templates({"tide": spoilt}))


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ({"checkpoint": "south"}, "there is no template 'south'; give one of north"),
        ({"checkpoint": "north@3"}, "template north@2 is older than north@3"),
        ({"checkpoint": "north", "qubits": 3}, "template north@2 was learned for"),
        ({"checkpoint": "north", "compression": "bottleneck"}, "template north@2 was learned for"),
    ],
)
def test_a_checkpoint_that_is_another_s_or_older_is_refused(north, words, said):
    with pytest.raises(ConfigError, match=said):
        detect_anomalies(telemetry()[0] | words, templates=north[0])


def test_a_checkpoint_without_a_registry_or_of_another_kind_of_request_is_refused(north):
    with pytest.raises(ConfigError, match="is of no registry; start the service with --templates"):
        detect_anomalies(telemetry()[0] | {"checkpoint": "north"})
    with pytest.raises(ConfigError, match="template north@2 was learned for"):
        predict_next({"series": WAVE.tolist(), "checkpoint": "north"}, templates=north[0])
    with pytest.raises(ConfigError, match="neither train nor series"):
        checkpoint_of("north", {})


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"compression": "zip"}, "'zip' is no compression of features; give one of pca, bottleneck"),
        ({"solvers": []}, "give names, each once, one of them classical"),
        ({"solvers": ["svm_fidelity"]}, "one of them classical"),
        ({"solvers": ["svm_rbf", "svm_rbf"]}, "each once"),
        ({"solvers": [1]}, "give names"),
        ({"solvers": ["qaoa", "svm_rbf"]}, "'qaoa' is not a solver of labelled rows"),
        ({"train": [[1.0], [1.0, 2.0]]}, "train is no table of finite numbers"),
        ({"rows": [[float("nan")] * 9]}, "rows is no table of finite numbers"),
        ({"rows": [[1.0]]}, "rows as wide"),
        ({"labels": [0, 1]}, "2 labels for 100 rows"),
        ({"labels": [0] * 100}, "fewer than 3 zeros or ones"),
        ({"labels": [0.5] * 100}, "give a label, 0 or 1"),
        ({"qubits": 0}, "qubits is 0; give 1 to"),
        ({"train": [[1.0]] * 1001}, "1,001 rows of 1 features"),
        ({"colour": 1}, "unknown word 'colour'"),
    ],
)
def test_what_are_no_rows_is_refused_in_a_sentence(changes, said):
    with pytest.raises(ConfigError, match=said):
        detect_anomalies(telemetry()[0] | changes)


@pytest.mark.parametrize(
    ("request_", "said"),
    [
        ({"series": []}, "series has 0 values"),
        ({"series": ["x"] * 300}, "series has 300 values; give 1 to 5,000 numbers"),
        ({"series": [1.0] * 50}, "the series has 50 values"),
        ({"series": [float("inf")] * 300}, "give finite numbers"),
        ({"series": [1.0] * 300, "ahead": 0}, "0 ahead"),
        ({"series": [1.0] * 400, "features": 9}, "predict: features is 9; give 1 to 8"),
        ({"series": [1.0] * 400, "features": -1}, "predict: features is -1"),
        ({"series": [1.0] * 200, "window": 90, "ahead": 96}, "windows to learn from; give a longer one"),
    ],
)
def test_what_is_no_series_is_refused_in_a_sentence(request_, said):
    with pytest.raises(ConfigError, match=said):
        predict_next(request_)
