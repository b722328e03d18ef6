"""A quantum processing unit as a scheduler sees it: what it can take, and how long that takes."""

from dataclasses import dataclass
from math import isfinite

from qfl.errors import ConfigError


@dataclass(frozen=True)
class Qpu:
    """One quantum processing unit.

    Args:
        name: Its name, for people.
        qubits: The widest circuit it takes.
        depth: The deepest circuit whose result is still of use, in layers.
        shot_s: Seconds of one repetition, without its layers: reset, readout, delay.
        layer_s: Seconds that each layer of a circuit adds to a repetition.
        setup_s: Seconds before the first shot of a program: loading, compiling.
        free_s: When it is free, in seconds from now.

    Raises:
        ConfigError: If a number is out of its range.

    Example:
        >>> Qpu("heron", qubits=27, depth=100, shot_s=3e-4, setup_s=0.05).seconds(shots=1000, depth=40)
        0.35
    """

    name: str
    qubits: int
    depth: int
    shot_s: float
    layer_s: float = 0.0
    setup_s: float = 0.0
    free_s: float = 0.0

    def __post_init__(self):
        faults = [
            f"QPU {self.name!r}: {name} is {value:g}; give a number {wanted}"
            for name, value, wanted, holds in (
                ("qubits", self.qubits, "from 1 on", self.qubits >= 1),
                ("depth", self.depth, "from 1 on", self.depth >= 1),
                ("shot_s", self.shot_s, "above 0", isfinite(self.shot_s) and self.shot_s > 0),
                ("layer_s", self.layer_s, "of 0 or more", isfinite(self.layer_s) and self.layer_s >= 0),
                ("setup_s", self.setup_s, "of 0 or more", isfinite(self.setup_s) and self.setup_s >= 0),
                ("free_s", self.free_s, "of 0 or more", isfinite(self.free_s) and self.free_s >= 0),
            )
            if not holds
        ]
        if faults:
            raise ConfigError(faults)

    def takes(self, qubits: int, depth: int) -> bool:
        """Return whether a circuit fits."""
        return qubits <= self.qubits and depth <= self.depth

    def per_shot_s(self, depth: int) -> float:
        """Return the seconds of one shot of a circuit of some layers."""
        return self.shot_s + depth * self.layer_s

    def seconds(self, shots: int, depth: int) -> float:
        """Return the seconds of one program: set-up and shots."""
        return self.setup_s + shots * self.per_shot_s(depth)
