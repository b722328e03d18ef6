"""Which PennyLane devices work here, and opening one.

PennyLane finds devices through the entry points of installed packages. Some of those that it brings cannot run our
circuits: they are for qutrits or light, or need a package that is not there, or only count gates.
"""

# pyright: reportMissingTypeStubs=false, reportUnknownMemberType=false, reportUnknownVariableType=false
# pyright: reportUnknownArgumentType=false
# (PennyLane has no type stubs)

import warnings
from functools import lru_cache
from importlib.metadata import entry_points
from inspect import signature
from math import pi
from typing import Any

from qfl.errors import ConfigError

OWN = {"pennylane", "pennylane_lightning"}  # packages whose simulators can be tried at no cost


def usable_devices() -> dict[str, str | None]:
    """Return every installed PennyLane device with None, or with the reason why it cannot run our circuits.

    PennyLane's own simulators run a small circuit. Other devices are only opened: behind them may be a paid queue.

    Example:
        >>> usable_devices()["default.qubit"] is None
        True
    """
    return {name: _reason(entry) for name, entry in sorted(_installed().items())}


def open_device(name: str, num_qubits: int, seed: int | None = None) -> Any:
    """Return a PennyLane device.

    Args:
        name: PennyLane's name of the device.
        num_qubits: Wires.
        seed: Seed of its shots; left out where the device takes none.

    Raises:
        ConfigError: If it is not installed, does not open or cannot run our circuits, with the devices that do.
    """
    import pennylane as qp

    entry = _installed().get(name)
    if entry is None:
        raise _unusable(name, "no installed package brings it")
    if _is_own(entry) and (reason := _reason(entry)):
        raise _unusable(name, reason)
    seeded = seed is not None and "seed" in signature(entry.load()).parameters
    try:
        return qp.device(name, wires=num_qubits, **({"seed": seed} if seeded else {}))
    except Exception as error:  # a plugin may raise anything
        raise _unusable(name, _sentence(error)) from None


def is_simulator(name: str) -> bool:
    """Return whether a device is one of PennyLane's own, which no queue stands before.

    Example:
        >>> is_simulator("lightning.qubit"), is_simulator("qiskit.remote")
        (True, False)
    """
    entry = _installed().get(name)
    return entry is not None and _is_own(entry)


def _unusable(name: str, reason: str) -> ConfigError:
    usable = ", ".join(device for device, fault in usable_devices().items() if fault is None)
    return ConfigError(f"device.name = {name!r} cannot be used here ({reason}); use one of {usable}")


@lru_cache
def _installed() -> dict[str, Any]:  # EntryPoint, or that of the package importlib_metadata
    return {entry.name: entry for entry in entry_points(group="pennylane.plugins")}


def _is_own(entry: Any) -> bool:
    return entry.module.split(".")[0] in OWN


@lru_cache
def _reason(entry: Any) -> str | None:
    import pennylane as qp

    try:
        device = qp.device(entry.name, wires=2)
        value = _half(device) if _is_own(entry) else 0.5
    except Exception as error:
        return _sentence(error)
    return None if abs(value - 0.5) < 1e-6 else f"it gives {value:g} for an expectation value of 0.5"


def _half(device: Any) -> float:
    """Return <Z> of a qubit rotated by 60 degrees, measured through another."""
    import pennylane as qp

    def program():
        qp.RY(pi / 3, wires=0)
        qp.CNOT(wires=(0, 1))
        return qp.expval(qp.Z(1))

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # devices for qutrits warn before they refuse
        return float(qp.QNode(program, device)())


def _sentence(error: Exception) -> str:
    return " ".join(str(error).split()).rstrip(".") or type(error).__name__
