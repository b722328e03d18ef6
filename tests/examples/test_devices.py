"""The example's devices fit its circuit, and differ as its README says."""

from pathlib import Path

import qfl
from qfl.config import read_run_file
from qfl.quantum.client_noise import central_noise, noise_of
from qfl.quantum.own_gates import circuit_of

RUN = Path(qfl.__file__).parent.parent / "examples/devices/devices.toml"


def test_every_device_runs_the_circuit_and_the_good_one_errs_least():
    settings = read_run_file(RUN)
    model = settings.model
    circuit = circuit_of(model.encoding, model.ansatz, 4, model.layers, 4, 10)
    errors = {str(own): own.expected_errors(circuit) for own in (noise_of(settings, k, 1) for k in range(12))}
    assert list(errors) == ["north.toml", "south.toml", "west.toml"]
    assert 2 * errors["north.toml"] < min(errors["south.toml"], errors["west.toml"])
    assert str(central_noise(settings, circuit)) == "west.toml"


def test_a_clients_noise_is_that_of_its_device_in_every_round():
    settings = read_run_file(RUN)
    assert noise_of(settings, 1, 1) == noise_of(settings, 4, 3) != noise_of(settings, 2, 1)
