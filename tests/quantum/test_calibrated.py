"""Calibrated noise in time, against PennyLane's channels placed by hand, and what is refused.

Also covers qfl/quantum/calibration.py.
"""

import numpy as np
import pennylane as qml
import pytest
import torch

from qfl.errors import ConfigError
from qfl.quantum.calibrated import CalibratedNoise
from qfl.quantum.calibration import Calibration, GateCost, Qubit
from qfl.quantum.channels import residual
from qfl.quantum.circuit import Angle, Circuit, Feature, Gate
from qfl.quantum.devices import expectations, on_device
from qfl.quantum.observables import PauliSum

PULSE, PAIR = GateCost(40e-9, 4e-4), GateCost(300e-9, 9e-3)
QUBITS = (Qubit(50e-6, 30e-6, 0.02, 0.05), Qubit(80e-6, 120e-6, 0.01, 0.03))
OWN = Calibration("two.toml", QUBITS, (("sx", (), PULSE), ("cx", (0, 1), PAIR)))
GATES = (
    Gate("RX", (0,), (Feature(0),)),
    Gate("RZ", (0,), (Angle(0),)),
    Gate("CNOT", (1, 0)),
    Gate("RY", (1,), (Angle(1),)),
    Gate("RY", (1,), (0.3,)),
)
CIRCUIT = Circuit(2, GATES, ((0,), (1,), (0, 1)), num_features=1)
ANGLES, INPUTS = torch.tensor([0.4, -0.9], dtype=torch.float64), torch.tensor([[0.7], [1.9]], dtype=torch.float64)


def by_hand(x):
    """The same with PennyLane's channels, waiting times worked out on paper: RX of two pulses takes 80 ns."""

    def wait(wire, time):
        qml.ThermalRelaxationError(0.0, QUBITS[wire].t1_s, QUBITS[wire].t2_s, time, wires=wire)

    def turn(gate, value, wire):
        gate(value, wires=wire)
        wait(wire, 80e-9)
        error = 1 - (1 - PULSE.error) ** 2
        qml.DepolarizingChannel(0.75 * residual(error, 80e-9, OWN.times_s((wire,))), wires=wire)

    @qml.qnode(qml.device("default.mixed", wires=2))
    def program():
        turn(qml.RX, x, 0)
        qml.RZ(0.4, wires=0)
        wait(1, 80e-9)  # for wire 0
        qml.CNOT(wires=[1, 0])
        wait(0, 300e-9)
        wait(1, 300e-9)
        p = residual(PAIR.error, 300e-9, OWN.times_s((0, 1)))
        paulis = [np.eye(2), qml.matrix(qml.X(0)), qml.matrix(qml.Y(0)), qml.matrix(qml.Z(0))]
        kraus = [np.sqrt(p / 16) * np.kron(a, b) for a in paulis for b in paulis]
        kraus[0] = np.sqrt(1 - p + p / 16) * np.eye(4)
        qml.QubitChannel(kraus, wires=[1, 0])
        turn(qml.RY, -0.9, 1)
        turn(qml.RY, 0.3, 1)
        wait(0, 160e-9)  # for wire 1
        return qml.probs(wires=[0, 1])

    flips = [np.array([[1 - q.read_1_of_0, q.read_0_of_1], [q.read_1_of_0, 1 - q.read_0_of_1]]) for q in QUBITS]
    read = np.kron(*flips) @ program()
    return [read @ signs for signs in ([1, 1, -1, -1], [1, -1, 1, -1], [1, -1, -1, 1])]


def test_values_are_those_of_channels_placed_by_hand():
    found = expectations(CIRCUIT, ANGLES, INPUTS, noise=CalibratedNoise(OWN))
    np.testing.assert_allclose(found, [by_hand(float(x)) for x in INPUTS], atol=1e-7)
    pure = expectations(CIRCUIT, ANGLES, INPUTS)
    assert (found - pure).abs().max() > 0.01


def test_shots_are_seeded_and_within_five_deviations():
    noise = CalibratedNoise(OWN)
    exact = expectations(CIRCUIT, ANGLES, INPUTS, noise=noise)
    first, again = (on_device(shots=4000, noise=noise, seed=(1, 2))(CIRCUIT, ANGLES, INPUTS) for _ in range(2))
    assert torch.equal(first, again) and 0 < (first - exact).abs().max() < 5 / 4000**0.5


