"""Anomalies and forecasts as requests: classical and quantum methods, of which the better verified one answers.

What is verified is data that the method did not learn from: folds of the training rows, or the end of the series. The
classical method stays unless a quantum one is better there, and which it was is no part of the answer. What a request
has taught may be kept as a checkpoint, which later requests start from.
"""

from collections.abc import Mapping
from math import isfinite
from typing import Any

from qfl.backbone.applications.anomaly.request import Detection, detection
from qfl.backbone.applications.checkpoints import circuit_checkpoint, widths_checkpoint
from qfl.backbone.applications.forecast.request import forecast
from qfl.backbone.runtime.templates.entry import Template
from qfl.backbone.runtime.templates.folder import Templates
from qfl.errors import ConfigError

Answer = dict[str, Any]


def detect_anomalies(
    request: Mapping[str, Any], *, seed: int = 1, templates: Templates | None = None
) -> tuple[Answer, Answer]:
    """Return scores of rows, the higher the stranger, the area under the curve in cross-validation, and the decision.

    Args:
        request: ``train``, rows of features; ``labels``, 1 for an anomaly, 0 for none; ``rows`` to be scored;
            ``qubits``, features that are left, 4 if left out; ``compression``, how, ``pca`` or ``bottleneck``;
            ``solvers``, that are asked, one of them classical; ``checkpoint``, whose kernels are used as they are.
        seed: Of the folds.
        templates: Of the registry.

    Raises:
        ConfigError: If the rows are no tables of the same width, too many, or not finite, one kind of label is
            missing, or a word names what is not there.

    Example:
        >>> rows = [[float(k % 7), k % 3 + 9.0 * (k > 17)] for k in range(24)]
        >>> request = {"train": rows, "labels": [0] * 18 + [1] * 6, "rows": [[3.0, 1.0], [3.0, 10.0]], "qubits": 2}
        >>> answer, decision = detect_anomalies(request)
        >>> answer["scores"][0] < answer["scores"][1]
        True
    """
    found = detection(request, seed=seed, templates=templates)
    name = found.best
    answer = {"scores": found.solved[name].scores.tolist(), "area_under_curve": found.quality[name]}
    answer["given_up"] = [each.row for each in found.reduced.given_up]
    return answer, {"method": name, "quality": found.quality, "widths": _widths(found)}


def predict_next(
    request: Mapping[str, Any], *, seed: int = 1, templates: Templates | None = None
) -> tuple[Answer, Answer]:
    """Return a series' value some steps after its end, with the error on what was held back; and the decision.

    Args:
        request: ``series``, at least three days of 96 steps; ``window``, values that are seen, 8 if left out;
            ``ahead``, steps from the last, 4 if left out; ``features``, that the window is compressed to, 0 for none;
            ``compression``, how, ``pca`` or ``bottleneck``; ``checkpoint``, that the circuit starts from.
        seed: Of what is trained.
        templates: Of the registry.

    Raises:
        ConfigError: If the series is none, too long, or not finite, a number is out of range, or a word names what is
            not there.
    """
    found = forecast(request, seed=seed, templates=templates)
    name = found.best
    answer = {"value": found.values[name], "error": found.error[name], "ahead": found.ahead}
    if found.features is not None:
        answer["given_up"] = [found.features.given_up.row]
    return answer, {"method": name, "quality": {n: -error for n, error in found.error.items()}}


def checkpoint_of(name: str, request: Mapping[str, Any], *, seed: int = 1) -> tuple[Template, dict[str, float]]:
    """Return what a request has taught as an entry of the registry, and the quality of every method.

    Args:
        name: Of the entry.
        request: As ``/detect`` or ``/predict`` takes it.
        seed: Of what is drawn.

    Raises:
        ConfigError: If it is neither, or none that can be learned from.
    """
    if "train" in request:
        rows = detection(request, seed=seed)
        return widths_checkpoint(name, _widths(rows), rows.reduced), rows.quality
    if "series" in request:
        series = forecast(request, seed=seed)
        entry = circuit_checkpoint(name, series.circuit, series.window, series.ahead, series.features)
        return entry, {n: -error for n, error in series.error.items()}
    raise ConfigError("the request has neither train nor series; give one as /detect or /predict takes it")


def _widths(found: Detection) -> dict[str, float | None]:
    return {name: each.width if isfinite(each.width) else None for name, each in found.solved.items()}
