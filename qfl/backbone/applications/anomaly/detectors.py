"""Detectors of anomalies, each a score for every row: the higher, the stranger.

All see the same rows: standardised by the training rows, their principal components, clipped. Those that learn from
labels are support vector machines; those that do not are nearest neighbours and an isolation forest. The bandwidth of
a quantum kernel and the width of a Gaussian one are chosen alike, by cross-validation on the training rows.
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from jaxtyping import Float64, Int64
from numpy import ndarray

from qfl.backbone.applications.anomaly.feature_map import concentration, fidelity, projected, states, with_shots
from qfl.errors import ConfigError
from qfl.seeds import stream

CLIP = 4.0  # standard deviations
BANDWIDTHS = (0.05, 0.1, 0.2, 0.3, 0.5, 1.0)
FOLDS = 3
NEIGHBOURS = 5
Rows = Float64[ndarray, "_ feature"]
Labels = Int64[ndarray, " _"]
Scores = Float64[ndarray, " _"]
Kernel = Callable[[Rows, Rows, float], Float64[ndarray, "first second"]]


@dataclass(frozen=True)
class DetectorSpec:
    """A detector.

    Args:
        title: Its name for people.
        kernel: Its kernel, or None for the isolation forest.
        labelled: Whether it learns from labels.
        quantum: Whether a quantum computer would run it.
    """

    title: str
    kernel: Kernel | None
    labelled: bool
    quantum: bool = False


def quantum_fidelity(first: Rows, second: Rows, bandwidth: float) -> Float64[ndarray, "first second"]:
    """Return the fidelity kernel of rows.

    Args:
        first: Rows.
        second: Rows.
        bandwidth: Of the feature map.
    """
    return fidelity(states(first, bandwidth), states(second, bandwidth))


def quantum_projected(first: Rows, second: Rows, bandwidth: float) -> Float64[ndarray, "first second"]:
    """Return the projected kernel of rows.

    Args:
        first: Rows.
        second: Rows.
        bandwidth: Of the feature map.
    """
    return projected(states(first, bandwidth), states(second, bandwidth))


def gaussian(first: Rows, second: Rows, width: float) -> Float64[ndarray, "first second"]:
    """Return the radial basis function kernel, exp(-width^2 |x - y|^2), of the same grid of widths.

    Args:
        first: Rows.
        second: Rows.
        width: Inverse length.
    """
    squares = (first**2).sum(1)[:, None] + (second**2).sum(1)[None] - 2 * first @ second.T
    return np.exp(-(width**2) * np.maximum(squares, 0.0))


DETECTORS: dict[str, DetectorSpec] = {
    "svm_fidelity": DetectorSpec("SVM, fidelity kernel", quantum_fidelity, True, quantum=True),
    "svm_projected": DetectorSpec("SVM, projected kernel", quantum_projected, True, quantum=True),
    "svm_rbf": DetectorSpec("SVM, Gaussian kernel", gaussian, True),
    "knn_fidelity": DetectorSpec("nearest neighbours by fidelity", quantum_fidelity, False, quantum=True),
    "knn": DetectorSpec("nearest neighbours by distance", gaussian, False),
    "isolation_forest": DetectorSpec("isolation forest", None, False),
}


@dataclass(frozen=True, eq=False)
class Detected:
    """Scores, and how they came about.

    Args:
        scores: Of the rows that were asked about.
        bandwidth: Chosen; NaN where there is none.
        concentration: Variance of the training kernel off its diagonal; NaN where there is none.
    """

    scores: Scores
    bandwidth: float
    concentration: float


def detect(
    name: str, train: Rows, labels: Labels, rows: Rows, *, qubits: int, shots: int | None = None, seed: int = 1
) -> Detected:
    """Return a score for every row.

    Args:
        name: A key of `DETECTORS`.
        train: Training rows.
        labels: 1 for an anomaly; detectors without labels train on the rows that are none.
        rows: To be scored.
        qubits: Principal components, and so qubits.
        shots: Of every fidelity; None is exact.
        seed: Of folds, shots and the forest.

    Raises:
        ConfigError: If there is no such detector, a row is not finite, or one kind of label is missing.

    Example:
        >>> from qfl.backbone.applications.anomaly.telemetry_rows import draw_telemetry
        >>> train, test = draw_telemetry(60, 0.2, seed=1), draw_telemetry(5, 0.2, seed=2)
        >>> detect("svm_fidelity", train.rows, train.anomalous, test.rows, qubits=4).scores.shape
        (5,)
    """
    spec = _checked(name, train, labels, rows, qubits)
    first, then = _prepared(train, rows, qubits)
    if spec.kernel is None:
        return Detected(_forest(first[labels == 0], then, seed), np.nan, np.nan)
    bandwidth, _ = _best_bandwidth(spec, first, labels, seed)
    known, count = first, len(first)
    kernel = spec.kernel(np.concatenate([known, then]), known, bandwidth)
    if shots is not None and spec.kernel is quantum_fidelity:
        kernel = with_shots(kernel, shots, stream(seed, "anomaly", "shots"))
        kernel[:count] = (kernel[:count] + kernel[:count].T) / 2
        np.fill_diagonal(kernel[:count], 1.0)
    scored = _scores(spec, kernel[:count], labels, kernel[count:])
    return Detected(scored, bandwidth, concentration(kernel[:count]))


def cross_validated(name: str, train: Rows, labels: Labels, *, qubits: int, seed: int = 1) -> float:
    """Return the mean area under the curve of a detector with a kernel, on folds of rows that it has not seen.

    Args:
        name: A key of `DETECTORS`, one with a kernel.
        train: Training rows.
        labels: 1 for an anomaly.
        qubits: Principal components, and so qubits.
        seed: Of the folds.

    Raises:
        ConfigError: As `detect`.
    """
    spec = _checked(name, train, labels, train, qubits)
    first, _ = _prepared(train, train, qubits)
    return _best_bandwidth(spec, first, labels, seed)[1]


def area_under_curve(scores: Scores, anomalous: Labels) -> float:
    """Return the area under the receiver operating characteristic: 0.5 is chance."""
    from sklearn.metrics import roc_auc_score

    return float(roc_auc_score(anomalous, scores))


def _checked(name: str, train: Rows, labels: Labels, rows: Rows, qubits: int) -> DetectorSpec:
    if name not in DETECTORS:
        raise ConfigError(f"{name!r} is no detector; give one of {', '.join(DETECTORS)}")
    if not (np.isfinite(train).all() and np.isfinite(rows).all()):
        raise ConfigError("a row has a feature that is not finite; correct it or leave the row out")
    if min(np.sum(labels == 0), np.sum(labels == 1)) < FOLDS or not np.isin(labels, (0, 1)).all():
        raise ConfigError(f"the labels have fewer than {FOLDS} zeros or ones, or others; give both kinds")
    if not 1 <= qubits <= min(train.shape):
        raise ConfigError(f"qubits is {qubits}; give 1 to {min(train.shape)}, as many as there are components")
    return DETECTORS[name]


def _prepared(train: ndarray, rows: ndarray, qubits: int) -> tuple[Rows, Rows]:
    """Return both standardised and reduced by what the training rows say."""
    from sklearn.decomposition import PCA
    from sklearn.preprocessing import StandardScaler

    scale, reduce = StandardScaler().fit(train), PCA(qubits, random_state=0)
    reduced = reduce.fit_transform(scale.transform(train))
    size = reduced.std(0)
    size[size == 0] = 1.0
    return tuple(np.clip(part / size, -CLIP, CLIP) for part in (reduced, reduce.transform(scale.transform(rows))))  # pyright: ignore[reportReturnType]


def _best_bandwidth(spec: DetectorSpec, rows: Rows, labels: Labels, seed: int) -> tuple[float, float]:
    """Return the bandwidth of the largest mean area under the curve over folds of the training rows, and that area."""
    from sklearn.model_selection import StratifiedKFold

    folds = list(StratifiedKFold(FOLDS, shuffle=True, random_state=seed).split(rows, labels))
    assert spec.kernel is not None
    found: dict[float, float] = {}
    for bandwidth in BANDWIDTHS:
        kernel = spec.kernel(rows, rows, bandwidth)
        parts = [
            area_under_curve(
                _scores(spec, kernel[np.ix_(inside, inside)], labels[inside], kernel[np.ix_(outside, inside)]),
                labels[outside],
            )
            for inside, outside in folds
        ]
        found[bandwidth] = float(np.mean(parts))
    best = max(found, key=lambda bandwidth: found[bandwidth])
    return best, found[best]


def _scores(spec: DetectorSpec, train: ndarray, labels: Labels, asked: ndarray) -> Scores:
    if not spec.labelled:
        normal = np.sort(asked[:, labels == 0], axis=1)
        return -normal[:, -NEIGHBOURS:].mean(1)
    from sklearn.svm import SVC

    machine = SVC(kernel="precomputed", class_weight="balanced").fit(train, labels)
    return machine.decision_function(asked)


def _forest(normal: Rows, rows: Rows, seed: int) -> Scores:
    from sklearn.ensemble import IsolationForest

    return -IsolationForest(random_state=seed).fit(normal).score_samples(rows)
