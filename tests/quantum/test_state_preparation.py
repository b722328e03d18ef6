"""A sample's amplitudes as gates: the state of amplitude encoding, for every sign and length."""

import numpy as np
import pytest
import torch

from qfl.errors import ConfigError, InputError
from qfl.quantum.ansatze import classifier
from qfl.quantum.circuit import Circuit, Gate
from qfl.quantum.exact import expectations
from qfl.quantum.state_preparation import prepared
from qfl.seeds import stream


@pytest.mark.parametrize("features", [2, 3, 5, 8, 13])
@pytest.mark.parametrize("sign", [True, False])
def test_values_are_those_of_the_encoded_sample(features, sign):
    qubits = max(1, (features - 1).bit_length())
    circuit = classifier("amplitude", "strongly_entangling", qubits, 2, features, qubits)
    rng = stream(features, "prepare")
    angles, sample = torch.from_numpy(rng.normal(size=circuit.num_angles)), rng.normal(size=features)
    sample = sample if sign else abs(sample)
    expected = expectations(circuit, angles, torch.from_numpy(sample)[None])
    found = expectations(prepared(circuit, sample), angles, torch.zeros(1, 0, dtype=torch.float64))
    np.testing.assert_allclose(found, expected, atol=1e-9)


@pytest.mark.parametrize("sample", [[0.0, 0.0], [1.0], [1.0, float("nan")]])
def test_what_is_no_state_is_refused(sample):
    with pytest.raises(InputError, match="expected 2 finite numbers, not all zero"):
        prepared(Circuit(1, (), ((0,),), amplitudes=True, num_features=2), sample)


def test_a_circuit_without_amplitudes_is_refused():
    with pytest.raises(ConfigError, match="bind its features instead"):
        prepared(Circuit(1, (Gate("H", (0,)),), ((0,),)), [])
