"""The metric tensor against PennyLane's on its own templates, finite differences of the fidelity, and closed forms.

Also covers qfl/quantum/generators.py.
"""

from typing import Any

import numpy as np
import pennylane as qp
import pytest
import torch
from pennylane import numpy as pnp

from qfl.quantum.circuit import GATES, WIDE_GATES, Angle, Circuit, Feature, Gate
from qfl.quantum.generators import applied, single_gates, unitary, value
from qfl.quantum.metric_tensor import layers, metric_tensor
from qfl.quantum.pennylane_reading import from_pennylane
from qfl.quantum.sums import Sum, Term
from qfl.seeds import stream
from qfl.testing.dense import gate_matrix

WIRES = 3


def strongly(inputs, weights):
    qp.AngleEmbedding(inputs, wires=range(WIRES))
    qp.StronglyEntanglingLayers(weights, wires=range(WIRES))
    return [qp.expval(qp.Z(0))]


def basic(inputs, weights):
    qp.AngleEmbedding(inputs, wires=range(WIRES), rotation="Y")
    qp.BasicEntanglerLayers(weights, wires=range(WIRES))
    return [qp.expval(qp.Z(0))]


def two_design(inputs, weights):
    qp.AmplitudeEmbedding(inputs, wires=range(WIRES), normalize=True, pad_with=0.0)
    for layer in weights:
        for wire in range(WIRES):
            qp.RY(layer[wire], wires=wire)
        qp.CZ(wires=[0, 1])
        qp.CZ(wires=[1, 2])
    return [qp.expval(qp.Z(0))]


def uploaded(inputs, weights):
    for layer in weights:
        qp.AngleEmbedding(inputs, wires=range(WIRES), rotation="Z")
        for wire in range(WIRES):
            qp.RX(layer[wire], wires=wire)
        qp.IsingXX(layer[3], wires=[0, 1])
        qp.IsingZZ(layer[4], wires=[1, 2])
        qp.RZ(layer[5], wires=2)
    return [qp.expval(qp.Z(0))]


PROGRAMS = {strongly: (2, WIRES, 3), basic: (3, WIRES), two_design: (3, WIRES), uploaded: (2, 6)}


@pytest.mark.parametrize("program", PROGRAMS, ids=lambda each: each.__name__)
@pytest.mark.parametrize("approximation", ["full", "block-diag", "diag"])
def test_it_is_pennylanes_on_its_templates(program, approximation):
    shape, rng = PROGRAMS[program], stream(1, "metric", program.__name__)
    weights, sample = rng.uniform(-3, 3, shape), rng.uniform(0.1, 1, WIRES)
    circuit = from_pennylane(program, {"weights": shape}, WIRES)
    found = metric_tensor(circuit, weights.ravel(), sample[None], approximation=approximation)[0].numpy()
    node = qp.QNode(lambda w: program(sample, w)[0], qp.device("default.qubit"))
    approx = None if approximation == "full" else approximation
    metric: Any = qp.metric_tensor(node, approx=approx)
    theirs = metric(pnp.array(weights, requires_grad=True))
    np.testing.assert_allclose(found, np.reshape(theirs, found.shape), atol=1e-6)


def some_gates():
    """Return a circuit with every gate that has a parameter, angles shared and summed, and some that have none."""
    rng, gates, count = stream(2, "gates"), list[Gate](), 0
    for name in (*GATES, *WIDE_GATES):
        wires, parameters = GATES[name][:2] if name in GATES else (2, WIDE_GATES[name][0])
        if name == "QubitUnitary":
            continue
        places = tuple(int(wire) for wire in rng.permutation(WIRES)[:wires])
        word = "XY" if name == "PauliRot" else ""
        gates.append(Gate(name, places, tuple(Angle(count + k) for k in range(parameters)), word=word))
        count += parameters
    gates += [Gate("RX", (0,), (Angle(0),)), Gate("RY", (1,), (Feature(0, 0.7),))]
    product = Sum((Term(0.5, (1, 2)), Term(2.0, (3,), (1,)), Term(-1.0, (1,))), 0.3)
    return Circuit(WIRES, (*gates, Gate("CRY", (2, 0), (product,))), ((0,),), num_features=2)


