"""The compiled peers solve the same problem as the exact engine, in the precision they claim."""

import pytest
import torch

from qfl.quantum.ansatze import classifier
from qfl.quantum.circuit import Angle, Circuit, Gate
from qfl.quantum.observables import PauliSum
from qfl.studies.bench.jax_peers import compiled_peers
from qfl.studies.bench.vqc import exact_step

pytest.importorskip("jax", reason="JAX is not installed: pip install 'qfl[peers]'")
pytest.importorskip("tensorcircuit", reason="TensorCircuit-NG is not installed: pip install 'qfl[peers]'")
CIRCUIT = classifier("angle", "strongly_entangling", 3, 1, 3, 3)


@pytest.fixture(scope="module")
def steps():
    return compiled_peers(CIRCUIT)


@pytest.mark.parametrize(("dtype", "tolerance"), [(torch.float64, 1e-10), (torch.float32, 2e-6)])
@pytest.mark.parametrize("peer", ["pennylane_jax", "tensorcircuit"])
def test_a_peer_gives_the_gradients_of_the_exact_engine(steps, peer, dtype, tolerance):
    generator = torch.Generator().manual_seed(1)
    angles = torch.rand(2, CIRCUIT.num_angles, generator=generator, dtype=dtype) * 6
    inputs = torch.rand(2, 3, CIRCUIT.num_features, generator=generator, dtype=dtype)
    found, expected = steps[peer](angles, inputs), exact_step(CIRCUIT)(angles, inputs)
    assert found.dtype == dtype and found.abs().max() > 1e-3
    torch.testing.assert_close(found, expected, atol=tolerance, rtol=0)


def test_what_they_cannot_run_is_said():
    word = Circuit(1, (Gate("RX", (0,), (Angle(0),)),), (PauliSum(((1.0, "X0"),)),))
    with pytest.raises(NotImplementedError, match="words of Z"):
        compiled_peers(word)["tensorcircuit"]
