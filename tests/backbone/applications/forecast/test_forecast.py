"""Forecasts: windows, what is learned, and the circuit.

Also covers series.py, forecasters.py, model.py and points.py.
"""

import numpy as np
import pytest

from qfl.backbone.applications.forecast import forecasters
from qfl.backbone.applications.forecast.forecasters import FORECASTERS, predict
from qfl.backbone.applications.forecast.model import CircuitForecaster, forecast_circuit
from qfl.backbone.applications.forecast.points import load
from qfl.backbone.applications.forecast.series import DAY, draw_traffic, windows
from qfl.errors import ConfigError


def error(name: str, train, asked) -> float:
    return float(np.sqrt(np.mean((predict(name, train, asked) - asked.target) ** 2)))


def test_windows_are_what_they_say():
    series = np.arange(3 * DAY, dtype=np.float64) ** 2
    found = windows(series, 8, 4)
    moment = DAY + 17
    row = 17
    assert np.array_equal(found.seen[row], series[moment - 7 : moment + 1])
    assert found.target[row] == series[moment + 4] - series[moment]
    assert found.day_before[row] == series[moment + 4 - DAY] - series[moment]


def test_autoregression_learns_a_linear_rule_exactly():
    """A wave obeys x[t+1] = 2 cos(w) x[t] - x[t-1]."""
    wave = np.sin(0.7 * np.arange(3 * DAY))
    found = windows(wave, 8, 1)
    assert error("ar", found, found) < 1e-10 < error("last", found, found)


@pytest.mark.parametrize("name", FORECASTERS)
def test_every_forecaster_comes_again_and_those_that_learn_beat_the_last_value(name, monkeypatch):
    series = draw_traffic(10, seed=1)
    train, asked = windows(series[: 7 * DAY], 8, 4), windows(series[6 * DAY :], 8, 4)
    monkeypatch.setattr(forecasters, "STEPS", 20)
    assert np.array_equal(predict(name, train, asked), predict(name, train, asked))
    monkeypatch.setattr(forecasters, "STEPS", 400)
    if name not in ("last", "day_before"):
        assert error(name, train, asked) < error("last", train, asked)


def test_the_circuit_is_that_of_pennylane():
    import torch

    from qfl.quantum.devices import expectations as on_device
    from qfl.quantum.exact import expectations

    circuit = forecast_circuit(8)
    angles = torch.linspace(-1, 1, circuit.num_angles, dtype=torch.float64)
    seen = torch.linspace(-2, 2, 16, dtype=torch.float64).reshape(2, 8)
    assert torch.allclose(expectations(circuit, angles, seen), on_device(circuit, angles, seen), atol=1e-10)


def test_the_circuits_readout_is_linear_in_its_expectation_values_and_a_federation_can_train_it():
    import torch

    from qfl.models.own_checks import checked_model
    from qfl.quantum.exact import expectations

    model, data = CircuitForecaster(8), load(1, points=2, days=2, test_days=1)
    entries = torch.from_numpy(model.initial(1)) + 0.1
    values = expectations(model.circuit, entries[:28], 1.1 * torch.from_numpy(data["x"][:3]))
    told = model.logits(entries, torch.from_numpy(data["x"][:3]))
    assert torch.allclose(told[:, 0], 0.1 * values.sum(-1) + 0.1)
    assert checked_model(model, data["x"], 1, torch.float64, "forecaster") is model


def test_points_have_series_of_their_own_and_are_tested_on_the_days_after_them():
    data = load(1, points=3, days=3, test_days=2, window=4, ahead=2)
    for point in range(3):
        series = draw_traffic(5, 1000 + point, 4 * point / 3)
        seen, asked = windows(series[: 3 * DAY], 4, 2), windows(series[2 * DAY :], 4, 2)
        size = len(asked.target)
        assert np.array_equal(data["x"][data["client"] == point], seen.seen)
        assert np.array_equal(data["y_test"][point * size : (point + 1) * size], asked.target)


def test_a_place_further_west_has_the_same_day_later():
    def peak(behind_h: float) -> float:
        return float(draw_traffic(28, 1, behind_h).reshape(28, DAY).mean(0).argmax()) / 4

    assert abs((peak(6.0) - peak(0.0)) % 24 - 6) < 2


@pytest.mark.parametrize(
    ("call", "said"),
    [
        (lambda s: load(1, points=0), "points is 0; give 1 to"),
        (lambda s: load(1, days=1, zones_h=99), "days is 1; give 2 to"),
        (lambda s: CircuitForecaster(8, 2), "tells one number, not 2"),
        (lambda s: windows(s[:100], 8, 1), "give 192 or more"),
        (lambda s: windows(np.full(300, np.nan), 8, 1), "all of them finite"),
        (lambda s: windows(s, 0, 1), "windows of 0 steps"),
        (lambda s: predict("magic", windows(s, 8, 1), windows(s, 8, 1)), "is no forecaster"),
        (lambda s: predict("ar", windows(s, 8, 1), windows(s, 7, 1)), "give equal ones"),
    ],
)
def test_what_cannot_be_foretold_is_refused(call, said):
    with pytest.raises(ConfigError, match=said):
        call(draw_traffic(4, seed=1))
