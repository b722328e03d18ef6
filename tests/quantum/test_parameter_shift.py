"""Shifts and Rotosolve against autograd and a fine grid; and where the article's forms go wrong."""

import numpy as np
import pytest
import torch

from qfl.models.cloud_edge.printed import cloud_circuit
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
    found = parameter_shift(lambda angles: linear(angles) ** 2, START)
    expected = gradient(lambda angles: mean(angles) ** 2)
    assert np.abs(found - expected).max() > 0.1 * np.abs(expected).max()


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
