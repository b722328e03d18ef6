"""The theory study, tiny, and Lie dimensions beside a second closure.

Also covers theory_claims.py, theory_measure.py, theory_page.py, theory_picture.py, theory_readings.py,
theory_settings.py and theory_summary.py.
"""

from pathlib import Path

import numpy as np
import pytest

import qfl
from qfl.errors import ConfigError
from qfl.quantum.circuit import Angle, Feature
from qfl.quantum.expressivity import lie_dimension
from qfl.studies.examples import member, module_of
from qfl.studies.request import begin
from qfl.testing.dense import gate_matrix

FOLDER = Path(qfl.__file__).parent.parent / "examples" / "cell_free"
TINY = ("seeds=2", "layers=[1,2]", "neurons=[2,3]", "draws=4", "trials=20", "depths=[2,4,8]")


def asked(tmp_path, *changes):
    file = FOLDER / "theory.toml"
    return begin("cellfree-theory", FOLDER, file, quick=False, seed=1, changes=(*TINY, *changes), root=tmp_path)


def test_every_statement_has_a_verdict_that_follows_from_the_numbers(tmp_path):
    study, request = member(FOLDER, "theory"), asked(tmp_path)
    found = study.conduct(request)
    numbers, verdicts = found.numbers, {row["where"]: row["verdict"] for row in found.numbers["claims"]}
    assert verdicts["Eq. (21), lower"].startswith("does not hold")
    assert verdicts["Eq. (21), upper"] == "holds in all 48 cases"
    assert verdicts["Lemma 1, edge"] == "holds" and verdicts["Lemma 1, cloud"].startswith("does not hold")
    assert verdicts["Section V, least rate"].startswith("cannot hold")
    assert verdicts["Section IV-D, depth, Eq. (12)"].startswith("holds: one step for each neuron, constant")
    rates = numbers["rates"]
    assert rates["exchangeable_limit"]["min_rate"]["mean"] < rates["algorithm4_mr"]["min_rate"]["mean"]
    assert {name: row["used"] for name, row in numbers["exchanges"].items() if "used" in row} == {
        "operator": 4,
        "time": 0,
        "each": 4,
        "appendix": 8,
    }
    assert all(
        (row["moved"] < 1e-9) == (name not in ("each", "extended")) for name, row in numbers["exchanges"].items()
    )
    assert all((request.folder.path / name).stat().st_size for name in ("theory.png", "claims.csv", "gradients.csv"))
    assert "{" not in found.text and "nan" not in found.text
    assert study.conduct(request).numbers == numbers  # nothing is measured again


@pytest.mark.parametrize("change", ["seeds=101", "layers=[]", "neurons=[9]", "draws=1", "depths=[1]"])
def test_numbers_out_of_range_are_refused_by_name(tmp_path, change):
    with pytest.raises(ConfigError, match=f"{change.split('=')[0]} = "):
        member(FOLDER, "theory").conduct(asked(tmp_path, change))


@pytest.mark.parametrize("reading", ["operator", "time", "each", "appendix"])
@pytest.mark.parametrize("layers", [1, 2])
def test_dimensions_are_those_of_closed_matrices(reading, layers):
    """Independent: the generators as 2^n by 2^n matrices behind what is fixed, closed by commutators of all pairs."""
    circuit = module_of(FOLDER, "theory_readings").circuit_of(reading, 2, layers)
    before, generators = np.eye(2**circuit.num_qubits, dtype=complex), []
    zeros, inputs = np.zeros(circuit.num_angles), np.zeros(circuit.num_features)
    for gate in circuit.gates:
        turn = gate_matrix(circuit, gate, zeros, inputs)
        for parameter in gate.parameters:
            quarter = [values.copy() for values in (zeros, inputs)]
            assert isinstance(parameter, Angle | Feature)
            quarter[isinstance(parameter, Feature)][parameter.index] = np.pi  # exp(-i pi P / 2) = -i P
            generators.append(before.conj().T @ (1j * gate_matrix(circuit, gate, *quarter)) @ before)
        before = turn @ before
    assert lie_dimension(circuit) == closed(generators)


def closed(generators):
    """Return the rank of all nested commutators, by pairs until it no longer grows."""
    found, size = basis([1j * one for one in generators]), 0
    while size < len(found):
        size = len(found)
        found = basis([*found, *(a @ b - b @ a for i, a in enumerate(found) for b in found[:i])])
    return size


def basis(matrices):
    rows = np.array([np.concatenate((m.real.ravel(), m.imag.ravel())) for m in matrices])
    _, values, right = np.linalg.svd(rows, full_matrices=False)
    side = matrices[0].shape[0]
    kept = right[values > 1e-9 * values[0]]
    return [(row[: side**2] + 1j * row[side**2 :]).reshape(side, side) for row in kept]
