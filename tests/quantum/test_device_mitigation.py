"""A run's devices undo their errors: nearer to the truth on average, and at the price that is written down.

Also covers qfl/quantum/shot_count.py, qfl/config/device_rules.py.
"""

import numpy as np
import pytest
import torch

from qfl.config import DeviceSettings, Settings
from qfl.errors import ConfigError
from qfl.quantum.ansatze import classifier
from qfl.quantum.calibrated import CalibratedNoise
from qfl.quantum.calibration import PAIR, PULSE, Calibration, GateCost, Qubit
from qfl.quantum.device_mitigation import mitigation_of
from qfl.quantum.devices import expectations as on_device
from qfl.quantum.exact import expectations
from qfl.quantum.mitigation import bill
from qfl.quantum.noise import NoiseModel
from qfl.quantum.own_noise import PennyLaneNoise
from qfl.quantum.shot_count import counted
from qfl.tasks.build import build
from qfl.tasks.local import train_clients

CIRCUIT = classifier("angle", "hardware_efficient", 2, 2, 2, 2)
DRAW = np.random.default_rng(5)
ANGLES, INPUTS = torch.tensor(DRAW.normal(size=CIRCUIT.num_angles)), torch.tensor(DRAW.normal(size=(3, 2)))
UNEQUAL = Calibration(
    "two.toml",
    (Qubit(1e-4, 8e-5, 0.02, 0.06), Qubit(9e-5, 7e-5, 0.01, 0.05)),
    ((PULSE, (), GateCost(35e-9, 1e-3)), (PAIR, (), GateCost(300e-9, 8e-3))),
)
NOISE = NoiseModel(depolarising=0.005, readout=0.04)
RUN = {
    "engine": "pennylane",
    "data.pca": 4,
    "model.encoding": "angle",
    "model.qubits": 4,
    "model.ansatz": "hardware_efficient",
    "model.layers": 1,
    "data.labels-per-client": 2,
    "clients.count": 20,
    "train.local-steps": 1,
    "train.batch-size": 1,
    "noise.readout": 0.03,
    "noise.depolarising": 0.002,
    "device.shots": 20,
}


@pytest.mark.parametrize("noise", [NOISE, CalibratedNoise(UNEQUAL)], ids=["uniform", "calibrated"])
def test_mitigated_values_are_nearer_to_the_truth_the_more_is_undone(noise):
    truth = expectations(CIRCUIT, ANGLES, INPUTS)
    errors = {
        kind: float((_run(kind, noise) - truth).abs().mean()) for kind in ("none", "readout", "zne", "readout+zne")
    }
    assert errors["readout+zne"] < errors["none"] / 4
    assert max(errors["readout"], errors["zne"]) < errors["none"]


def test_with_shots_the_mean_is_nearer_by_more_than_its_standard_error():
    truth = expectations(CIRCUIT, ANGLES, INPUTS[:1])
    means, slack = {}, {}
    for kind in ("none", "readout+zne"):
        found = torch.stack([_run(kind, NOISE, 2000, seed, INPUTS[:1]) for seed in range(16)])
        means[kind], slack[kind] = found.mean(0), found.std(0) / 4
    plain, undone = ((means[kind] - truth).abs() for kind in ("none", "readout+zne"))
    assert (plain > undone + 2 * slack["readout+zne"]).any()
    assert float(undone.sum()) < float(plain.sum()) / 2
    assert bool((undone < 5 * slack["readout+zne"] + 0.1 * plain).all())


def test_the_shots_that_are_counted_are_those_of_the_bill():
    own = mitigation_of(DeviceSettings(mitigation="readout+zne", scales="1, 2, 3"), NOISE)
    assert own is not None
    with counted() as found:
        on_device(CIRCUIT, ANGLES, INPUTS, noise=NOISE, shots=100, device="default.mixed", mitigation=own)
    circuits = bill(CIRCUIT, own).circuits
    assert circuits == 3
    assert (found.shots, found.extra) == (100 * len(INPUTS) * circuits, 100 * len(INPUTS) * (circuits - 1))


def test_a_client_reports_its_shots_gradients_included():
    shifts = 2 * 8  # of eight angles
    plain, undone = (_update(mitigation) for mitigation in ("none", "zne"))
    assert (plain.shots, plain.extra_shots) == (20 * (1 + shifts), 0)
    assert undone.shots - undone.extra_shots == plain.shots
    assert undone.extra_shots == 20 * (1 + 3 * shifts)  # every gate is there three times


def test_nobody_counts_where_nobody_asked():
    with counted() as found:
        pass
    on_device(CIRCUIT, ANGLES, INPUTS, shots=10)
    assert (found.shots, found.extra) == (0, 0)


@pytest.mark.parametrize(
    ("flat", "says"),
    [
        ({"engine": "exact", "noise.readout": 0.0, "noise.depolarising": 0.0, "device.shots": 0}, "use engine"),
        ({"noise.readout": 0.0, "noise.depolarising": 0.0}, "errs in nothing"),
        ({"noise.readout": 0.0}, "that nobody tells"),
        ({"device.scales": "1"}, "numbers that rise"),
        ({"device.scales": "2, 3"}, "numbers that rise"),
        ({"device.scales": "1, nan"}, "numbers that rise"),
        ({"device.scales": "1, 99"}, "at most 15"),
        ({"device.scales": "three"}, "numbers that rise"),
    ],
)
def test_what_cannot_hold_is_refused_in_a_sentence(flat, says):
    with pytest.raises(ConfigError, match=says):
        Settings.from_flat(RUN | {"device.mitigation": "readout+zne"} | flat)


def test_a_noise_model_of_ones_own_tells_no_readout_errors():
    own = PennyLaneNoise(object(), "mine.py:noise")
    with pytest.raises(ConfigError, match="nobody says how often"):
        mitigation_of(DeviceSettings(mitigation="readout"), own)
    assert mitigation_of(DeviceSettings(mitigation="zne"), own) is not None


def _run(kind, noise, shots=None, seed=1, inputs=INPUTS):
    own = mitigation_of(DeviceSettings(mitigation=kind), noise)
    return on_device(
        CIRCUIT, ANGLES, inputs, device="default.mixed", noise=noise, shots=shots, seed=seed, mitigation=own
    )


def _update(mitigation):
    setup = build(Settings.from_flat(RUN | {"device.mitigation": mitigation}))
    return train_clients(setup, setup.model.initial(1), 1, [3])[0]
