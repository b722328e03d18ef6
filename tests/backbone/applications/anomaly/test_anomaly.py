"""Quantum kernels against PennyLane, detectors against what can be told.

Also covers feature_map.py, detectors.py and telemetry_rows.py.
"""

import numpy as np
import pennylane as qml
import pytest

from qfl.backbone.applications.anomaly.detectors import DETECTORS, area_under_curve, detect
from qfl.backbone.applications.anomaly.feature_map import (
    bloch,
    concentration,
    fidelity,
    projected,
    states,
    with_shots,
)
from qfl.backbone.applications.anomaly.telemetry_rows import draw_telemetry
from qfl.errors import ConfigError
from qfl.seeds import stream


def by_pennylane(row: np.ndarray, bandwidth: float) -> np.ndarray:
    @qml.qnode(qml.device("default.qubit", wires=len(row)))
    def circuit():
        for _ in range(2):
            for w in range(len(row)):
                qml.Hadamard(w)
            for w, x in enumerate(row):
                qml.RZ(2 * bandwidth * x, w)
            for w in range(len(row) - 1):
                qml.IsingZZ(2 * bandwidth**2 * row[w] * row[w + 1], (w, w + 1))
        for w in range(len(row)):
            qml.Hadamard(w)
        return qml.state()

    return circuit()


@pytest.mark.parametrize("qubits", [1, 2, 5])
def test_states_are_those_of_the_circuit(qubits):
    rows = stream(qubits, "test").normal(size=(3, qubits))
    for row, state in zip(rows, states(rows, 0.7), strict=True):
        assert np.allclose(state, by_pennylane(row, 0.7), atol=1e-12)


def test_bloch_vectors_are_expectations_and_kernels_follow():
    rows = stream(1, "test").normal(size=(4, 3))
    found = states(rows, 0.9)

    @qml.qnode(qml.device("default.qubit", wires=3))
    def measured(state):
        qml.StatePrep(state, wires=range(3))
        return [qml.expval(word(w)) for w in range(3) for word in (qml.X, qml.Y, qml.Z)]

    assert np.allclose(bloch(found), [measured(state) for state in found], atol=1e-12)
    kernel = fidelity(found, found)
    assert np.allclose(np.diag(kernel), 1) and np.allclose(kernel, kernel.T)
    reduced = [[qml.math.reduce_statevector(state, [w]) for w in range(3)] for state in found]
    gap = sum(np.abs(a - b) ** 2 for a, b in zip(reduced[0], reduced[1], strict=True)).sum()
    assert projected(found, found)[0, 1] == pytest.approx(np.exp(-gap))


def test_overlaps_concentrate_with_the_qubits():
    spread = [
        concentration(fidelity(s, s)) for n in (2, 6, 10) for s in [states(stream(n, "t").normal(size=(60, n)), 1.0)]
    ]
    assert spread[0] > 5 * spread[1] > 25 * spread[2]


def test_shots_are_binomial():
    drawn = with_shots(np.full((200, 200), 0.3), 50, stream(1, "test"))
    assert drawn.mean() == pytest.approx(0.3, abs=5e-3) and drawn.var() == pytest.approx(0.3 * 0.7 / 50, rel=0.05)


@pytest.mark.parametrize("name", DETECTORS)
def test_every_detector_finds_what_is_plain_and_comes_again(name):
    draw = stream(3, "test")
    train, asked = draw.normal(size=(60, 4)), draw.normal(size=(40, 4))
    labels, truth = np.repeat([0, 1], (50, 10)), np.repeat([0, 1], (30, 10))
    train[50:] += 6.0
    asked[30:] += 6.0
    found = detect(name, train, labels, asked, qubits=3, shots=500)
    assert area_under_curve(found.scores, truth) > 0.8
    assert np.array_equal(found.scores, detect(name, train, labels, asked, qubits=3, shots=500).scores)


def test_telemetry_has_its_share_of_anomalies_and_each_is_drawn_again():
    first, again = draw_telemetry(400, 0.1, seed=2), draw_telemetry(400, 0.1, seed=2)
    assert np.array_equal(first.rows, again.rows) and first.anomalous.sum() == 40
    assert not np.array_equal(first.rows, draw_telemetry(400, 0.1, seed=3).rows)


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"name": "magic"}, "is no detector"),
        ({"train": np.full((60, 4), np.nan)}, "not finite"),
        ({"labels": np.zeros(60, dtype=np.int64)}, "give both kinds"),
        ({"qubits": 9}, "qubits is 9; give 1 to 4"),
    ],
)
def test_what_cannot_be_detected_is_refused(change, said):
    given = {
        "name": "knn",
        "train": np.eye(60, 4),
        "labels": np.repeat([0, 1], (50, 10)),
        "rows": np.eye(2, 4),
        "qubits": 2,
        **change,
    }
    with pytest.raises(ConfigError, match=said):
        detect(given["name"], given["train"], given["labels"], given["rows"], qubits=given["qubits"])
