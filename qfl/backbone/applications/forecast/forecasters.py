"""Forecasters, all of the same shape: learn from windows, tell the change until a later step.

``vqc`` is the model of `qfl.backbone.applications.forecast.model`, which points of presence can train together. The
recurrent network has a few hidden units, so that both train about as many numbers. Both train for the same number of
steps of Adam on the same batches; ``autoregression`` is least squares, with and without the value of the day before.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace

import numpy as np
import torch
from jaxtyping import Float, Float64
from numpy import ndarray
from torch import Tensor

from qfl.backbone.applications.forecast.model import CircuitForecaster
from qfl.backbone.applications.forecast.series import Windows
from qfl.errors import ConfigError
from qfl.seeds import stream

HIDDEN = 3
STEPS, BATCH, LEARNING_RATE = 600, 64, 0.02
Told = Float64[ndarray, " _"]


@dataclass(frozen=True, eq=False)
class Forecaster:
    """What was learned.

    Args:
        numbers: How many numbers were trained.
        tell: From windows to the changes.
        parameters: What was trained, by name, where another training may start from it.
    """

    numbers: int
    tell: Callable[[Windows], Told]
    parameters: Mapping[str, ndarray] = field(default_factory=dict)


def last_value(train: Windows, seed: int = 1) -> Forecaster:
    """Return the forecaster of no change."""
    return Forecaster(0, lambda windows: np.zeros(len(windows.target)))


def day_before(train: Windows, seed: int = 1) -> Forecaster:
    """Return the forecaster of the value at the same time of the day before."""
    return Forecaster(0, lambda windows: windows.day_before)


def autoregression(train: Windows, seed: int = 1) -> Forecaster:
    """Return least squares of the window."""
    return _least_squares(train, lambda windows: windows.seen)


def autoregression_day(train: Windows, seed: int = 1) -> Forecaster:
    """Return least squares of the window and the day before."""
    return _least_squares(train, lambda windows: np.column_stack([windows.seen, windows.day_before]))


def recurrent_network(train: Windows, seed: int = 1) -> Forecaster:
    """Return a gated recurrent unit of three hidden numbers with a linear readout, trained by Adam."""
    torch.manual_seed(int(stream(seed, "forecast", "gru").integers(2**31)))
    unit, readout = torch.nn.GRU(1, HIDDEN, batch_first=True), torch.nn.Linear(HIDDEN, 1)

    def told(seen: Float[Tensor, "window step"]) -> Float[Tensor, " window"]:
        return readout(unit(seen[..., None])[0][:, -1])[:, 0]

    return _trained(told, [*unit.parameters(), *readout.parameters()], train, seed, STEPS)


def variational_circuit(train: Windows, seed: int = 1, start: Mapping[str, ndarray] | None = None) -> Forecaster:
    """Return a circuit that uploads the window in every layer, with a linear readout, trained by Adam.

    Args:
        train: Windows to learn from.
        seed: Of start and batches.
        start: ``parameters`` of another training, which is gone on with for a quarter of the steps; None begins anew.

    Raises:
        ConfigError: If the start is that of another circuit.
    """
    model = CircuitForecaster(train.seen.shape[1])
    fresh = np.asarray(model.initial(seed))
    begin = fresh if start is None else start.get("entries", np.zeros(0))
    if begin.shape != fresh.shape:
        raise ConfigError(f"what the circuit is to start from is another circuit's; give that of {len(fresh)} entries")
    entries = torch.tensor(begin, dtype=torch.float32, requires_grad=True)
    steps = STEPS if start is None else STEPS // 4
    found = _trained(lambda seen: model.logits(entries, seen)[:, 0], [entries], train, seed, steps)
    return replace(found, parameters={"entries": entries.detach().numpy().astype(np.float64)})


FORECASTERS: dict[str, Callable[[Windows, int], Forecaster]] = {
    "last": last_value,
    "day_before": day_before,
    "ar": autoregression,
    "ar_day": autoregression_day,
    "gru": recurrent_network,
    "vqc": variational_circuit,
}
QUANTUM = ("vqc",)


def predict(name: str, train: Windows, asked: Windows, *, seed: int = 1) -> Told:
    """Return the changes that a forecaster tells after learning from other windows.

    Args:
        name: A key of `FORECASTERS`.
        train: Windows to learn from.
        asked: Windows to tell the change of.
        seed: Of starts and batches.

    Raises:
        ConfigError: If there is no such forecaster, or the windows differ in length.

    Example:
        >>> from qfl.backbone.applications.forecast.series import draw_traffic, windows
        >>> seen = windows(draw_traffic(4, seed=1), 8, 1)
        >>> float(np.abs(predict("last", seen, seen)).max())
        0.0
    """
    if name not in FORECASTERS:
        raise ConfigError(f"{name!r} is no forecaster; give one of {', '.join(FORECASTERS)}")
    if train.seen.shape[1] != asked.seen.shape[1]:
        raise ConfigError(f"windows of {train.seen.shape[1]} and {asked.seen.shape[1]} values; give equal ones")
    return FORECASTERS[name](train, seed).tell(asked)


def _least_squares(train: Windows, features: Callable[[Windows], ndarray]) -> Forecaster:
    columns = _with_constant(features(train))
    weights = np.linalg.lstsq(columns, train.target, rcond=None)[0]
    return Forecaster(len(weights), lambda windows: _with_constant(features(windows)) @ weights)


def _with_constant(columns: ndarray) -> ndarray:
    return np.column_stack([columns, np.ones(len(columns))])


def _trained(
    told: Callable[[Tensor], Tensor], parameters: list[Tensor], train: Windows, seed: int, steps: int
) -> Forecaster:
    """Return the forecaster after some steps of Adam on the squared error.

    Args:
        told: From windows to changes.
        parameters: That are trained.
        train: Windows to learn from.
        seed: Of the batches.
        steps: Of Adam.
    """
    seen, target = (torch.tensor(part, dtype=torch.float32) for part in (train.seen, train.target))
    optimiser, draw = torch.optim.Adam(parameters, LEARNING_RATE), stream(seed, "forecast", "batches")
    for _ in range(steps):
        batch = torch.from_numpy(draw.integers(len(target), size=BATCH))
        optimiser.zero_grad()
        torch.mean((told(seen[batch]) - target[batch]) ** 2).backward()
        optimiser.step()
    count = sum(each.numel() for each in parameters)

    def tell(windows: Windows) -> Told:
        with torch.no_grad():
            return told(torch.tensor(windows.seen, dtype=torch.float32)).numpy().astype(np.float64)

    return Forecaster(count, tell)
