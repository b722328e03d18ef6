"""The example's three models are what they say. Also covers examples/own_circuit/circuits.py."""

import tomllib
from pathlib import Path

import pennylane as qp
import pytest
import torch

import qfl
from qfl.config.runfile import read_run_file
from qfl.quantum.own_gates import circuit_of

ROOT = Path(qfl.__file__).parent.parent
FOLDER = ROOT / "examples/own_circuit"


def test_at_most_sixty_lines_of_python():
    assert sum(len(path.read_text().splitlines()) for path in FOLDER.glob("*.py")) <= 60


def test_the_ansatz_reaches_one_qubit_further_in_every_layer(monkeypatch):
    monkeypatch.syspath_prepend(str(ROOT))
    place = "examples/own_circuit/circuits.py:growing_rings"
    circuit = circuit_of("amplitude", place, 4, 3, 16, 4, {"entangler": "CZ"})
    rings = [gate.wires for gate in circuit.gates if gate.name == "CZ"]
    assert rings == [(wire, (wire + reach) % 4) for reach in (1, 2, 3) for wire in range(4)]
    assert circuit.num_angles == 12


@pytest.mark.parametrize(
    "name, quantum, others", [("own_circuit", 120, 11), ("pennylane", 108, 11), ("hybrid", 24, 310)]
)
def test_every_run_file_makes_the_model_that_it_says(name, quantum, others, monkeypatch):
    monkeypatch.syspath_prepend(str(ROOT))
    found = qfl.build(read_run_file(FOLDER / f"{name}.toml")).model
    assert (found.layout.num_angles, len(found.layout) - found.layout.num_angles) == (quantum, others)
    assert tomllib.loads((FOLDER / f"{name}.toml").read_text())["rounds"] == 30


def test_the_qnode_gives_pennylanes_numbers(monkeypatch):
    monkeypatch.syspath_prepend(str(ROOT))
    settings = read_run_file(FOLDER / "pennylane.toml")
    from qfl.extend import load_own

    node = load_own(settings.model.name, "model.name")
    federation = qfl.build(settings)
    angles = torch.from_numpy(federation.model.initial(3))
    sample = federation.test_batch.inputs[0].double()
    circuit = getattr(federation.model, "circuit")  # noqa: B009
    given = qfl.expectations(circuit, angles[:108], sample[None])[0]
    expected = torch.stack(node(sample, angles[:108].reshape(6, 6, 3)))
    assert torch.allclose(given, expected, atol=1e-9) and isinstance(node, qp.QNode)
