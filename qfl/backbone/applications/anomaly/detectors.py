"""Detectors of anomalies by their names, each a score for every row: the higher, the stranger.

All see the same rows: standardised by the training rows, their principal components, clipped. The bandwidth of a
quantum kernel and the width of a Gaussian one are chosen alike, by cross-validation on the training rows. It is the
pipeline of `qfl.backbone.runtime.pipeline.rows`, in one call.
"""

from dataclasses import dataclass

from jaxtyping import Float64, Int64
from numpy import ndarray

from qfl.backbone.applications.anomaly.machines import MACHINES, area_under_curve
from qfl.backbone.runtime.pipeline.features import require_count
from qfl.backbone.runtime.pipeline.rows import LabelledRows, reduce_rows, solve_rows
from qfl.errors import ConfigError

Rows = Float64[ndarray, "_ feature"]
Labels = Int64[ndarray, " _"]

DETECTORS = MACHINES

__all__ = ["DETECTORS", "Detected", "area_under_curve", "detect"]


@dataclass(frozen=True, eq=False)
class Detected:
    """Scores, and how they came about.

    Args:
        scores: Of the rows that were asked about.
        bandwidth: Chosen; NaN where there is none.
        concentration: Variance of the training kernel off its diagonal; NaN where there is none.
    """

    scores: Float64[ndarray, " _"]
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
    if name not in DETECTORS:
        raise ConfigError(f"{name!r} is no detector; give one of {', '.join(DETECTORS)}")
    problem = LabelledRows(train, labels, rows)
    require_count("qubits", qubits, train)
    found = solve_rows(reduce_rows(problem, "pca", qubits), name, seed=seed, shots=shots)
    return Detected(found.scores, found.width, found.concentration)
