"""Forecasts: windows, what is learned, and the circuit. Also covers series.py and forecasters.py."""

import numpy as np
import pytest

from qfl.backbone.applications.forecast import forecasters
from qfl.backbone.applications.forecast.forecasters import FORECASTERS, forecast_circuit, predict
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


@pytest.mark.parametrize(
    ("call", "said"),
    [
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
