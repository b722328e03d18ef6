"""Rows reduced, solved and verified; the kernels themselves are tested with the detectors.

Also covers qfl/backbone/applications/anomaly/machines.py.
"""

import numpy as np
import pytest
from sklearn.model_selection import StratifiedKFold
from sklearn.svm import SVC

from qfl.backbone.applications.anomaly.machines import MACHINES, area_under_curve
from qfl.backbone.runtime.pipeline.rows import FOLDS, LabelledRows, machine_of, reduce_rows, solve_rows, verify_rows
from qfl.errors import ConfigError


@pytest.fixture(scope="module")
def reduced():
    draw = np.random.default_rng(5)
    labels = np.repeat([0, 1], (50, 15))
    rows = draw.normal(size=(65, 5)) + 1.2 * labels[:, None]
    return reduce_rows(LabelledRows(rows, labels, draw.normal(size=(7, 5))), "pca", 3)


def test_a_gaussian_machine_is_scikit_learn_s_own_with_its_kernel(reduced):
    found = solve_rows(reduced, "svm_rbf", seed=2, widths=(0.3,))
    labels = reduced.problem.labels
    machine = SVC(kernel="rbf", gamma=0.09, class_weight="balanced").fit(reduced.train, labels)
    assert np.allclose(found.scores, machine.decision_function(reduced.asked), atol=1e-2)
    parts = []
    for inside, outside in StratifiedKFold(FOLDS, shuffle=True, random_state=2).split(reduced.train, labels):
        fold = SVC(kernel="rbf", gamma=0.09, class_weight="balanced").fit(reduced.train[inside], labels[inside])
        parts.append(area_under_curve(fold.decision_function(reduced.train[outside]), labels[outside]))
    assert verify_rows(reduced, MACHINES["svm_rbf"], 0.3, seed=2) == pytest.approx(np.mean(parts), abs=1e-6)


@pytest.mark.parametrize("name", MACHINES)
def test_the_width_is_the_one_that_is_verified_best(reduced, name):
    found, machine = solve_rows(reduced, name, seed=3), machine_of(name)
    assert found.solver == name and found.scores.shape == (7,)
    if machine.kernel is None:
        assert np.isnan(found.width) and np.isnan(found.concentration)
    else:
        best = max(verify_rows(reduced, machine, width, seed=3) for width in machine.widths)
        assert verify_rows(reduced, machine, found.width, seed=3) == best


@pytest.mark.parametrize("name", ["qaoa", "annealing", "magic", ""])
def test_a_solver_that_takes_no_rows_is_refused(reduced, name):
    with pytest.raises(ConfigError, match="is not a solver of labelled rows; give one of svm_fidelity"):
        solve_rows(reduced, name, seed=1)
