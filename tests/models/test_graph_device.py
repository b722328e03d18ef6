"""Graph networks on devices: the exact engine's values without shots, within five deviations of them with shots.

Also covers qfl/models/device_model.py.
"""

import numpy as np
import pytest
import torch

from qfl.models.ap_user_gnn import ApUserGnn
from qfl.models.graph_device import DeviceGraph, DevicePairs
from qfl.models.qsgcn import Qsgcn, graph_circuit
from qfl.quantum.devices import on_device
from qfl.quantum.noise import NoiseModel
from qfl.seeds import stream

SHOTS = 2000


def channels(links):
    return torch.from_numpy(10 ** (stream(1, "gains").normal(1, 1, (1, 2, links, links)) + 2 * np.eye(links)))


def pair_gains():
    return torch.from_numpy(10 ** stream(2, "gains").normal(1, 1, (1, 1, 2, 2, 2)))


def entries(model):
    return torch.from_numpy(model.initial(1))[None]


def test_a_graph_on_a_device_has_the_exact_powers_and_gradients():
    model, gain = Qsgcn(layers=2), channels(3)
    ours, theirs = (entries(model).requires_grad_() for _ in range(2))
    exact = model.powers(ours, gain, noise_w=0.5, pmax_w=2.0)
    found = DeviceGraph(model, on_device()).powers(theirs, gain, noise_w=0.5, pmax_w=2.0)
    torch.testing.assert_close(found, exact, atol=1e-6, rtol=0)
    exact.sum().backward()
    found.sum().backward()
    torch.testing.assert_close(theirs.grad, ours.grad, atol=1e-6, rtol=0)
    alone = DeviceGraph(model, on_device()).powers(theirs[0], gain[0], noise_w=0.5, pmax_w=2.0)
    torch.testing.assert_close(alone, exact[0], atol=1e-6, rtol=0)


def test_a_graphs_shots_are_within_five_deviations_and_new_in_every_call():
    model, gain = Qsgcn(layers=1), channels(3)
    exact = model.powers(entries(model), gain)
    device = DeviceGraph(model, on_device(shots=SHOTS, seed=(1, 2, 3)))
    first, second = (device.powers(entries(model), gain) for _ in range(2))
    weight = abs(float(entries(model)[0, -2]))
    bound = 5 * weight * 0.25 / SHOTS**0.5  # |dp/dz| is at most weight / 4, the deviation of z at most 1 / sqrt(shots)
    assert 0 < (first - exact).abs().max() < bound and not torch.equal(first, second)
    assert graph_circuit(3, 1).num_qubits == 6


def test_pairs_on_a_device_make_the_exact_choice_and_shots_come_near_it():
    model, gain = ApUserGnn(layers=1, heads=1, width=4), pair_gains()
    exact = model.choose(entries(model), gain, 0.1)
    found = DevicePairs(model, "default.qubit", None, NoiseModel(), (1,)).choose(entries(model), gain, 0.1)
    for ours, theirs in zip(exact, found, strict=True):
        torch.testing.assert_close(theirs, ours, atol=1e-6, rtol=0)
    shot, again = (DevicePairs(model, "default.qubit", SHOTS, NoiseModel(), (1,)) for _ in range(2))
    spread = torch.stack([shot.choose(entries(model), gain, 0.1).logit for _ in range(12)])
    assert torch.equal(again.choose(entries(model), gain, 0.1).logit, spread[0])
    error, deviation = (spread.mean(0) - exact.logit).abs(), spread.std(0) / 12**0.5
    assert deviation.max() > 0 and bool((error < 5 * deviation + 1e-3).all())


@pytest.mark.parametrize("noise", [NoiseModel(depolarising=0.05), NoiseModel(readout=0.1)])
def test_noise_moves_powers_towards_those_of_a_measured_zero(noise):
    model, gain = Qsgcn(layers=1), channels(2)
    weight, bias = entries(model)[0, -2:]
    exact, noisy = (
        ((DeviceGraph(model, on_device(noise=own)).powers(entries(model), gain).logit() - bias) / weight).abs().mean()
        for own in (NoiseModel(), noise)
    )
    assert noisy < 0.95 * exact
