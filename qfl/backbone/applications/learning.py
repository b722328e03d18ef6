"""Anomalies and forecasts as requests: a classical and a quantum method, of which the better verified one answers.

What is verified is data that the method did not learn from: folds of the training rows, or the end of the series. The
classical method stays unless the quantum one is better there, and which of the two it was is no part of the answer.
"""

from collections.abc import Mapping
from typing import Any

import numpy as np
from jaxtyping import Float64
from numpy import ndarray

from qfl.backbone.applications.anomaly.detectors import cross_validated, detect
from qfl.backbone.applications.forecast.forecasters import FORECASTERS
from qfl.backbone.applications.forecast.series import Windows, windows
from qfl.backbone.applications.posed import take
from qfl.errors import ConfigError

MOST_ROWS, MOST_FEATURES, MOST_STEPS = 1000, 64, 5000
HELD_BACK = 0.2
"""Share of the windows, the last ones, on which forecasts are verified."""

DETECTING = ("svm_rbf", "svm_fidelity")
FORECASTING = ("ar_day", "vqc")
"""The classical method, and the quantum one."""

Answer = dict[str, Any]


def detect_anomalies(request: Mapping[str, Any], *, seed: int = 1) -> tuple[Answer, Answer]:
    """Return scores of rows, the higher the stranger, the area under the curve in cross-validation, and the decision.

    Args:
        request: ``train``, rows of features; ``labels``, 1 for an anomaly, 0 for none; ``rows`` to be scored;
            ``qubits``, principal components that are kept, 4 if left out.
        seed: Of the folds.

    Raises:
        ConfigError: If the rows are no tables of the same width, too many, or not finite, or one kind of label is
            missing.

    Example:
        >>> rows = [[float(k % 7), k % 3 + 9.0 * (k > 17)] for k in range(24)]
        >>> request = {"train": rows, "labels": [0] * 18 + [1] * 6, "rows": [[3.0, 1.0], [3.0, 10.0]], "qubits": 2}
        >>> answer, decision = detect_anomalies(request)
        >>> answer["scores"][0] < answer["scores"][1]
        True
    """
    train, labels, rows, qubits = take("detect", request, {"train": list, "labels": list, "rows": list}, {"qubits": 4})
    seen, asked = _rows("train", train), _rows("rows", rows)
    if len(labels) != len(seen) or not all(type(each) is int for each in labels) or seen.shape[1] != asked.shape[1]:
        raise ConfigError(
            f"detect: {len(labels)} labels for {len(seen)} rows of {seen.shape[1]} features, and rows of "
            f"{asked.shape[1]}; give a label, 0 or 1, for each row of train, and rows as wide"
        )
    given = np.array(labels, dtype=np.int64)
    quality = {name: cross_validated(name, seen, given, qubits=qubits, seed=seed) for name in DETECTING}
    name = _better(quality, DETECTING)
    found = detect(name, seen, given, asked, qubits=qubits, seed=seed)
    return {"scores": found.scores.tolist(), "area_under_curve": quality[name]}, {"method": name, "quality": quality}


def predict_next(request: Mapping[str, Any], *, seed: int = 1) -> tuple[Answer, Answer]:
    """Return a series' value some steps after its end, with the error on what was held back; and the decision.

    Args:
        request: ``series``, at least three days of 96 steps; ``window``, values that are seen, 8 if left out; and
            ``ahead``, steps from the last, 4 if left out.
        seed: Of what is trained.

    Raises:
        ConfigError: If the series is none, too long, or not finite, or a number is out of range.
    """
    series, length, ahead = take("predict", request, {"series": list}, {"window": 8, "ahead": 4})
    if not 0 < len(series) <= MOST_STEPS or not all(type(each) in (int, float) for each in series):
        raise ConfigError(f"predict: series has {len(series)} values; give 1 to {MOST_STEPS:,} numbers")
    values = np.array(series, dtype=np.float64)
    if not np.isfinite(values).all():
        raise ConfigError("predict: series has a value that is not finite; give finite numbers")
    size = float(values.std()) or 1.0
    scaled = (values - values.mean()) / size
    every = windows(scaled, length, ahead)
    before = len(every.target) - max(1, int(HELD_BACK * len(every.target)))
    learned, held = _part(every, slice(before)), _part(every, slice(before, None))
    if len(learned.target) < length + 2:
        raise ConfigError(f"predict: the series leaves {len(learned.target)} windows to learn from; give a longer one")
    told = {name: FORECASTERS[name](learned, seed) for name in FORECASTING}
    error = {n: float(np.sqrt(np.mean((f.tell(held) - held.target) ** 2))) for n, f in told.items()}
    name = _better({n: -e for n, e in error.items()}, FORECASTING)
    change = told[name].tell(_end(scaled, length, ahead))[0]
    answer = {"value": float(values[-1] + size * change), "error": size * error[name], "ahead": ahead}
    return answer, {"method": name, "quality": {n: -size * e for n, e in error.items()}}


def _better(quality: Mapping[str, float], names: tuple[str, str]) -> str:
    """Return the quantum method if it is better where both were verified, else the classical one."""
    classical, quantum = names
    return quantum if quality[quantum] > quality[classical] else classical


def _part(every: Windows, some: slice) -> Windows:
    return Windows(every.seen[some], every.target[some], every.day_before[some])


def _end(series: Float64[ndarray, " step"], length: int, ahead: int) -> Windows:
    """Return the one window that ends with the series; its target is not known."""
    day_before = series[-1 + ahead - 96] - series[-1]
    return Windows(series[None, -length:], np.zeros(1), np.array([day_before]))


def _rows(what: str, given: list[Any]) -> Float64[ndarray, "row feature"]:
    try:
        found: Any = np.array(given, dtype=np.float64)
    except (TypeError, ValueError):
        found = np.zeros(())
    if found.ndim != 2 or not found.size or not np.isfinite(found).all():
        raise ConfigError(f"detect: {what} is no table of finite numbers; give a list of rows, all of one width")
    if len(found) > MOST_ROWS or found.shape[1] > MOST_FEATURES:
        raise ConfigError(
            f"detect: {what} has {len(found):,} rows of {found.shape[1]} features; give at most {MOST_ROWS:,} of "
            f"{MOST_FEATURES}"
        )
    return found
