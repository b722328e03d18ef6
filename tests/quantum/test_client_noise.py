"""Which noise a client has: calibrations dealt in turn, the median for the test, and settings that do not go together.

Also covers qfl/config/noise_rules.py.
"""

import pytest

from qfl.config import Settings
from qfl.errors import ConfigError
from qfl.quantum.circuit import Circuit, Gate
from qfl.quantum.client_noise import calibration_digest, central_noise, noise_of
from qfl.quantum.noise import NoiseModel

CIRCUIT = Circuit(1, (Gate("RX", (0,), (0.5,)),), ((0,),))
TEXT = """
[[qubits]]
t1_s = 1e-4
t2_s = 1e-4

[[qubits]]
t1_s = 2e-4
t2_s = 2e-4

[[gates]]
name = "sx"
duration_s = 35e-9
error = {}
"""


@pytest.fixture
def devices(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "devices").mkdir()
    for name, error in (("a", 1e-3), ("b", 9e-3), ("c", 5e-3)):
        (tmp_path / "devices" / f"{name}.toml").write_text(TEXT.format(error))
    return tmp_path / "devices"


def settings(**changes):
    own = {"engine": "pennylane", "noise.calibration": "devices", "noise.qubits": "1", "clients.count": 5}
    return Settings.from_flat(own | {key.replace("__", "."): value for key, value in changes.items()})


def test_clients_take_the_files_in_turn_in_every_round(devices):
    found = [str(noise_of(settings(), client, 3)) for client in range(5)]
    assert found == ["a.toml", "b.toml", "c.toml", "a.toml", "b.toml"]
    assert noise_of(settings(), 1, 3) == noise_of(settings(), 1, 4)
    assert noise_of(settings(), 0, 1).calibration.qubits[0].t1_s == 2e-4  # qubit 1


def test_the_test_runs_on_the_median_device(devices):
    assert str(central_noise(settings(), CIRCUIT)) == "c.toml"
    assert str(central_noise(settings(clients__count=2), CIRCUIT)) == "a.toml"
    plain = Settings.from_flat({"engine": "pennylane", "noise.readout": 0.02, "noise.spread": 0.5})
    assert central_noise(plain, CIRCUIT) == NoiseModel(readout=0.02) != noise_of(plain, 1, 1)


def test_every_clients_calibration_is_looked_at_before_anybody_starts(devices):
    (devices / "b.toml").write_text(TEXT.format(2))
    with pytest.raises(ConfigError, match=r"b\.toml: gates\[0\]\.error = 2"):
        central_noise(settings(), CIRCUIT)
    with pytest.raises(ConfigError, match=r"a\.toml calibrates 2 qubits, and the circuit has 1"):
        central_noise(settings(noise__qubits="", clients__count=1), CIRCUIT)


def test_the_digest_is_of_the_contents(devices):
    before = calibration_digest("devices")
    (devices / "b.toml").write_text(TEXT.format(2e-3))
    assert len(before) == 64 and calibration_digest("devices") != before and calibration_digest("") == ""


@pytest.mark.parametrize(
    ("changes", "says"),
    [
        ({"noise.depolarising": 0.1}, r"noise\.depolarising = 0\.1 is of noise of one strength"),
        (
            {"noise.spread": 0.1},
            r"noise\.spread = 0\.1 is of noise of one strength, and noise\.calibration says it all",
        ),
        ({"noise.model": "a.py:make"}, "two descriptions of the same noise"),
        ({"noise.calibration": "", "noise.qubits": "1"}, r"noise\.qubits says which qubits of noise\.calibration"),
        ({"noise.qubits": "1,1"}, r"noise\.qubits = '1,1': expected different qubits"),
        ({"noise.qubits": "0,-1"}, r"noise\.qubits = '0,-1': expected different qubits"),
        ({"noise.qubits": "a"}, r"noise\.qubits = 'a': expected different qubits"),
        (
            {"noise.calibration": "", "noise.qubits": "", "noise.model": "make"},
            r"noise\.model = 'make': expected a file",
        ),
        ({"engine": "exact"}, 'noise and shots need engine = "pennylane"'),
    ],
)
def test_settings_that_do_not_go_together_are_refused(changes, says):
    with pytest.raises(ConfigError, match=says):
        settings(**changes)


def test_a_model_of_ones_own_tells_no_errors_to_weigh():
    own = {"engine": "pennylane", "noise.model": "a.py:make", "strategy.name": "noise-aware"}
    with pytest.raises(ConfigError, match=r"counts expected errors, and noise\.model tells none"):
        Settings.from_flat(own)


def test_the_cloud_has_no_calibration():
    own = {"engine": "pennylane", "noise.calibration": "devices", "task": "cell_free", "model.name": "edge_plus"}
    with pytest.raises(ConfigError, match="run the cloud exactly"):
        Settings.from_flat(own | {"cell-free.cloud-engine": "pennylane", "clients.count": 4})
