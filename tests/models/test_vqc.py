"""The variational quantum classifier: what is trained, what travels, what comes out."""

import math

import numpy as np
import pytest
import torch

from qfl.config import ModelSettings
from qfl.errors import ConfigError
from qfl.models.vqc import Vqc, vqc_from_qnode
from qfl.quantum.exact import expectations


def test_the_pure_model_is_angles_only():
    model = Vqc(ModelSettings(layers=60), 64, 10)
    assert len(model.layout) == model.layout.num_angles == 360


def test_scale_and_biases_are_counted_beside_the_angles():
    model = Vqc(ModelSettings(layers=60, head="scale-bias"), 64, 10)
    assert (len(model.layout), model.layout.num_angles) == (371, 360)
    assert model.layout.names[-1] == "bias.9" and math.isinf(model.layout.periods[-1])


def test_logits_are_scaled_expectation_values_plus_biases():
    model = Vqc(ModelSettings(layers=2, head="scale-bias", scale=3.0), 16, 4)
    entries = torch.from_numpy(model.initial(1))
    entries[-4:] = torch.arange(4.0)
    inputs = torch.rand(5, 16, dtype=torch.float64, generator=torch.Generator().manual_seed(0))
    values = expectations(model.circuit, entries[: model.circuit.num_angles], inputs)
    torch.testing.assert_close(model.logits(entries, inputs), 3.0 * values + torch.arange(4.0))


def test_initial_angles_depend_on_the_seed_alone_and_fill_the_circle():
    model = Vqc(ModelSettings(layers=60), 64, 10)
    first = model.initial(1)
    np.testing.assert_array_equal(first, model.initial(1))
    assert not np.array_equal(first, model.initial(2))
    assert np.abs(first).max() <= math.pi and np.abs(first).max() > 0.95 * math.pi


@pytest.mark.parametrize(
    ("encoding", "qubits", "features"), [("amplitude", 0, 100), ("angle", 7, 5), ("reupload", 5, 64)]
)
def test_encodings_take_the_qubits_they_need(encoding, qubits, features):
    model = Vqc(ModelSettings(encoding=encoding, qubits=qubits, layers=2), features, 5)
    assert model.circuit.num_qubits == (qubits or 7)
    assert model.logits(torch.from_numpy(model.initial(1)), torch.ones(2, features, dtype=torch.float64)).shape == (
        2,
        5,
    )


def qnode_of_three(inputs, weights):
    import pennylane as qml

    qml.AmplitudeEmbedding(inputs, wires=range(3), normalize=True)
    qml.StronglyEntanglingLayers(weights, wires=range(3))
    return [qml.expval(qml.X(wire) @ qml.Z((wire + 1) % 3)) for wire in range(3)]


def test_a_pennylane_program_is_a_model_with_every_head():
    import pennylane as qml

    rng = np.random.default_rng(3)
    angles, inputs = rng.normal(size=18), rng.uniform(0.1, 1, (2, 8))
    node = qml.QNode(qnode_of_three, qml.device("default.qubit", wires=3))
    expected = np.array([node(sample, angles.reshape(2, 3, 3)) for sample in inputs])
    for head, extra in (("scale", []), ("scale-bias", [math.log(10.0), 0.5, 0.0, -0.5])):
        model = vqc_from_qnode(node, 8, 3, settings=ModelSettings(head=head), weight_shapes={"weights": (2, 3, 3)})
        assert len(model.layout) == len(model.initial(1)) == 18 + len(extra)
        found = model.logits(torch.from_numpy(np.array([*angles, *extra])), torch.from_numpy(inputs))
        np.testing.assert_allclose(found, 10 * expected + np.array(extra[1:] or [0.0]), atol=1e-6)


def test_a_pennylane_program_that_is_no_classifier_is_one_sentence():
    import pennylane as qml

    def silent(inputs, weights):
        qml.RX(weights[0], 0)
        return qml.expval(qml.Z(0))

    def fixed(inputs):
        qml.RX(inputs[0], 0)
        return qml.expval(qml.Z(0))

    for program, labels, says in (
        (qnode_of_three, 4, "measures 3 observables for 4 labels"),
        (silent, 1, "silent does not use its inputs"),
        (fixed, 1, "fixed trains nothing"),
    ):
        shapes = {} if program is fixed else {"weights": (2, 3, 3) if program is qnode_of_three else 1}
        with pytest.raises(ConfigError, match=says):
            vqc_from_qnode(program, 8, labels, weight_shapes=shapes)
