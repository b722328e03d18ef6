"""The channels of a federation: who draws them, who holds which part, and the assignment that goes with them."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

import numpy as np
import torch
from jaxtyping import Float, Int
from torch import Tensor

from qfl.models.vqc import Execute
from qfl.tasks.cell_free.cloud import CloudTraining, assign
from qfl.tasks.cell_free.task import Batch, Test
from qfl.wireless.cell_free.channel import Channels, draw
from qfl.wireless.cell_free.network import CellFree

TRAINING, TEST = 0, 1  # channels that the cloud assigns


@dataclass(frozen=True, eq=False)
class CellFreeSamples:
    """Training channels of all access points; sample ``m * count + i`` is access point m's own part of channel i.

    Args:
        network: What is drawn.
        seed: Of the run.
        count: Training channels.
        test_count: Channels of the central test, which are fresh.
        method: How the cloud assigns, see `qfl.tasks.cell_free.cloud.METHODS`.
        csi: What the access points upload for it: ``full`` or ``gains``.
        training: How the cloud is trained.
        best_of: Likeliest assignments that the cloud rates before it takes the best.
        dtype: Real precision of weights; channels come in the complex type of twice its size.
        heard: The cloud's assignment as it was broadcast; None asks the cloud in this process.
        cloud_device: Makes, for the training channels (0) or the test (1), where the trained cloud's circuit runs; None
            is the exact engine. The same channels draw the same shots.
    """

    network: CellFree
    seed: int
    count: int
    test_count: int
    method: str
    csi: str
    training: CloudTraining
    best_of: int
    dtype: torch.dtype
    heard: Int[Tensor, "sample ap"] | None = None
    cloud_device: Callable[[int], Execute] | None = None

    @cached_property
    def channels(self) -> Channels:
        """All training channels: a simulation draws them whole, an access point reads its own part of ``known``."""
        return draw(self.network, self.seed, self.count, "edge")

    @cached_property
    def user(self) -> Int[Tensor, "sample ap"]:
        """The cloud's assignment of the training channels."""
        return self.assignment(self.channels, TRAINING) if self.heard is None else self.heard

    def assignment(self, channels: Channels, purpose: int) -> Int[Tensor, "sample ap"]:
        """Ask the cloud, for the training channels or for the test."""
        own = self.network, channels, self.csi, self.seed, self.training, self.best_of
        return assign(self.method, *own, self.cloud_device(purpose) if self.cloud_device else None)

    def take(self, index: Int[Tensor, "client sample"], weight: Float[Tensor, "client sample"]) -> Batch:
        """Return samples by index; a row holds those of one access point."""
        sample, ap = index % self.count, index // self.count
        return Batch(self._complex(self.channels.known[sample, ap]), self.user[sample, ap], ap[:, 0], weight)

    def test(self) -> Test:
        """Return the network's test, assigned by the cloud."""
        channels = draw(self.network, self.seed, self.test_count, "test")
        return Test(self._complex(channels.true), self._complex(channels.known), self.assignment(channels, TEST))

    def announce(self) -> dict[str, Any]:
        """Return what the server broadcasts with every round, signed: line 6 of Algorithm 1, a byte a decision."""
        return {"assignment": self.user.to(torch.uint8).numpy().tobytes()}

    def receive_broadcast(self, announced: dict[str, Any]) -> "CellFreeSamples":
        """Return these samples with the assignment that was broadcast.

        Raises:
            ValueError: If it is none.
        """
        given, shape = announced.get("assignment"), (self.count, self.network.num_aps)
        if not isinstance(given, bytes) or len(given) != shape[0] * shape[1]:
            raise ValueError(f"expected an assignment of {shape[0] * shape[1]} bytes under 'assignment'")
        user = torch.from_numpy(np.frombuffer(given, np.uint8).reshape(shape).astype(np.int64))
        if user.max() >= self.network.num_users:
            raise ValueError(f"the assignment names user {int(user.max())} of {self.network.num_users}")
        heard = replace(self, heard=user)
        heard.__dict__["channels"] = self.channels  # drawn once for all rounds
        return heard

    def _complex(self, channel: Tensor) -> Tensor:
        return channel.to(torch.complex128 if self.dtype == torch.float64 else torch.complex64)


def upload_bytes(network: CellFree, csi: str) -> int:
    """Return what one access point tells the cloud of one channel, in bytes of single precision.

    With ``full`` the cloud learns every user's channel, from which places and movements can be told; ``gains`` are
    K slowly changing numbers, of which distances can be told and nothing else.

    Example:
        >>> upload_bytes(CellFree(), "full"), upload_bytes(CellFree(), "gains")
        (48, 12)
    """
    numbers = 2 * network.num_antennas if csi == "full" else 1
    return 4 * numbers * network.num_users