def dense_state(circuit, angles, sample):
    psi = np.eye(2**WIRES, dtype=complex)[0]
    for gate in circuit.gates:
        psi = gate_matrix(circuit, gate, angles, sample) @ psi
    return psi


def test_of_every_gate_it_is_the_curvature_of_the_fidelity():
    """With fidelity F(d) = |<psi(t)|psi(t + d)>|^2 = 1 - d' g d + ..., by the dense simulator.

    PhaseShift is judged here alone: of it PennyLane 0.45 says one thing by metric_tensor and another by
    adjoint_metric_tensor.
    """
    circuit, rng = some_gates(), stream(3, "metric")
    angles, sample = rng.uniform(-2, 2, circuit.num_angles), np.array([0.4, -0.3])
    metric = metric_tensor(circuit, angles, sample[None])[0].numpy()
    psi = dense_state(circuit, angles, sample)
    for _ in range(8):
        way = rng.normal(0, 1, circuit.num_angles)

        def lost(step, way=way):
            return 1 - abs(np.vdot(psi, dense_state(circuit, angles + step * way, sample))) ** 2

        curvature = (lost(1e-3) + lost(-1e-3)) / 2e-6
        assert curvature == pytest.approx(way @ metric @ way, rel=1e-4)


def test_gates_one_at_a_time_are_the_dense_ones():
    circuit, rng = some_gates(), stream(4, "metric")
    angles, inputs = torch.tensor(rng.uniform(-2, 2, circuit.num_angles)), torch.tensor(rng.normal(0, 1, (2, 2)))
    single = Circuit(WIRES, tuple(single_gates(circuit)), ((0,),), num_features=2)
    for gate in (gate for gate in single.gates if gate.parameters):
        matrix = unitary(gate, value(gate.parameters[0], angles, inputs), torch.complex128)
        whole = applied(matrix, torch.eye(8, dtype=torch.complex128)[:, None].expand(-1, 2, -1), gate.wires)
        for place in range(2):
            dense = gate_matrix(single, gate, angles.numpy(), inputs[place].numpy())
            np.testing.assert_allclose(whole[:, place].mT.numpy(), dense, atol=1e-12)


def test_blocks_are_those_of_the_full_metric_and_the_rest_is_zero():
    circuit = from_pennylane(strongly, {"weights": (2, WIRES, 3)}, WIRES)
    angles, inputs = stream(5, "metric").uniform(-2, 2, 18), stream(6, "metric").uniform(0, 1, (2, WIRES))
    full, block, diagonal = (
        metric_tensor(circuit, angles, inputs, approximation=kind).numpy() for kind in ("full", "block-diag", "diag")
    )
    inside = np.zeros((18, 18), dtype=bool)
    for own in layers(circuit):
        inside[np.ix_(own, own)] = True
    np.testing.assert_allclose(block, np.where(inside, full, 0), atol=1e-12)
    np.testing.assert_allclose(diagonal, np.where(np.eye(18, dtype=bool), full, 0), atol=1e-12)
    assert sorted(sum(layers(circuit), ())) == list(range(18))


def test_it_is_positive_semidefinite_and_blind_to_what_moves_no_state():
    circuit = Circuit(1, (Gate("RZ", (0,), (Angle(0),)), Gate("RY", (0,), (Angle(1),))), ((0,),))
    metric = metric_tensor(circuit, [0.3, 0.8])[0].double().numpy()
    np.testing.assert_allclose(metric, [[0, 0], [0, 0.25]], atol=1e-7)
    assert (
        np.linalg.eigvalsh(metric_tensor(some_gates(), np.ones(some_gates().num_angles), np.ones((1, 2)))[0]).min()
        > -1e-9
    )
