"""The exact engine beside dense matrices, PennyLane's template, and finite differences.

Also covers qfl/quantum/ansatze.py and qfl/quantum/evolve.py.
"""

import math

import numpy as np
import pytest
import torch

from qfl.errors import InputError
from qfl.quantum import evolve
from qfl.quantum.ansatze import ANSATZE, classifier
from qfl.quantum.circuit import Angle, Circuit, Feature, Gate, z_words
from qfl.quantum.exact import expectations
from qfl.quantum.program import compile_circuit
from qfl.seeds import stream


def real_circuit(num_qubits: int, layers: int = 3) -> Circuit:
    return classifier("amplitude", "real_ring", num_qubits, layers, 2**num_qubits, num_qubits)


def draw(*shape: int) -> torch.Tensor:
    return torch.from_numpy(stream(3, "exact", *shape).normal(size=shape))


def test_one_rotation_has_the_closed_form():
    circuit = Circuit(1, (Gate("RX", (0,), (Feature(0, 2.0),)), Gate("RX", (0,), (Angle(0),))), ((0,),), num_features=1)
    value = expectations(circuit, torch.tensor([0.3], dtype=torch.float64), torch.tensor([[0.2]], dtype=torch.float64))
    assert value.item() == pytest.approx(math.cos(0.4 + 0.3), abs=1e-12)


@pytest.mark.parametrize("ansatz", list(ANSATZE))
@pytest.mark.parametrize("num_qubits", [1, 2, 5, 6, 7])
def test_gradients_equal_finite_differences(ansatz, num_qubits):
    circuit = classifier("angle", ansatz, num_qubits, 2, num_qubits, num_qubits)
    angles, inputs = draw(2, circuit.num_angles).requires_grad_(), draw(2, 3, num_qubits)
    assert torch.autograd.gradcheck(lambda a: expectations(circuit, a, inputs), (angles,), fast_mode=True)


def test_gradients_reach_the_inputs():
    circuit = classifier("reupload", "hardware_efficient", 3, 2, 3, 3)
    angles, inputs = draw(circuit.num_angles), draw(2, 3).requires_grad_()
    assert torch.autograd.gradcheck(lambda x: expectations(circuit, angles, x), (inputs,))


def test_one_client_at_a_time_gives_the_numbers_of_all_clients_at_once():
    circuit = classifier("reupload", "strongly_entangling", 4, 3, 6, 4)
    angles, inputs = draw(5, circuit.num_angles), draw(5, 7, 6)
    together = expectations(circuit, angles, inputs)
    alone = torch.stack([expectations(circuit, a, x) for a, x in zip(angles, inputs, strict=True)])
    torch.testing.assert_close(together, alone, rtol=0, atol=1e-13)


def test_many_samples_take_the_unitary_and_few_do_not_and_both_agree():
    circuit = real_circuit(3)
    angles, inputs = draw(circuit.num_angles).requires_grad_(), draw(20, 8)
    many, few = (
        expectations(circuit, angles, inputs),
        torch.cat([expectations(circuit, angles, x[None]) for x in inputs]),
    )
    torch.testing.assert_close(many, few, rtol=0, atol=1e-13)
    gradients = [torch.autograd.grad(values.square().sum(), angles)[0] for values in (many, few)]
    torch.testing.assert_close(*gradients, rtol=0, atol=1e-12)


def test_chunks_of_any_size_give_the_same_numbers(monkeypatch):
    circuit = real_circuit(6)
    angles, inputs = draw(9, circuit.num_angles).requires_grad_(), draw(9, 4, 64)

    def value_and_gradient():
        values = expectations(circuit, angles, inputs)
        return values.detach(), torch.autograd.grad(values.pow(3).sum(), angles)[0]

    whole = value_and_gradient()
    monkeypatch.setattr(evolve, "CHUNK_BYTES", 1)
    for one, other in zip(whole, value_and_gradient(), strict=True):
        assert torch.equal(one, other)


