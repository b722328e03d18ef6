"""Kraus operators of noisy hardware against PennyLane's channels, and gate errors against average fidelities."""

import numpy as np
import pennylane as qml
import pytest

from qfl.quantum.channels import depolarising, prod_of, readout, relaxation, relaxation_fidelity, residual
from qfl.seeds import stream


def random_state(num_wires):
    rng = stream(1, "state")
    matrix = rng.normal(size=(2**num_wires,) * 2) + 1j * rng.normal(size=(2**num_wires,) * 2)
    rho = matrix @ matrix.conj().T
    return rho / np.trace(rho)


def applied(kraus, rho):
    return sum(each @ rho @ each.conj().T for each in kraus)


def by_pennylane(rho, *channels):
    wires = range(round(np.log2(len(rho))))

    @qml.qnode(qml.device("default.mixed", wires=wires))
    def program():
        qml.QubitDensityMatrix(rho, wires=wires)
        for channel, *values, wire in channels:
            channel(*values, wires=wire)
        return qml.state()

    return program()


@pytest.mark.parametrize("t2", [20e-6, 100e-6, 150e-6, 200e-6])
@pytest.mark.parametrize("time", [0.0, 35e-9, 80e-6, 1e-3])
def test_relaxation_is_pennylanes_thermal_relaxation_of_a_cold_qubit(t2, time):
    rho, t1 = random_state(1), 100e-6
    expected = by_pennylane(rho, (qml.ThermalRelaxationError, 0.0, t1, t2, time, 0))
    np.testing.assert_allclose(applied(relaxation(time, t1, t2), rho), expected, atol=1e-12)


def test_relaxation_has_its_closed_form():
    plus = np.full((2, 2), 0.5)
    after = applied(relaxation(30e-6, 100e-6, 80e-6), plus)
    np.testing.assert_allclose(after[1, 1], 0.5 * np.exp(-0.3), rtol=1e-12)
    np.testing.assert_allclose(after[0, 1], 0.5 * np.exp(-30 / 80), rtol=1e-12)


@pytest.mark.parametrize("p", [0.0, 0.02, 1.0])
def test_depolarising_mixes_with_the_identity_and_is_pennylanes_on_one_wire(p):
    rho = random_state(1)
    pennylane = by_pennylane(rho, (qml.DepolarizingChannel, 0.75 * p, 0))
    np.testing.assert_allclose(applied(depolarising(p, 1), rho), pennylane, atol=1e-12)
    pair = random_state(2)
    np.testing.assert_allclose(applied(depolarising(p, 2), pair), (1 - p) * pair + p * np.eye(4) / 4, atol=1e-12)


def test_readout_moves_populations_as_it_errs():
    after = applied(readout(0.1, 0.25), np.diag([0.6, 0.4]))
    np.testing.assert_allclose(np.diagonal(after).real, [0.6 * 0.9 + 0.4 * 0.25, 0.6 * 0.1 + 0.4 * 0.75], atol=1e-15)


def average_fidelity(kraus):
    """Nielsen 2002, Eq. (3), with the entanglement fidelity of Kraus operators."""
    size = kraus.shape[-1]
    entanglement = sum(abs(np.trace(each)) ** 2 for each in kraus) / size**2
    return (size * entanglement + 1) / (size + 1)


@pytest.mark.parametrize("wires", [1, 2])
def test_relaxation_and_the_residual_depolarising_make_up_the_reported_error(wires):
    times, duration, error = [(100e-6, 80e-6), (60e-6, 110e-6)][:wires], 300e-9, 9e-3
    waits = [relaxation(duration, *each) for each in times]
    relaxed = waits[0] if wires == 1 else np.array([prod_of(np.array([a, b])) for a in waits[0] for b in waits[1]])
    assert average_fidelity(relaxed) == pytest.approx(relaxation_fidelity(duration, times), abs=1e-14)
    p = residual(error, duration, times)
    whole = np.array([k @ r for k in depolarising(p, wires) for r in relaxed])
    assert average_fidelity(whole) == pytest.approx(1 - error, abs=1e-12)


def test_an_error_below_that_of_relaxation_leaves_nothing_to_depolarise():
    assert residual(1e-6, 1e-5, [(1e-4, 1e-4)]) == 0.0
    assert residual(0.6, 0.0, [(1e-4, 1e-4)]) > 1  # no gate of one wire is as bad


def test_the_average_over_six_states_is_the_average_fidelity():
    """The eigenstates of X, Y and Z are a two-design."""
    kraus, root = relaxation(20e-6, 100e-6, 70e-6), 1 / np.sqrt(2)
    states = [(1, 0), (0, 1), (root, root), (root, -root), (root, 1j * root), (root, -1j * root)]
    found = [np.vdot(s, applied(kraus, np.outer(s, np.conj(s))) @ np.array(s)).real for s in map(np.array, states)]
    assert np.mean(found) == pytest.approx(relaxation_fidelity(20e-6, [(100e-6, 70e-6)]), abs=1e-14)
