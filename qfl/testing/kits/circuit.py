"""What every circuit of a classifier must be: the same whenever it is made, and the same for PennyLane as for us.

::

    assert run(checks(lambda: circuit_of("angle", "ansatz.py:brick", 4, 2, 4, 3))) == []
"""

from collections.abc import Callable, Iterator
from functools import cached_property
from math import pi

import torch
from torch import Tensor

from qfl.quantum.circuit import Circuit
from qfl.quantum.devices import on_device
from qfl.quantum.exact import expectations
from qfl.seeds import stream
from qfl.testing.kits import Check
from qfl.testing.kits.gradient import require_slope

SAMPLES = 2
TOLERANCE = 1e-8


def checks(make: Callable[[], Circuit]) -> Iterator[Check]:
    """Yield what must be true of a circuit.

    Args:
        make: Makes it anew.
    """
    kit = _Kit(make)
    yield "made again, it is the same circuit", kit.again
    yield "its values are those of PennyLane's simulator", kit.pennylane
    yield "gradients for its angles are those of finite differences", kit.gradients
    yield "other angles give other values", kit.angles_matter
    yield "another sample gives other values", kit.samples_matter


class _Kit:
    """The checks of one circuit."""

    def __init__(self, make: Callable[[], Circuit]):
        self.make = make

    @cached_property
    def circuit(self) -> Circuit:
        """The circuit, made once."""
        return self.make()

    def angles(self, number: int = 1) -> Tensor:
        """Return random angles, [angle]."""
        return torch.from_numpy(stream(number, "kit", "angles").uniform(-pi, pi, self.circuit.num_angles))

    def inputs(self, number: int = 1) -> Tensor:
        """Return random samples, [sample feature]."""
        shape = SAMPLES, self.circuit.num_features
        return torch.from_numpy(stream(number, "kit", "samples").uniform(0.1, 1, shape))

    def again(self) -> None:
        assert self.make() == self.circuit, "a second call gives another"

    def pennylane(self) -> None:
        values = expectations(self.circuit, self.angles(), self.inputs())
        other = on_device("default.qubit")(self.circuit, self.angles(), self.inputs())
        error = float((values - other).abs().max())
        assert error <= TOLERANCE, f"they differ by {error:.3g}"

    def gradients(self) -> None:
        require_slope(lambda angles: expectations(self.circuit, angles, self.inputs()).sum(), self.angles())

    def angles_matter(self) -> None:
        self._differ(self.angles(2), self.inputs(), "no value changes with the angles")

    def samples_matter(self) -> None:
        self._differ(self.angles(), self.inputs(2), "no value changes with the sample; encode its features")

    def _differ(self, angles: Tensor, inputs: Tensor, fault: str) -> None:
        before = expectations(self.circuit, self.angles(), self.inputs())
        assert (expectations(self.circuit, angles, inputs) - before).abs().max() > TOLERANCE, fault
