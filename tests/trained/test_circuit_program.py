"""A trained circuit's program gives the exact engine's values in a process that has PennyLane and no qfl."""

import json
import subprocess
import sys

import numpy as np
import pytest
import torch

from qfl.config import ModelSettings
from qfl.data.transform import Preprocessing
from qfl.errors import ConfigError
from qfl.models.mlp import make_mlp
from qfl.models.vqc import Vqc, vqc_from_qnode
from qfl.quantum.exact import expectations
from qfl.quantum.qasm_reading import from_qasm
from qfl.seeds import stream
from qfl.trained.circuit_program import TrainedCircuit, circuit_of_model

RUN = """
import json, runpy, sys
sys.modules["qfl"] = None  # cannot be imported
own = runpy.run_path(sys.argv[1])
samples = json.loads(sys.argv[2])
values = [[float(v) for v in own["circuit"](own["features"](x), own["WEIGHTS"])] for x in samples]
print(json.dumps([values, [own["logits"](x).tolist() for x in samples], [own["predict"](x) for x in samples]]))
"""


def program(inputs, weights):
    import pennylane as qml

    qml.IQPEmbedding(inputs, wires=range(2))
    qml.StronglyEntanglingLayers(weights, wires=range(2))
    return [qml.expval(qml.Z(0)), qml.expval(qml.X(0) @ qml.Y(1))]


def pca(count, size):
    directions = np.linalg.qr(stream(1, "pca").normal(size=(size, size)))[0][:count]
    return Preprocessing(None, stream(2, "mean").normal(size=size), directions)


def own_circuit():
    return vqc_from_qnode(program, 2, 2, weight_shapes={"weights": (1, 2, 3)})


CASES = {
    "amplitude, averaged": (Vqc(ModelSettings(layers=2, ansatz="hardware_efficient"), 4, 3), Preprocessing(side=2), 9),
    "angle, bias, pca": (
        Vqc(ModelSettings(layers=2, encoding="angle", head="scale-bias", ansatz="strongly_entangling"), 3, 3),
        pca(3, 6),
        6,
    ),
    "reupload": (
        Vqc(ModelSettings(layers=2, qubits=3, encoding="reupload", head="trained-scale"), 3, 3),
        Preprocessing(),
        3,
    ),
    "one's own": (own_circuit(), Preprocessing(), 2),
}


def trained(case):
    model, fitted, size = CASES[case]
    entries = model.initial(1) + stream(3, "moved").normal(size=len(model.layout))
    classes = tuple(f'class "{n}"' for n in range(len(model.circuit.observables)))
    return TrainedCircuit(model, entries, classes, fitted, "A test"), stream(4, "samples").normal(size=(3, size))


@pytest.mark.parametrize("case", CASES)
def test_the_program_alone_has_the_values_logits_and_classes_of_the_exact_engine(case, tmp_path):
    own, samples = trained(case)
    path = tmp_path / "program.py"
    path.write_text(own.to_pennylane())
    command = [sys.executable, "-c", RUN, str(path), json.dumps(samples.tolist())]
    done = subprocess.run(command, capture_output=True, text=True, check=True, cwd=tmp_path)
    values, logits, classes = json.loads(done.stdout)
    angles, inputs = torch.from_numpy(own.entries), torch.from_numpy(own.preprocessing.apply(samples))
    exact = expectations(own.model.circuit, angles[: own.model.circuit.num_angles], inputs)
    np.testing.assert_allclose(values, exact, atol=1e-6)
    expected = own.model.logits(angles, inputs)
    np.testing.assert_allclose(logits, expected, atol=1e-5)
    assert classes == [own.classes[label] for label in expected.argmax(-1)]


@pytest.mark.parametrize("case", CASES)
def test_openqasm_of_one_sample_has_its_values(case):
    pytest.importorskip("openqasm3")
    own, samples = trained(case)
    read = from_qasm(own.to_qasm(samples[1]))
    assert read.num_features == read.num_angles == 0
    inputs = torch.from_numpy(own.preprocessing.apply(samples[1:2]))
    exact = expectations(own.model.circuit, torch.from_numpy(own.angles), inputs)
    found = expectations(read, torch.zeros(0, dtype=torch.float64), torch.zeros(1, 0, dtype=torch.float64))
    np.testing.assert_allclose(found, exact, atol=1e-6)


def test_openqasm_declares_features_as_inputs_unless_they_are_the_state():
    own, _ = trained("angle, bias, pca")
    text = own.to_qasm()
    assert text.startswith("// A test\nOPENQASM 3.0;") and "input float x_2;" in text and "theta" not in text
    with pytest.raises(ConfigError, match="write that of one sample with --sample N"):
        trained("amplitude, averaged")[0].to_qasm()


@pytest.mark.parametrize("head", ["scale", "trained-scale", "scale-bias"])
def test_the_head_makes_logits_of_expectation_values(head):
    model = Vqc(ModelSettings(layers=1, head=head, scale=3.0), 4, 2)
    entries = model.initial(1) + 0.3
    inputs = torch.from_numpy(stream(1, "x").normal(size=(2, 4)))
    factor, shift = model.head(entries)
    angles = torch.from_numpy(entries)
    values = expectations(model.circuit, angles[: model.circuit.num_angles], inputs)
    torch.testing.assert_close(model.logits(angles, inputs), factor * values + torch.from_numpy(shift))


def test_a_model_without_a_circuit_is_refused():
    with pytest.raises(ConfigError, match=r"model\.name = 'mlp' has no circuit that could be written"):
        circuit_of_model(make_mlp(4, 2, 3), "mlp")
