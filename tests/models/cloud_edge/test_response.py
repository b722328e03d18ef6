"""What stands between features and outputs: each kind against its formula, and as many numbers as it says."""

import numpy as np
import pytest
import torch

from qfl.models.cloud_edge.plus import pair_circuit
from qfl.models.cloud_edge.response import KINDS, respond
from qfl.testing.dense import dense_expectations

CIRCUIT, FEATURES = pair_circuit(2, 2, 3), 5
X = torch.linspace(-1, 1, 2 * 3 * FEATURES, dtype=torch.float64).view(2, 3, FEATURES)


def entries(response, seed=1):
    return torch.from_numpy(np.stack([response.initial(seed + client, "test") for client in range(2)]))


def circuit(vector, x):
    angles, weights = vector[: CIRCUIT.num_angles], vector[CIRCUIT.num_angles :].reshape(-1, FEATURES)
    return dense_expectations(CIRCUIT, angles, x @ weights.T)


def identity(vector, x):
    outputs = len(CIRCUIT.observables)
    return x @ vector[: outputs * FEATURES].reshape(outputs, FEATURES).T + vector[outputs * FEATURES :]


def classical(vector, x):
    outputs = len(CIRCUIT.observables)
    hidden = (len(vector) - outputs) // (FEATURES + 1 + outputs)
    first, shift, last, bias = np.split(vector, np.cumsum([hidden * FEATURES, hidden, outputs * hidden]))
    return np.tanh(x @ first.reshape(hidden, FEATURES).T + shift) @ last.reshape(outputs, hidden).T + bias


@pytest.mark.parametrize("kind", KINDS)
def test_outputs_are_those_of_the_formula_for_each_client(kind):
    response = respond(kind, CIRCUIT, FEATURES)
    given = entries(response) + 0.1
    outputs = response.outputs(given, X)
    assert given.shape[-1] == len(response.layout)
    for client in range(2):
        expected = {"circuit": circuit, "identity": identity, "classical": classical}[kind]
        np.testing.assert_allclose(outputs[client], expected(given[client].numpy(), X[client].numpy()), atol=1e-12)


def test_the_classical_layer_is_about_as_large_as_the_circuit():
    sizes = {kind: len(respond(kind, CIRCUIT, FEATURES).layout) for kind in KINDS}
    assert abs(sizes["classical"] - sizes["circuit"]) <= (FEATURES + 1 + len(CIRCUIT.observables)) / 2


def test_an_unknown_kind_is_refused():
    with pytest.raises(ValueError, match="'tree' is no response; known are circuit, identity, classical"):
        respond("tree", CIRCUIT, FEATURES)
