"""Gradients of the printed cloud beside Eq. (21): closed forms, differences, and the appendix's single neuron."""

import math
from dataclasses import replace

import pytest
import torch

from qfl.models.cloud_edge.cloud import make_cloud
from qfl.models.cloud_edge.printed import appendix_circuit
from qfl.models.cloud_edge.trainability import (
    assignment_losses,
    expectation_norms,
    loss_norms,
    printed_bounds,
    random_angles,
    shift_norms,
    single_neuron,
)
from qfl.quantum.circuit import Angle, Circuit, Gate
from qfl.quantum.exact import expectations
from qfl.wireless.cell_free.channel import draw
from qfl.wireless.cell_free.network import CellFree

NETWORK = CellFree()


def drawn(layers, draws, order="operator"):
    cloud = make_cloud("as_published", NETWORK, num_layers=layers, order=order)
    return cloud, draw(NETWORK, 1, draws), random_angles(1, draws, len(cloud.layout))


def test_the_upper_bound_of_eq_21_holds_and_the_lower_does_not():
    cloud, channels, angles = drawn(2, 40)
    low, high = printed_bounds(2, 4)
    for norms in (loss_norms(cloud, NETWORK, channels, angles), expectation_norms(cloud, channels, angles)):
        assert 0 < norms.max() < high
        assert norms.mean() < low


def test_a_loss_gradient_is_what_differences_give():
    cloud, channels, angles = drawn(1, 3)
    losses = assignment_losses(NETWORK, channels, cloud.rows)
    for number, norm in enumerate(loss_norms(cloud, NETWORK, channels, angles)):
        here = channels.part(number, number + 1)

        def loss(entries, here=here, number=number):
            return float((cloud.policy(entries, here) * losses[number]).sum())

        steps = 1e-5 * torch.eye(4, dtype=torch.float64)
        slopes = [(loss(angles[number] + step) - loss(angles[number] - step)) / 2e-5 for step in steps]
        assert sum(slope**2 for slope in slopes) == pytest.approx(float(norm), rel=1e-6)


@pytest.mark.parametrize(("layers", "aps"), [(1, 2), (2, 2), (2, 3)])
def test_z_of_all_qubits_has_a_plateau_in_closed_form(layers, aps):
    """Z...Z meets CZ unmoved and a CNOT takes the control out: a product, whose gradients shrink with its factors.

    The mean over uniform angles of (1/2 d/dtheta of a product of n factors)^2 is n/4 times the product of the factors'
    mean squares: 1/2 for each qubit in |0>, cos^2(phase) / 2 for each behind the encoding.
    """
    network = replace(NETWORK, num_aps=aps, num_users=2)
    cloud = make_cloud("as_published", network, num_layers=layers)
    one = draw(network, 3, 1)
    channels = type(one)(*(part.expand(4000, *part.shape[1:]) for part in one))
    found = expectation_norms(cloud, channels, random_angles(2, 4000, layers * aps)).mean()
    phase = cloud.seen(one).view(aps, 2).sum(-1)
    # read as operators a CNOT acts after R_Y: Z of its target becomes Z Z, which takes the control out of Z...Z
    controls = {layer * aps + aps - 1 for layer in range(layers - 1)}
    left = [wire for wire in range(layers * aps) if wire not in controls]
    squares = [float(phase[wire].cos() ** 2) / 2 if wire < aps else 0.5 for wire in left]
    assert float(found) == pytest.approx(len(left) / 4 * math.prod(squares), rel=0.12)


def test_shifts_of_the_decoded_loss_are_halves_of_jumps():
    """Each entry is half the difference of two losses, computed here one by one from what the cloud assigns."""
    cloud, channels, angles = drawn(1, 4)
    for number, norm in enumerate(shift_norms(cloud, NETWORK, channels, angles)):
        here, total = channels.part(number, number + 1), 0.0
        for step in (math.pi / 2) * torch.eye(4, dtype=torch.float64):
            ends = [cloud.assign(angles[number] + sign * step, here) for sign in (1, -1)]
            up, down = (float(assignment_losses(NETWORK, here, end)[0, 0]) for end in ends)
            total += ((up - down) / 2) ** 2
        assert float(norm) == pytest.approx(total, abs=1e-12)


def test_an_unserved_user_takes_the_normalised_loss_above_1():
    cloud, channels, _ = drawn(1, 20)
    losses = assignment_losses(NETWORK, channels, cloud.rows)
    served = torch.tensor([len(set(row.tolist())) == 3 for row in cloud.rows])
    assert losses[:, served].max() <= 1 < losses[:, ~served].max()


@pytest.mark.parametrize("phase", [0.0, 0.7, 2.0])
def test_a_single_neuron_already_breaks_the_lower_bound(phase):
    circuit = Circuit(1, (Gate("H", (0,)), Gate("RZ", (0,), (phase,)), Gate("RY", (0,), (Angle(0),))), ((0,),))
    angles = torch.linspace(0, 2 * math.pi, 65, dtype=torch.float64)[:-1, None].requires_grad_()
    value = (1 - expectations(circuit, angles)) / 2
    (gradient,) = torch.autograd.grad(value.sum(), angles)
    mean = gradient.square().mean()
    torch.testing.assert_close(mean, single_neuron(torch.tensor(phase, dtype=torch.float64)))
    assert mean < printed_bounds(1, 1)[0] < printed_bounds(1, 1, squared=True)[0]


def test_the_appendix_circuit_runs_through_the_same_losses():
    cloud, channels, _ = drawn(1, 3)
    cloud = replace(cloud, circuit=appendix_circuit(4, 3, 2))
    angles = random_angles(1, 3, 8)
    found = [loss_norms(cloud, NETWORK, channels, angles), expectation_norms(cloud, channels, angles)]
    assert all(norms.shape == (3,) and norms.min() > 0 for norms in found)
