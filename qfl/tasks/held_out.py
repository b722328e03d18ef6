"""What the server itself makes of a broadcast: a client's steps, on the samples that `data.validation` holds out."""

from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from jaxtyping import Float, Int
from numpy.typing import NDArray
from torch import Tensor

from qfl.errors import ConfigError
from qfl.tasks.classify import Batch
from qfl.tasks.federation import Federation
from qfl.tasks.local import train_clients


@dataclass(frozen=True, eq=False)
class HeldOutSamples:
    """The held-out samples as those of one client.

    Args:
        batch: All of them.
    """

    batch: Batch

    def take(self, index: Int[Tensor, "client sample"], weight: Float[Tensor, "client sample"]) -> Batch:
        """Return some of them by index."""
        return Batch(self.batch.inputs[index], self.batch.labels[index], weight)

    def test(self) -> Any:
        """Return all of them as one batch."""
        return self.batch


def server_update(federation: Federation, received: NDArray, round_number: int) -> NDArray:
    """Return the angles that the server trains from a broadcast, as one more client would, on the exact engine.

    Args:
        federation: Of labelled samples, some of them held out.
        received: The broadcast angle vector, [angle].
        round_number: From 1.

    Raises:
        ConfigError: If nothing is held out.
    """
    batch = federation.validation
    if not isinstance(batch, Batch):
        raise ConfigError("the server has no samples to train on; set data.validation = 0.1, or another share")
    own = replace(
        federation,
        samples=HeldOutSamples(batch),
        parts=(np.arange(len(batch.labels)),),
        on_device=None,
        validation=None,
    )
    (update,) = train_clients(own, received, round_number, [0])
    return update.angles
