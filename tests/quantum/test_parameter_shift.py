"""Shifts and Rotosolve against autograd and a fine grid; and where the article's forms go wrong."""

import numpy as np
import pytest
import torch

from qfl.models.cloud_edge.printed import cloud_circuit
from qfl.quantum.circuit import Angle, Circuit, Gate
from qfl.quantum.exact import expectations
from qfl.quantum.parameter_shift import descending_rate, parameter_shift, rotosolve
from qfl.seeds import stream

CIRCUIT = cloud_circuit(3, 2, num_layers=2)
RNG = stream(1, "test", "parameter shift")
INPUTS = torch.from_numpy(RNG.uniform(-1, 1, (4, CIRCUIT.num_features)))
WEIGHT = torch.from_numpy(RNG.normal(size=(4, 3)))
START = RNG.uniform(-3, 3, CIRCUIT.num_angles)


def mean(angles):
    return (expectations(CIRCUIT, angles, INPUTS) * WEIGHT).sum() / 4


def linear(angles):
    return mean(torch.from_numpy(angles)).item()


def gradient(loss):
    angles = torch.from_numpy(START).requires_grad_()
    return torch.autograd.grad(loss(angles), angles)[0].numpy()


@pytest.mark.parametrize("shift", [np.pi / 2, np.pi / 4, 1.1])
def test_shifts_of_a_linear_loss_are_its_gradient(shift):
    np.testing.assert_allclose(parameter_shift(linear, START, shift), gradient(mean), atol=1e-12)


def test_shifts_of_a_squared_loss_are_not():
    """Appendix B applies the rule to Eq. (13), a square: what comes out is off by more than the gradient's size."""
    found = parameter_shift(lambda angles: linear(angles) ** 2, START, check=False)
    expected = gradient(lambda angles: mean(angles) ** 2)
    assert np.abs(found - expected).max() > 0.1 * np.abs(expected).max()


@pytest.mark.parametrize("shift", [0.0, np.pi, -3 * np.pi, 1e-9, np.inf, np.nan])
def test_a_shift_without_a_slope_is_refused(shift):
    with pytest.raises(ValueError, match="expected a finite number that is no multiple of pi"):
        parameter_shift(linear, START, shift)


def turned(*gates):
    """Return the loss of a circuit of two qubits that is linear in its expectation values."""
    circuit = Circuit(2, (Gate("RY", (0,), (1.1,)), Gate("RX", (1,), (0.6,)), *gates, Gate("H", (0,))), ((0,), (1,)))
    weight = torch.tensor([0.7, -0.4], dtype=torch.float64)
    return lambda angles: (expectations(circuit, torch.from_numpy(angles)) * weight).sum().item()


WRONG = {
    "controlled": turned(*(Gate(name, (0, 1), (Angle(n),)) for n, name in enumerate(("CRX", "CRY", "CRZ")))),
    "one controlled": turned(
        Gate("RX", (0,), (Angle(0),)), Gate("RY", (1,), (Angle(1),)), Gate("CRX", (0, 1), (Angle(2),))
    ),
    "shared": turned(Gate("RX", (0,), (Angle(0),)), Gate("RY", (0,), (Angle(0),)), Gate("RY", (1,), (Angle(1),))),
    "scaled": lambda angles: linear(1.5 * angles),
    "halved": lambda angles: linear(angles / 2),
    "squared": lambda angles: linear(angles) ** 2,
    "exponential": lambda angles: float(np.exp(linear(angles))),
}


@pytest.mark.parametrize("kind", WRONG)
@pytest.mark.parametrize("rule", [parameter_shift, rotosolve, lambda *own: parameter_shift(*own, 1.0)])
def test_losses_of_another_form_are_refused(kind, rule):
    length = {"controlled": 3, "one controlled": 3, "shared": 2}.get(kind, len(START))
    with pytest.raises(ValueError, match=r"the loss is not a \+ b cos \+ c sin of angle"):
        rule(WRONG[kind], START[:length])


def test_single_precision_and_angles_without_effect_are_no_other_form():
    def single(angles):
        return expectations(CIRCUIT, torch.from_numpy(angles).float(), INPUTS.float()).mean().item() + 1000.0

    found = parameter_shift(single, START)
    np.testing.assert_allclose(found, gradient(lambda angles: expectations(CIRCUIT, angles, INPUTS).mean()), atol=1e-3)
    np.testing.assert_array_equal(parameter_shift(lambda angles: 0.0, START), 0)
    assert np.isfinite(rotosolve(single, START)).all()


def test_whole_numbers_and_lists_are_angles_and_what_is_no_vector_is_refused():
    whole = np.arange(len(START))
    np.testing.assert_array_equal(parameter_shift(linear, whole), parameter_shift(linear, whole.astype(float)))
    np.testing.assert_array_equal(rotosolve(linear, whole.tolist()), rotosolve(linear, whole.astype(float)))
    assert parameter_shift(linear, []).shape == rotosolve(linear, []).shape == (0,)
    for bad in (np.ones((2, 3)), [np.nan], ["a"], 1j * np.ones(2), 3.0):
        for rule in (parameter_shift, rotosolve):
            with pytest.raises(ValueError, match="angles: expected one vector"):
                rule(linear, bad)
    with pytest.raises(ValueError, match="sweeps = -1"):
        rotosolve(linear, START, -1)


def test_rotosolve_takes_every_angle_to_its_minimum():
    after = rotosolve(linear, START, sweeps=2)
    for index in range(len(after)):
        grid = [linear(np.where(np.arange(len(after)) == index, value, after)) for value in np.linspace(-3, 3, 13)]
        assert linear(after) <= min(grid) + 1e-9
    assert linear(after) < linear(rotosolve(linear, START)) + 1e-12 < linear(START)


def test_the_printed_arctan_finds_the_maximum_half_of_the_time():
    worst = 0
    for phase in np.linspace(-3, 3, 50):
        zero, plus, minus = (np.cos(theta - phase) for theta in (0, np.pi / 2, -np.pi / 2))
        printed = -np.pi / 2 - np.arctan((2 * zero - plus - minus) / (plus - minus))
        worst += np.cos(printed - phase) > 0.99
    assert worst == 25


def test_the_step_falls_with_the_root_of_the_episode():
    rates = [descending_rate(0.01, episode) for episode in range(100)]
    assert rates[0] == 0.01 and rates[-1] == pytest.approx(0.001) and sorted(rates, reverse=True) == rates
