"""PennyLane's templates and random tapes become circuits of the same values and gradients, and circuits QNodes.

Also covers qfl/quantum/pennylane_reading.py, qfl/quantum/pennylane_writing.py, qfl/quantum/traces.py and
qfl/quantum/pennylane_words.py.
"""

import numpy as np
import pennylane as qml
import pytest
import torch

from qfl.quantum.circuit import Angle, Feature
from qfl.quantum.exact import expectations
from qfl.quantum.pennylane_reading import from_pennylane
from qfl.quantum.pennylane_writing import pennylane_source, to_pennylane
from qfl.quantum.sums import Sum
from qfl.testing.circuits import random_circuit, random_unitary

# PennyLane's own matrix of IsingXY calls numpy on tensors
pytestmark = pytest.mark.filterwarnings("ignore:__array_wrap__ must accept:DeprecationWarning")
N = 4
STATE = np.array([0.5, 0.1, 0.3j, -0.2, 0.0, 0.7, 0.1, -0.3], dtype=complex)
STATE = STATE / np.linalg.norm(STATE)
PROJECTOR = qml.Hermitian(np.diag([1.0, 0.0, 0.5, 0.0]) + 0.2 * np.eye(4)[::-1], wires=[0, 2])


def words():
    return [qml.expval(qml.Z(0)), qml.expval(qml.X(1) @ qml.Y(2)), qml.expval(0.5 * qml.Z(0) @ qml.Z(3) - qml.X(2))]


def layered(embed, trained):
    """A quantum function of an embedding and a trained template."""

    def program(inputs, weights):
        embed(inputs)
        trained(weights)
        return words()

    return program


def two_local(weights):
    for layer in weights:
        for wire in range(N):
            qml.RY(layer[0, wire], wires=wire)
            qml.RZ(layer[1, wire], wires=wire)
        for wire in range(N):
            qml.CZ(wires=[wire, (wire + 1) % N])


def controlled(weights):
    qml.CRot(*weights[:3], wires=[0, 1])
    qml.ctrl(qml.RY(2 * weights[3], wires=3), control=[1, 2])
    qml.adjoint(qml.U3(*weights[4:7], wires=2))
    qml.SingleExcitation(weights[7], wires=[0, 2])
    qml.ISWAP(wires=[1, 3])
    qml.PSWAP(weights[8], wires=[2, 3])
    qml.MultiControlledX(wires=[0, 1, 2, 3])


def sums(weights):
    qml.RX(weights[0] + 0.5 * weights[1] - 0.3, wires=0)
    qml.IsingXY(weights[1], wires=[0, 1])
    qml.Rot(weights[2], -weights[0], np.pi / 3, wires=2)
    qml.PauliRot(weights[2] / 3, "XYZ", wires=[3, 0, 1])
    qml.MultiRZ(-weights[0], wires=[0, 2, 3])
    qml.QubitUnitary(random_unitary(np.random.default_rng(4), 2), wires=[3, 1])


def angle(rotation):
    return lambda inputs: qml.AngleEmbedding(inputs, wires=range(N), rotation=rotation)


def mottonen(inputs):
    qml.MottonenStatePreparation(STATE, wires=range(3))
    qml.RX(inputs.sum(), wires=3)


def state_prep(inputs):
    qml.StatePrep(STATE, wires=[2, 0, 1])
    qml.RY(inputs[0] * inputs[1], wires=3)


def amplitudes(inputs):
    qml.AmplitudeEmbedding(inputs, wires=range(N), pad_with=0.0, normalize=True)


def basis(inputs):
    qml.BasisEmbedding([1, 0, 1, 1], wires=range(N))
    qml.RX(np.pi * inputs[3] - inputs[2], wires=0)


def iqp(inputs):
    qml.IQPEmbedding(inputs, wires=range(N), n_repeats=2)


def qft(inputs):
    angle("Y")(inputs)
    qml.QFT(wires=range(N))


def grover(inputs):
    angle("X")(inputs)
    qml.GroverOperator(wires=range(N))


