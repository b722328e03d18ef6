"""A PennyLane noise model of the user's own: a function that makes one for a client and a round, or the model itself.

::

    def make(client, round_number, seed, strength=0.01):      # asks for what it needs; strength is [noise.my]
        noisy = qml.noise.partial_wires(qml.DepolarizingChannel, strength)
        return qml.NoiseModel({qml.noise.op_in([qml.RX, qml.RY]): noisy})

Client -1 and round 0 are the server's test.
"""

# pyright: reportMissingTypeStubs=false, reportUnknownMemberType=false, reportUnknownVariableType=false
# (PennyLane has no type stubs)

from dataclasses import dataclass
from typing import Any

from qfl.config import NoiseSettings
from qfl.config.private import unfold
from qfl.errors import ConfigError
from qfl.extend import load_own
from qfl.own_calls import call_own
from qfl.quantum.channels import Channel
from qfl.quantum.circuit import Circuit, Gate

KEY = "noise.model"


@dataclass(frozen=True, eq=False)
class PennyLaneNoise:
    """A PennyLane noise model, which `qfl.quantum.devices` adds to the program of a circuit.

    Args:
        model: A ``pennylane.NoiseModel``.
        name: Where it is from.
    """

    model: Any
    name: str = ""

    def __bool__(self) -> bool:
        return True

    @property
    def reads(self) -> bool:
        """Whether it has noise of measurements, too."""
        return bool(self.model.meas_map)

    def steps(self, circuit: Circuit) -> tuple[Gate | Channel, ...]:
        """Return the gates alone: what is between them, PennyLane adds."""
        return circuit.gates

    def expected_errors(self, circuit: Circuit) -> float:
        """Return 0: nobody says how many errors a model of one's own makes."""
        return 0.0 * circuit.num_qubits

    def __str__(self) -> str:
        return self.name


def own_noise(settings: NoiseSettings, seed: int, client: int, round_number: int) -> PennyLaneNoise:
    """Return the noise of one client in one round that the user's own object gives.

    Args:
        settings: With ``model``, a reference to a ``pennylane.NoiseModel``, or to a function of any of ``client``,
            ``round_number`` and ``seed`` that returns one.
        seed: The run's seed.
        client: Partition id; -1 for the server's test.
        round_number: The round; 0 for the server's test.

    Raises:
        ConfigError: If it cannot be loaded, ends in an error, or gives something else.
    """
    import pennylane as qp

    found = load_own(settings.model, KEY)
    if callable(found) and not isinstance(found, qp.NoiseModel):
        given = {"client": client, "round_number": round_number, "seed": seed}
        found = call_own(found, KEY, given, unfold(settings.my))
    if not isinstance(found, qp.NoiseModel):
        raise ConfigError(
            f"{KEY} = {settings.model!r} gives {type(found).__name__}; give a pennylane.NoiseModel, or a function that "
            "returns one"
        )
    return PennyLaneNoise(found, settings.model)