def test_real_gates_run_in_real_arithmetic_and_others_do_not():
    assert compile_circuit(real_circuit(4)).real
    assert not compile_circuit(classifier("amplitude", "hardware_efficient", 4, 1, 16, 4)).real
    assert not compile_circuit(classifier("reupload", "real_ring", 4, 1, 4, 4)).real


def test_real_and_complex_arithmetic_agree():
    circuit = real_circuit(4)
    twin = Circuit(4, (*circuit.gates, Gate("S", (0,))), circuit.observables, True, 16)  # S before Z changes nothing
    angles, inputs = draw(circuit.num_angles), draw(3, 16)
    assert not compile_circuit(twin).real
    torch.testing.assert_close(
        expectations(circuit, angles, inputs), expectations(twin, angles, inputs), rtol=0, atol=1e-13
    )


def test_deep_circuits_keep_their_digits_when_layers_are_undone():
    """150 layers, undone in single precision, give the gradient of double precision to 1e-5 of its size."""
    circuit = real_circuit(4, layers=150)
    angles, inputs = draw(circuit.num_angles), draw(5, 16)

    def gradient(dtype):
        a = angles.to(dtype).requires_grad_()
        return torch.autograd.grad(expectations(circuit, a, inputs.to(dtype)).pow(2).sum(), a)[0].double()

    single, double = gradient(torch.float32), gradient(torch.float64)
    assert (single - double).norm() < 1e-5 * double.norm()


def test_memory_kept_for_the_backward_pass_does_not_grow_with_depth():
    kept = {}
    for layers in (2, 20):
        circuit, sizes = real_circuit(8, layers), []
        with torch.autograd.graph.saved_tensors_hooks(lambda t, s=sizes: (s.append(t.numel()), t)[1], lambda t: t):
            expectations(circuit, draw(2, circuit.num_angles).requires_grad_(), draw(2, 64, 256))
        kept[layers] = sum(size for size in sizes if size >= 2 * 64 * 256)
    assert kept[2] == kept[20] > 0


@pytest.mark.parametrize(
    ("angles", "inputs", "words"),
    [
        (torch.zeros(2), torch.ones(1, 4), "has 3 angles, but 2"),
        (torch.zeros(3), torch.ones(1, 5), "4 features, but samples have 5"),
        (torch.zeros(3), None, "give inputs"),
        (torch.zeros(3), torch.zeros(1, 4), "all zeros"),
    ],
)
def test_what_does_not_fit_is_refused_with_a_sentence(angles, inputs, words):
    circuit = Circuit(2, tuple(Gate("RY", (k % 2,), (Angle(k),)) for k in range(3)), z_words(2, 2), True, 4)
    with pytest.raises(ValueError, match=words):
        expectations(circuit, angles, inputs)


def test_strongly_entangling_layers_are_pennylanes_angle_for_angle():
    qp = pytest.importorskip("pennylane")
    circuit = classifier("angle", "strongly_entangling", 4, 3, 4, 4)
    weights, sample = stream(1, "sel").normal(size=(3, 4, 3)), stream(1, "x").random(4)

    @qp.qnode(qp.device("default.qubit", wires=4))
    def template():
        qp.AngleEmbedding(math.pi * sample, range(4))
        qp.StronglyEntanglingLayers(weights, range(4))
        return [qp.expval(qp.Z(wire)) for wire in range(4)]

    ours = expectations(circuit, torch.from_numpy(weights.ravel()), torch.from_numpy(sample[None]))[0]
    np.testing.assert_allclose(ours.numpy(), template(), atol=1e-12)


def test_a_second_derivative_is_refused_because_terms_would_be_missing():
    circuit = classifier("amplitude", "real_ring", 2, 2, 4, 2)
    angles = torch.ones(circuit.num_angles, dtype=torch.float64, requires_grad=True)
    value = expectations(circuit, angles, torch.rand(3, 4, dtype=torch.float64)).square().sum()
    with pytest.raises(InputError, match="no second derivatives"):
        torch.autograd.grad(value, angles, create_graph=True)
