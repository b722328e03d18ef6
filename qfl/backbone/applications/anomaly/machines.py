"""Machines that tell strange rows from usual ones: support vectors and nearest neighbours on kernels, and a forest.

Those that learn from labels are support vector machines; those that do not are nearest neighbours and an isolation
forest. A machine with a kernel sees its table only, so that folds share one; the forest sees rows.
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from jaxtyping import Float64, Int64
from numpy import ndarray

from qfl.backbone.applications.anomaly.feature_map import fidelity, projected, states

NEIGHBOURS = 5
WIDTHS = (0.05, 0.1, 0.2, 0.3, 0.5, 1.0)  # bandwidths of a quantum kernel, inverse lengths of a Gaussian one
Rows = Float64[ndarray, "_ feature"]
Labels = Int64[ndarray, " _"]
Scores = Float64[ndarray, " _"]
Table = Float64[ndarray, "_ _"]
Kernel = Callable[[Rows, Rows, float], Float64[ndarray, "first second"]]


@dataclass(frozen=True)
class Machine:
    """A way to score rows.

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

    @property
    def widths(self) -> tuple[float, ...]:
        """The widths that are tried; NaN alone where there is none to choose."""
        return WIDTHS if self.kernel is not None else (float("nan"),)


def kernel_scores(machine: Machine, train: Table, labels: Labels, asked: Table) -> Scores:
    """Return a score for every row asked about, the higher, the stranger.

    Args:
        machine: One with a kernel.
        train: The kernel of the known rows among themselves.
        labels: Of them, 1 for an anomaly.
        asked: The kernel of the rows asked about with the known ones.
    """
    if not machine.labelled:
        usual = np.sort(asked[:, labels == 0], axis=1)
        return -usual[:, -NEIGHBOURS:].mean(1)
    from sklearn.svm import SVC

    return SVC(kernel="precomputed", class_weight="balanced").fit(train, labels).decision_function(asked)


def forest_scores(train: Rows, labels: Labels, asked: Rows, seed: int) -> Scores:
    """Return a score for every row asked about, by an isolation forest of the usual rows.

    Args:
        train: Known rows.
        labels: Of them, 1 for an anomaly.
        asked: Rows as wide.
        seed: Of the forest.
    """
    from sklearn.ensemble import IsolationForest

    return -IsolationForest(random_state=seed).fit(train[labels == 0]).score_samples(asked)


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


MACHINES: dict[str, Machine] = {
    "svm_fidelity": Machine("SVM, fidelity kernel", quantum_fidelity, True, quantum=True),
    "svm_projected": Machine("SVM, projected kernel", quantum_projected, True, quantum=True),
    "svm_rbf": Machine("SVM, Gaussian kernel", gaussian, True),
    "knn_fidelity": Machine("nearest neighbours by fidelity", quantum_fidelity, False, quantum=True),
    "knn": Machine("nearest neighbours by distance", gaussian, False),
    "isolation_forest": Machine("isolation forest", None, False),
}


def area_under_curve(scores: Scores, anomalous: Labels) -> float:
    """Return the area under the receiver operating characteristic: 0.5 is chance."""
    from sklearn.metrics import roc_auc_score

    return float(roc_auc_score(anomalous, scores))
