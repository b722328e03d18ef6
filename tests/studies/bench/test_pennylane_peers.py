"""The peers solve the same problem as the exact engine, in the precision they claim.

Also covers qfl/studies/bench/vqc.py, whose numbers the tests of the command line read as well.
"""

import pytest
import torch

from qfl.quantum.ansatze import classifier
from qfl.studies.bench.pennylane_peers import _qnode, broadcasting, torch_layer_loop
from qfl.studies.bench.vqc import exact_step


def problem(encoding, dtype, clients=3, samples=4):
    circuit = classifier(encoding, "strongly_entangling", 3, 2, {"angle": 3, "amplitude": 7}[encoding], 3)
    generator = torch.Generator().manual_seed(1)
    angles = torch.rand(clients, circuit.num_angles, generator=generator, dtype=dtype) * 6
    return circuit, angles, torch.rand(clients, samples, circuit.num_features, generator=generator, dtype=dtype)


@pytest.mark.parametrize("encoding", ["angle", "amplitude"])
@pytest.mark.parametrize(("dtype", "tolerance"), [(torch.float64, 1e-10), (torch.float32, 2e-6)])
@pytest.mark.parametrize("peer", [torch_layer_loop, broadcasting])
def test_a_peer_gives_the_gradients_of_the_exact_engine(peer, encoding, dtype, tolerance):
    circuit, angles, inputs = problem(encoding, dtype)
    found, expected = peer(circuit)(angles, inputs), exact_step(circuit)(angles, inputs)
    assert found.dtype == dtype and found.abs().max() > 1e-3
    torch.testing.assert_close(found, expected, atol=tolerance, rtol=0)


@pytest.mark.parametrize("encoding", ["angle", "amplitude"])
@pytest.mark.parametrize("dtype", [torch.float32, torch.float64])
def test_pennylane_computes_in_the_precision_of_the_angles(encoding, dtype, monkeypatch):
    import pennylane as qp

    circuit, angles, inputs = problem(encoding, dtype)
    monkeypatch.setattr("qfl.studies.bench.pennylane_peers.measure_words", lambda _: [qp.density_matrix(0)])
    (state,) = _qnode(circuit)(inputs[0], angles[0])
    assert state.dtype == {torch.float32: torch.complex64, torch.float64: torch.complex128}[dtype]
