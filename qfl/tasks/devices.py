"""A task on quantum devices: on each client's own in a round, and on one of the clients' mean noise for the test."""

from collections.abc import Callable
from typing import Any

from numpy.typing import NDArray

from qfl.angles import angle_digest
from qfl.config import Settings
from qfl.quantum.circuit import Circuit
from qfl.quantum.noise import NoiseModel, client_noise
from qfl.tasks.federation import DeviceTest, Task

NO_CLIENT = -1  # whose shots the central test draws
CLOUD = -2  # and the cloud of a cell-free network

OnNoise = Callable[[NoiseModel, tuple[int, ...]], Task]
"""The task on a device of some noise, its shots drawn from a seed and a path."""


def device_tasks(settings: Settings, circuit: Circuit, on_noise: OnNoise) -> dict[str, Any]:
    """Return what a federation has of devices, ``on_device`` and ``device_test``; nothing with the exact engine.

    Args:
        settings: A run's.
        circuit: One that is to run, the largest: it is tried before anybody starts.
        on_noise: Makes the task.

    Raises:
        ConfigError: If the device cannot be used here, or cannot run noise.
    """
    if settings.engine == "exact":
        return {}
    from qfl.quantum.devices import qnode

    s, mean = settings, mean_noise(settings)
    qnode(circuit, s.device.name, s.device.shots, mean)

    def on_device(client: int, round_number: int) -> Task:
        noise = client_noise(s.noise, s.seed, client, round_number)
        return on_noise(noise, (s.seed, client, round_number))

    def test_of(angles: NDArray) -> Task:
        return on_noise(mean, (s.seed, NO_CLIENT, int(angle_digest(angles)[:8], 16)))

    return {"on_device": on_device, "device_test": DeviceTest(_name(settings, mean), test_of)}


def mean_noise(settings: Settings) -> NoiseModel:
    """Return the mean noise of the clients' devices, which the server's runs have."""
    return NoiseModel(settings.noise.depolarising, settings.noise.readout)


def _name(settings: Settings, noise: NoiseModel) -> str:
    device = settings.device
    parts = [f"{noise.depolarising:g} depolarising"] if noise.depolarising else []
    parts += [f"{noise.readout:g} readout error"] if noise.readout else []
    parts += [f"{device.shots} shots"] if device.shots is not None else []
    name = "default.mixed" if noise else device.name
    return f"{name} ({', '.join(parts)})" if parts else name
