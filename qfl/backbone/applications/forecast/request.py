"""A forecast as a request: a classical and a quantum forecaster, verified on the end of the series."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from jaxtyping import Float64
from numpy import ndarray

from qfl.backbone.applications.checkpoints import known_circuit, need_checkpoint
from qfl.backbone.applications.forecast.forecasters import QUANTUM, Forecaster, autoregression_day, variational_circuit
from qfl.backbone.applications.forecast.series import DAY, Windows, windows
from qfl.backbone.applications.posed import take
from qfl.backbone.runtime.pipeline.features import Features, compress, require_count
from qfl.backbone.runtime.templates.folder import Templates
from qfl.errors import ConfigError

MOST_STEPS = 5000
HELD_BACK = 0.2
"""Share of the windows, the last ones, on which forecasts are verified."""
WORDS = {"window": 8, "ahead": 4, "features": 0, "compression": "pca", "checkpoint": ""}


@dataclass(frozen=True, eq=False)
class Forecast:
    """What came of a request.

    Args:
        values: That are told, by forecaster, in the series' own unit.
        error: Root mean square error on what was held back, in the same unit.
        window: Values that are seen.
        ahead: Steps from the last of them to the one that is told.
        features: That windows were compressed to; None for none.
        circuit: Parameters of the trained circuit.
    """

    values: Mapping[str, float]
    error: Mapping[str, float]
    window: int
    ahead: int
    features: Features | None
    circuit: Mapping[str, ndarray]

    @property
    def best(self) -> str:
        """The best forecaster; a quantum one only if it is better than the classical one."""
        return min(self.error, key=lambda name: (self.error[name], name in QUANTUM))


def forecast(request: Mapping[str, Any], *, seed: int = 1, templates: Templates | None = None) -> Forecast:
    """Return what both forecasters tell of a request's series.

    Args:
        request: As `qfl.backbone.applications.learning.predict_next` takes it.
        seed: Of what is trained.
        templates: Of the registry.

    Raises:
        ConfigError: If it is no request.
    """
    series, length, ahead, count, compression, checkpoint = take("predict", request, {"series": list}, WORDS)
    values = _values(series)
    size = float(values.std()) or 1.0
    scaled = (values - values.mean()) / size
    learned, held = _parts(scaled, length, ahead)
    if count:
        require_count("predict: features", count, learned.seen)
    features = compress(learned.seen, compression, count, seed=seed) if count else None
    learned, held, end = (_seen(part, features) for part in (learned, held, _end(scaled, length, ahead)))
    start = known_circuit(need_checkpoint(templates, checkpoint), length, ahead, features) if checkpoint else None
    told: dict[str, Forecaster] = {
        "ar_day": autoregression_day(learned, seed),
        "vqc": variational_circuit(learned, seed, start),
    }
    errors = {name: size * float(np.sqrt(np.mean((f.tell(held) - held.target) ** 2))) for name, f in told.items()}
    then = {name: float(values[-1] + size * f.tell(end)[0]) for name, f in told.items()}
    return Forecast(then, errors, length, ahead, features, told["vqc"].parameters)


def _values(series: list[Any]) -> Float64[ndarray, " step"]:
    if not 0 < len(series) <= MOST_STEPS or not all(type(each) in (int, float) for each in series):
        raise ConfigError(f"predict: series has {len(series)} values; give 1 to {MOST_STEPS:,} numbers")
    values = np.array(series, dtype=np.float64)
    if not np.isfinite(values).all():
        raise ConfigError("predict: series has a value that is not finite; give finite numbers")
    return values


def _parts(scaled: Float64[ndarray, " step"], length: int, ahead: int) -> tuple[Windows, Windows]:
    """Return the windows to learn from, and those that are held back."""
    every = windows(scaled, length, ahead)
    before = len(every.target) - max(1, int(HELD_BACK * len(every.target)))
    if before < length + 2:
        raise ConfigError(f"predict: the series leaves {max(0, before)} windows to learn from; give a longer one")
    return _part(every, slice(before)), _part(every, slice(before, None))


def _seen(part: Windows, features: Features | None) -> Windows:
    """Return windows with what is seen compressed."""
    return part if features is None else replace(part, seen=features.of(part.seen))


def _part(every: Windows, some: slice) -> Windows:
    return Windows(every.seen[some], every.target[some], every.day_before[some])


def _end(series: Float64[ndarray, " step"], length: int, ahead: int) -> Windows:
    """Return the one window that ends with the series; its target is not known."""
    day_before = series[-1 + ahead - DAY] - series[-1]
    return Windows(series[None, -length:], np.zeros(1), np.array([day_before]))