def test_gradients_are_those_of_the_parameter_shift_rule():
    """Which noise that does not depend on the angles leaves as it is."""
    noise, angles = CalibratedNoise(OWN), ANGLES.clone().requires_grad_()
    (gradient,) = torch.autograd.grad(expectations(CIRCUIT, angles, INPUTS, noise=noise).sum(), angles)
    shifted = [
        [expectations(CIRCUIT, ANGLES + sign * own, INPUTS, noise=noise).sum() for sign in (1, -1)]
        for own in torch.pi / 2 * torch.eye(2, dtype=torch.float64)
    ]
    np.testing.assert_allclose(gradient, [float(up - down) / 2 for up, down in shifted], atol=1e-6)


def test_a_perfect_device_changes_nothing():
    perfect = Calibration("p", (Qubit(1e9, 1e9),) * 2, (("sx", (), GateCost(0.0, 0.0)), ("cx", (), GateCost(0.0, 0.0))))
    noise = CalibratedNoise(perfect)
    assert noise.steps(CIRCUIT) == CIRCUIT.gates and noise.expected_errors(CIRCUIT) == 0
    torch.testing.assert_close(
        expectations(CIRCUIT, ANGLES, INPUTS, noise=noise), expectations(CIRCUIT, ANGLES, INPUTS), atol=1e-7, rtol=0
    )


def test_expected_errors_add_up_gates_waiting_and_readout():
    silent = Calibration("s", (Qubit(1e9, 1e9, 0.02, 0.04),) * 2, OWN.gates)
    turn = 1 - (1 - PULSE.error) ** 2
    expected = 3 * turn + PAIR.error + 2 * 0.03
    assert CalibratedNoise(silent).expected_errors(CIRCUIT) == pytest.approx(expected, abs=1e-12)
    assert CalibratedNoise(OWN).expected_errors(CIRCUIT) > 3 * turn + PAIR.error + 0.035 + 0.02


def test_a_listed_gate_is_taken_before_a_composed_one_and_its_own_wires_before_all():
    gates = (*OWN.gates, ("RX", (), GateCost(1e-8, 1e-3)), ("RX", (0,), GateCost(2e-8, 2e-3)))
    own = Calibration("two.toml", QUBITS, gates)
    assert [own.cost(Gate("RX", (wire,), (0.1,))).duration_s for wire in (0, 1)] == [2e-8, 1e-8]
    assert own.cost(Gate("RY", (0,), (0.1,))).duration_s == 80e-9
    assert own.cost(Gate("RZ", (0,), (0.1,))) == GateCost(0.0, 0.0)
    assert own.cost(Gate("CRX", (0, 1), (0.1,))).duration_s == pytest.approx(680e-9)


def test_chosen_qubits_take_their_gates_along():
    own = OWN.on_qubits((1, 0))
    assert own.qubits == QUBITS[::-1] and own.gates == OWN.gates
    assert OWN.on_qubits((1,)).gates == OWN.gates[:1]
    with pytest.raises(ConfigError, match=r"noise\.qubits names qubit 4, and two\.toml calibrates 2, counted from 0"):
        OWN.on_qubits((0, 4))


@pytest.mark.parametrize(
    ("circuit", "says"),
    [
        (
            Circuit(3, GATES, ((0,),), num_features=1),
            r"two\.toml calibrates 2 qubits, and the circuit has 3; .*noise\.q",
        ),
        (
            Circuit(2, (Gate("MultiRZ", (0, 1), (0.1,)),), ((0,),)),
            r"MultiRZ on wires \[0, 1\], which is neither listed",
        ),
        (Circuit(2, GATES[:1], (PauliSum(((1.0, "X0"),)),), num_features=1), "readout errors are of Z"),
    ],
)
def test_a_circuit_that_does_not_fit_is_refused(circuit, says):
    with pytest.raises(ConfigError, match=says):
        expectations(
            circuit, torch.zeros(circuit.num_angles), torch.zeros(1, circuit.num_features), noise=CalibratedNoise(OWN)
        )


def test_wires_without_a_coupling_and_errors_that_no_gate_has_are_refused():
    apart = Calibration("far.toml", (*QUBITS, QUBITS[0]), OWN.gates)
    with pytest.raises(ConfigError, match=r"CNOT on wires \[0, 2\], and neither that nor cx on \[0, 2\] is listed"):
        apart.cost(Gate("CNOT", (0, 2)))
    broken = Calibration("bad.toml", QUBITS, (("cx", (), GateCost(1e-7, 1.0)),))
    with pytest.raises(ConfigError, match=r"CNOT on wires \[0, 1\] has the error 1, .* forgets its input has 0\.75"):
        broken.cost(Gate("CNOT", (0, 1)))