EMBEDDINGS = {
    "X": angle("X"),
    "Y": angle("Y"),
    "Z": lambda inputs: ([qml.Hadamard(wire) for wire in range(N)], angle("Z")(inputs)),
    "amplitude": amplitudes,
    "basis": basis,
    "iqp": iqp,
    "mottonen": mottonen,
    "state": state_prep,
    "qft": qft,
    "grover": grover,
}
TRAINED = {
    "strongly": (lambda w: qml.StronglyEntanglingLayers(w, wires=range(N)), (2, N, 3)),
    "basic": (lambda w: qml.BasicEntanglerLayers(w, wires=range(N), rotation=qml.RY), (2, N)),
    "simplified": (lambda w: qml.SimplifiedTwoDesign(w[:N], w[N:].reshape(1, N - 1, 2), range(N)), (N + 2 * (N - 1),)),
    "random": (lambda w: qml.RandomLayers(w, wires=range(N), seed=5), (2, 5)),
    "two_local": (two_local, (2, 2, N)),
    "controlled": (controlled, (9,)),
    "sums": (sums, (3,)),
    "uccsd_like": (lambda w: qml.FermionicSingleExcitation(w[0], wires=[0, 1, 2]), (1,)),
}
CASES = [(e, "strongly") for e in EMBEDDINGS] + [("X", t) for t in TRAINED] + [("iqp", t) for t in TRAINED]


def compare(circuit, program, shape, num_features, seed=0):
    """Values and gradients for angles and a sample are PennyLane's."""
    rng = np.random.default_rng(seed)
    leaves = [torch.from_numpy(rng.uniform(-3, 3, shape)), torch.from_numpy(rng.uniform(0.1, 1, num_features))]
    weight = torch.linspace(0.5, 2, len(circuit.observables), dtype=torch.float64)

    def both(run):
        own = [leaf.clone().requires_grad_() for leaf in leaves]
        values = run(*own)
        grads = torch.autograd.grad((values * weight).sum() + 0 * sum(leaf.sum() for leaf in own), own)
        return values.detach(), *grads

    node = qml.QNode(program, qml.device("default.qubit", wires=circuit.num_qubits), interface="torch")
    found = both(lambda w, x: expectations(circuit, w.reshape(-1), x[None])[0])
    expected = both(lambda w, x: torch.stack([v.double() for v in node(x, w)]))
    torch.testing.assert_close(found, expected, atol=1e-6, rtol=0)


@pytest.mark.parametrize(("embedding", "trained"), CASES)
def test_templates_are_pennylanes(embedding, trained):
    layer, shape = TRAINED[trained]
    num_features = 13 if embedding == "amplitude" else N
    program = layered(EMBEDDINGS[embedding], layer)
    circuit = from_pennylane(program, {"weights": shape}, num_features)
    assert circuit.num_angles == np.prod(shape)
    compare(circuit, program, shape, num_features)


def test_qaoa_embedding_and_reuploading_with_trained_weights():
    def program(inputs, weights):
        qml.QAOAEmbedding(inputs, weights[:, : 2 * N], wires=range(N))
        for wire in range(N):
            qml.RY(weights[0, wire] * inputs[wire] + weights[1, wire], wires=wire)
        return words()

    circuit = from_pennylane(program, {"weights": (2, 2 * N)}, N)
    compare(circuit, program, (2, 2 * N), N)
    assert np.isinf(circuit.layout().periods[0])  # a weight of a feature is no angle


def random_tape(seed):
    rng = np.random.default_rng(seed)
    names = [
        "RX",
        "RY",
        "RZ",
        "PhaseShift",
        "CRX",
        "CRY",
        "CRZ",
        "IsingXX",
        "IsingXY",
        "CPhase",
        "U1",
        "DoubleExcitation",
    ]
    fixed = ["Hadamard", "S", "T", "SX", "CNOT", "CY", "CZ", "CH", "SWAP", "ISWAP", "ECR", "Toffoli", "CSWAP", "CCZ"]
    gates = []
    for _ in range(25):
        kind = getattr(qml, str(rng.choice(names if rng.random() < 0.6 else fixed)))
        wires = [int(w) for w in rng.permutation(N)[: kind.num_wires]]
        gate = kind(*rng.uniform(-3, 3, kind.num_params), wires=wires)
        gates.append(qml.adjoint(gate, lazy=True) if rng.random() < 0.2 else gate)
    tape = qml.tape.QuantumScript(gates, words())
    tape.trainable_params = list(range(sum(gate.num_params for gate in gates)))
    return tape


