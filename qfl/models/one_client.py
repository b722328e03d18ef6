"""A model that is written for one client, run for many at once: by torch's vmap, or one after the other without it."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from jaxtyping import Float
from numpy.typing import NDArray
from torch import Tensor

from qfl.angles import AngleLayout
from qfl.arrays import checked
from qfl.errors import InputError
from qfl.models.weights import require_entries, require_features
from qfl.quantum.circuit import Circuit

Outputs = Callable[[Tensor, Tensor], Any]
"""Takes entries ``[angle]`` and samples ``[sample feature]``; gives outputs ``[sample label]``."""


@dataclass(frozen=True, eq=False)
class OneClientModel:
    """A model behind the `Model` interface, from its outputs for one client.

    Args:
        outputs: Of entries and samples of one client, in torch operations.
        layout: Names and periods of the entries.
        start: The entries to begin with, from a seed.
        num_features: Length of a sample.
        num_quantum: How many of the entries are angles of a circuit.
        parts: How many entries belong together, in their order: each of these parts must change some output.
        circuit: The circuit inside, where there is one, to be drawn.
        vmapped: Whether `torch.vmap` runs ``outputs`` for all clients at once; else they take turns.
    """

    outputs: Outputs
    layout: AngleLayout
    start: Callable[[int], NDArray[np.float64]]
    num_features: int
    num_quantum: int
    parts: tuple[int, ...]
    circuit: Circuit | None = None
    vmapped: bool = True

    def initial(self, seed: int) -> NDArray[np.float64]:
        """Return the entries that the first round starts from."""
        return self.start(seed)

    @checked(free="angles inputs", mixed=True)
    def logits(
        self, angles: Float[Tensor, "*client angle"], inputs: Float[Tensor, "*client sample feature"]
    ) -> Float[Tensor, "*client sample label"]:
        """Return one number per label, in the precision of the entries."""
        require_entries(angles, len(self.layout))
        require_features(inputs, self.num_features)
        inputs = inputs.to(angles.dtype)
        if angles.ndim == 1:
            found = self.outputs(angles, inputs)
        elif self.vmapped:
            found = torch.vmap(self.outputs)(angles, inputs)
        else:
            each = [self.outputs(own, samples) for own, samples in zip(angles, inputs, strict=True)]
            found = torch.stack(each)
        return _real(found).to(angles.dtype)


def _real(found: Any) -> Tensor:
    if not isinstance(found, Tensor) or found.is_complex():
        kind = found.dtype if isinstance(found, Tensor) else type(found).__name__
        raise InputError(f"outputs are {kind}; give a tensor of real numbers, [sample label]")
    return found
