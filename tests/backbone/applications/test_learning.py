"""Anomalies and forecasts as requests: verified on data that was not learned from."""

import numpy as np
import pytest

from qfl.backbone.applications.forecast import forecasters
from qfl.backbone.applications.forecast.series import DAY
from qfl.backbone.applications.learning import detect_anomalies, predict_next
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


@pytest.mark.parametrize(
    ("changes", "said"),
    [
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
        ({"series": [1.0] * 200, "window": 90, "ahead": 96}, "windows to learn from; give a longer one"),
    ],
)
def test_what_is_no_series_is_refused_in_a_sentence(request_, said):
    with pytest.raises(ConfigError, match=said):
        predict_next(request_)