@pytest.mark.parametrize("seed", range(25))
def test_random_tapes_are_pennylanes(seed):
    tape = random_tape(seed)
    circuit = from_pennylane(tape)
    device = qml.device("default.qubit", wires=N)

    def run(params):
        bound = tape.bind_new_parameters(params, tape.trainable_params)
        (values,) = qml.execute([bound], device, diff_method="backprop", interface="torch")
        return torch.stack([value.double() for value in values])

    start = torch.tensor([float(value) for value in tape.get_parameters()], dtype=torch.float64)
    one, other = start.clone().requires_grad_(), start.clone().requires_grad_()
    expected, found = run(list(one.unbind())), expectations(circuit, other)[0]
    torch.testing.assert_close(found, expected, atol=1e-6, rtol=0)
    weight = torch.tensor([1.0, -0.7, 0.4], dtype=torch.float64)
    grads = [torch.autograd.grad((v * weight).sum(), leaf)[0] for v, leaf in ((expected, one), (found, other))]
    torch.testing.assert_close(*grads, atol=1e-6, rtol=0)


@pytest.mark.parametrize("seed", range(8))
def test_a_circuit_is_a_qnode_and_back_and_its_source_runs(seed):
    rng = np.random.default_rng(seed)
    circuit = random_circuit(rng, 3, 15, amplitudes=bool(seed % 2), wide=True)
    angles, sample = rng.uniform(-2, 2, circuit.num_angles), rng.uniform(0.1, 1, circuit.num_features)
    expected = expectations(circuit, angles, sample[None])[0].numpy()
    node = to_pennylane(circuit)
    np.testing.assert_allclose(node(sample, angles), expected, atol=1e-9)
    back = from_pennylane(node, {"weights": (circuit.num_angles,)}, circuit.num_features)
    np.testing.assert_allclose(expectations(back, angles, sample[None])[0], expected, atol=1e-9)
    found: dict = {}
    exec(pennylane_source(circuit), found)
    np.testing.assert_allclose(found["circuit"](sample, angles), expected, atol=1e-9)


def test_probabilities_and_matrices_are_sums_of_words():
    def program(inputs, weights):
        qml.RX(inputs[0], wires=0)
        qml.CRY(weights[0], wires=[0, 2])
        qml.Hadamard(1)
        return qml.expval(PROJECTOR), qml.probs(wires=[2, 0])

    circuit = from_pennylane(program, {"weights": 1}, 1)
    value, chances = qml.QNode(program, qml.device("default.qubit", wires=3))(np.array([0.7]), np.array([1.9]))
    found = expectations(circuit, np.array([1.9]), np.array([[0.7]]))[0].numpy()
    np.testing.assert_allclose(found, [value, *chances], atol=1e-12)


def test_parameters_are_what_they_are_in_the_function():
    def program(inputs, weights):
        qml.RX(weights[1], wires="a")
        qml.RY(2 * inputs[0], wires="b")
        qml.RZ(1 - weights[0], wires="a")
        return qml.expval(qml.X("a"))

    circuit = from_pennylane(qml.QNode(program, qml.device("default.qubit", wires=["b", "a"])), {"weights": 2}, 1)
    assert [gate.parameters[0] for gate in circuit.gates[:2]] == [Angle(1), Feature(0, 2.0)]
    assert isinstance(circuit.gates[2].parameters[0], Sum)
    assert [gate.wires for gate in circuit.gates] == [(1,), (0,), (1,)]
    assert circuit.names == ("weights.0", "weights.1")
