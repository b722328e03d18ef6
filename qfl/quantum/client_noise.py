"""Which noise a client's device has in a round: mean strengths that vary, a calibration, or a model of one's own."""

import hashlib

from qfl.config import Settings
from qfl.quantum.calibrated import CalibratedNoise
from qfl.quantum.calibration_files import calibration_files, read_calibration
from qfl.quantum.circuit import Circuit
from qfl.quantum.noise import Noise, NoiseModel, client_noise
from qfl.quantum.own_noise import own_noise

SERVER = -1  # whose device the central test runs on


def noise_of(settings: Settings, client: int, round_number: int) -> Noise:
    """Return the noise of one client in one round; the same arguments give the same noise.

    Calibrations are dealt to the clients in turn: of n files client k has number k modulo n.

    Args:
        settings: A run's.
        client: Partition id.
        round_number: The round, at least 0.

    Raises:
        ConfigError: If a calibration or a model of one's own is refused.

    Example:
        >>> noise_of(Settings.from_flat({"engine": "pennylane", "noise.readout": 0.02}), 3, 1)
        NoiseModel(depolarising=0.0, readout=0.02)
    """
    if settings.noise.calibration:
        files = calibration_files(settings.noise.calibration)
        return _calibrated(settings, client % len(files))
    if settings.noise.model:
        return own_noise(settings.noise, settings.seed, client, round_number)
    return client_noise(settings.noise, settings.seed, client, round_number)


def central_noise(settings: Settings, circuit: Circuit) -> Noise:
    """Return the noise of the server's test, after every client's has been found to fit the circuit.

    It is that of the mean strengths; of several calibrations the one whose expected errors are the median; of a model
    of one's own, what it gives for client -1.

    Args:
        settings: A run's.
        circuit: What is to run.

    Raises:
        ConfigError: As `noise_of`, or if a calibration does not fit the circuit.
    """
    if settings.noise.calibration:
        count = min(len(calibration_files(settings.noise.calibration)), settings.clients.count)
        every = [_calibrated(settings, number) for number in range(count)]
        for own in every:
            own.steps(circuit)
        return sorted(every, key=lambda own: own.expected_errors(circuit))[(count - 1) // 2]
    if settings.noise.model:
        return own_noise(settings.noise, settings.seed, SERVER, 0)
    return NoiseModel(settings.noise.depolarising, settings.noise.readout)


def calibration_digest(given: str) -> str:
    """Return the SHA-256 of the files of ``noise.calibration``, names and contents; empty for none."""
    digest = hashlib.sha256()
    for path in calibration_files(given) if given else ():
        digest.update(f"{path.name}\0{read_calibration(path)!r}\n".encode())
    return digest.hexdigest() if given else ""


def _calibrated(settings: Settings, number: int) -> CalibratedNoise:
    found = read_calibration(calibration_files(settings.noise.calibration)[number])
    chosen = settings.noise.qubits
    return CalibratedNoise(found.on_qubits(tuple(map(int, chosen.split(",")))) if chosen else found)
