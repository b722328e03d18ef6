"""Federated learning whose clients are quantum circuits, on Flower, PennyLane and torch.

The names in ``__all__`` are the public face: ``qfl.Settings``, ``qfl.Circuit``, ``qfl.solve``, ... Each is imported
when it is first asked for, so importing the package loads neither torch nor Flower. What else is public stands in the
package of its subject.

Importing this package asks OpenMP to let idle threads sleep (``OMP_WAIT_POLICY=PASSIVE``) unless the environment names
a policy: where other programs use the cores, threads that spin wait for one another, and training takes several times
as long. OpenMP reads it when torch is loaded, so it does nothing where torch was imported first; import qfl before
torch, or set it in the shell, or call ``torch.set_num_threads(1)``.

Example:
    >>> import qfl
    >>> qfl.Settings.from_flat({"rounds": 3}).rounds
    3
"""

import os
from typing import TYPE_CHECKING

from qfl.lazy import attributes
from qfl.moved import install

if TYPE_CHECKING:
    from qfl.aggregation.circular import circular_mean
    from qfl.angles import AngleLayout, angle_digest
    from qfl.api.run import Run, run
    from qfl.api.sweep import Sweep, sweep
    from qfl.config import Settings
    from qfl.errors import ConfigError, DataError, QflError, Rejection, RoundFailed, UserError
    from qfl.models.circuit_layer import CircuitLayer
    from qfl.quantum.circuit import Circuit, Gate
    from qfl.quantum.devices import on_device
    from qfl.quantum.exact import expectations
    from qfl.quantum.observables import PauliSum
    from qfl.quantum.pennylane_reading import from_pennylane
    from qfl.quantum.pennylane_writing import pennylane_source, to_pennylane
    from qfl.quantum.qasm_reading import from_qasm
    from qfl.quantum.qasm_writing import to_qasm
    from qfl.results import RunFolder
    from qfl.scheduling.bounds import bound
    from qfl.scheduling.problem import Problem, Schedule
    from qfl.scheduling.solution import Solution
    from qfl.scheduling.solvers.registry import solve
    from qfl.seeds import stream
    from qfl.tasks.build import build
    from qfl.tasks.federation import Federation
    from qfl.tasks.local import train_clients
    from qfl.trained.model import TrainedModel, load_model
    from qfl.wireless.scenario import UplinkScenario
    from qfl.wireless.uplink import draw

__version__ = "0.1.0"

__all__ = [
    "AngleLayout",
    "Circuit",
    "CircuitLayer",
    "ConfigError",
    "DataError",
    "Federation",
    "Gate",
    "PauliSum",
    "Problem",
    "QflError",
    "Rejection",
    "RoundFailed",
    "Run",
    "RunFolder",
    "Schedule",
    "Settings",
    "Solution",
    "Sweep",
    "TrainedModel",
    "UplinkScenario",
    "UserError",
    "angle_digest",
    "bound",
    "build",
    "circular_mean",
    "draw",
    "expectations",
    "from_pennylane",
    "from_qasm",
    "load_model",
    "on_device",
    "pennylane_source",
    "run",
    "solve",
    "stream",
    "sweep",
    "to_pennylane",
    "to_qasm",
    "train_clients",
]

os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")
install()
__getattr__, __dir__ = attributes(__name__)
