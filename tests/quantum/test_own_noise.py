"""A PennyLane noise model of the user's own gives the values of ours where it says the same."""

import pennylane as qml
import pytest
import torch

from qfl.config import NoiseSettings
from qfl.errors import ConfigError
from qfl.quantum.circuit import Angle, Circuit, Feature, Gate
from qfl.quantum.devices import expectations
from qfl.quantum.noise import NoiseModel
from qfl.quantum.own_noise import PennyLaneNoise, own_noise

GATES = (Gate("RX", (0,), (Feature(0),)), Gate("RY", (1,), (Angle(0),)), Gate("RX", (1,), (0.4,)))
CIRCUIT = Circuit(2, GATES, ((0,), (1,), (0, 1)), num_features=1)
ANGLES, INPUTS = torch.tensor([0.7], dtype=torch.float64), torch.tensor([[0.2], [1.3]], dtype=torch.float64)
MODELS = """
import pennylane as qml

def make(client, round_number, strength=0.1):
    p = strength * (1 + client) * (1 + round_number)
    return qml.NoiseModel({qml.noise.op_in([qml.RX, qml.RY]): qml.noise.partial_wires(qml.DepolarizingChannel, p)})

fixed = make(0, 0)
number = 3

def broken(seed):
    return 1 / 0

def other():
    return [1]
"""


def depolarised(p):
    return qml.NoiseModel({qml.noise.op_in([qml.RX, qml.RY]): qml.noise.partial_wires(qml.DepolarizingChannel, p)})


def test_it_gives_the_values_of_the_same_noise_of_ours_and_seeds_its_shots():
    theirs, ours = PennyLaneNoise(depolarised(0.05)), NoiseModel(depolarising=0.05)
    exact = expectations(CIRCUIT, ANGLES, INPUTS, noise=ours)
    torch.testing.assert_close(expectations(CIRCUIT, ANGLES, INPUTS, noise=theirs), exact, atol=1e-7, rtol=0)
    shots = [expectations(CIRCUIT, ANGLES, INPUTS, noise=theirs, shots=4000, seed=(1, 2)) for _ in range(2)]
    assert torch.equal(*shots) and 0 < (shots[0] - exact).abs().max() < 5 / 4000**0.5


def test_noise_of_the_measurement_counts_too():
    flip = {qml.noise.meas_eq(qml.expval): qml.noise.partial_wires(qml.BitFlip, 0.1)}
    noise = PennyLaneNoise(qml.NoiseModel({}, flip))
    found = expectations(CIRCUIT, ANGLES, INPUTS, noise=noise)[:, :1]
    torch.testing.assert_close(found, 0.8 * INPUTS.cos(), atol=1e-7, rtol=0)


def test_gradients_pass_through():
    angles = ANGLES.clone().requires_grad_()
    noise = PennyLaneNoise(depolarised(0.05))
    (gradient,) = torch.autograd.grad(expectations(CIRCUIT, angles, INPUTS, noise=noise)[0, 1], angles)
    expected = -((1 - 4 * 0.05 / 3) ** 2) * torch.sin(ANGLES) * torch.cos(torch.tensor(0.4, dtype=torch.float64))
    torch.testing.assert_close(gradient, expected, atol=1e-6, rtol=0)


@pytest.fixture
def file(tmp_path, monkeypatch):
    monkeypatch.syspath_prepend(tmp_path)
    (tmp_path / "hardware.py").write_text(MODELS)


def strength(noise):
    value = expectations(Circuit(1, (Gate("RX", (0,), (0.0,)),), ((0,),)), torch.zeros(0).double(), noise=noise)
    return round(0.75 * (1 - float(value)), 6)


def test_a_function_is_asked_for_every_client_and_round(file):
    given = NoiseSettings(model="hardware.py:make", my='{"strength": 0.02}')
    assert [strength(own_noise(given, 1, *place)) for place in ((0, 0), (1, 0), (1, 2))] == [0.02, 0.04, 0.12]
    assert strength(own_noise(NoiseSettings(model="hardware.py:fixed"), 1, 5, 5)) == 0.1


@pytest.mark.parametrize(
    ("name", "says"),
    [
        ("hardware.py:absent", "has no 'absent'"),
        ("hardware.py:number", r"gives int; give a pennylane\.NoiseModel"),
        ("hardware.py:other", r"gives list; give a pennylane\.NoiseModel"),
        ("hardware.py:broken", "broken raised ZeroDivisionError"),
    ],
)
def test_what_is_no_noise_model_is_refused(file, name, says):
    with pytest.raises(ConfigError, match=rf"noise\.model.*{says}"):
        own_noise(NoiseSettings(model=name), 1, 0, 0)
