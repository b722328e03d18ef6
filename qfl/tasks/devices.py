"""A task on quantum devices: on each client's own in a round, and on one of the server's for the test."""

from collections.abc import Callable
from typing import Any

from numpy.typing import NDArray

from qfl.angles import angle_digest
from qfl.config import Settings
from qfl.quantum.circuit import Circuit
from qfl.quantum.client_noise import SERVER, central_noise, noise_of
from qfl.quantum.device_mitigation import mitigation_of
from qfl.quantum.noise import Noise
from qfl.tasks.federation import DeviceTest, Task

NO_CLIENT = SERVER  # whose shots the central test draws
CLOUD = -2  # and the cloud of a cell-free network

OnNoise = Callable[[Noise, tuple[int, ...]], Task]
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

    s, central = settings, central_noise(settings, circuit)
    qnode(circuit, s.device.name, s.device.shots, central)
    mitigation_of(s.device, central)

    def on_device(client: int, round_number: int) -> Task:
        return on_noise(noise_of(s, client, round_number), (s.seed, client, round_number))

    def test_of(angles: NDArray) -> Task:
        return on_noise(central, (s.seed, NO_CLIENT, int(angle_digest(angles)[:8], 16)))

    return {"on_device": on_device, "device_test": DeviceTest(_name(settings, central), test_of)}


def _name(settings: Settings, noise: Noise) -> str:
    device = settings.device
    parts = [str(noise)] if noise else []
    parts += [f"{device.shots} shots"] if device.shots is not None else []
    parts += [f"mitigated by {device.mitigation}"] if device.mitigation != "none" else []
    name = "default.mixed" if noise else device.name
    return f"{name} ({', '.join(parts)})" if parts else name
