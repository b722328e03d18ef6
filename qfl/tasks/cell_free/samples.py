"""The channels of a federation: each access point's own, what the cloud was told, and the assignment it gave."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Any

import numpy as np
import torch
from jaxtyping import Complex, Float, Int
from numpy.typing import NDArray
from torch import Tensor

from qfl.models.vqc import Execute
from qfl.tasks.cell_free.cloud import CloudPool, CloudTraining, assign
from qfl.tasks.cell_free.task import Batch, Test
from qfl.tasks.cell_free.uploads import Form, UploadRules
from qfl.wireless.cell_free.channel import Channels, draw
from qfl.wireless.cell_free.network import CellFree

TRAINING, TEST = 0, 1  # channels that the cloud assigns
Uploads = Mapping[int, Mapping[str, NDArray]]
Own = Complex[Tensor, "sample user antenna"]


@dataclass(frozen=True, eq=False)
class CellFreeSamples:
    """Training channels of all access points; sample ``m * count + i`` is access point m's own part of channel i.

    An access point's part is drawn when it is first taken or uploaded, and no other's with it: a client's process holds
    the channels of that client. The cloud knows what was uploaded.

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
        told: What access points uploaded, as the server verified it; None asks all of them in this process.
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
    told: Uploads | None = None
    parts: dict[int, Own] = field(
        default_factory=dict[int, Own], repr=False
    )  # training channels held here, by their owner

    @property
    def rules(self) -> UploadRules:
        """What every access point uploads."""
        return UploadRules(self.network, self.method, self.csi, self.count, self.training.pool)

    def own(self, aps: Sequence[int]) -> Complex[Tensor, "ap sample user antenna"]:
        """Return the training channels of some access points, as they know them; each is drawn once."""
        if absent := [ap for ap in dict.fromkeys(aps) if ap not in self.parts]:
            known = draw(self.network, self.seed, self.count, "edge", absent).known
            self.parts.update({ap: known[:, place].clone() for place, ap in enumerate(absent)})
        return torch.stack([self.parts[ap] for ap in aps])

    def upload(self, client: int) -> dict[str, NDArray]:
        """Return what an access point tells the cloud: lines 2 and 4 of Algorithm 1."""
        return self.rules.upload(self.seed, client)

    def upload_form(self, client: int) -> Form:
        """Return type and shape of each array of `upload`; the same for all."""
        return self.rules.form

    def receive_uploads(self, uploads: Uploads) -> "CellFreeSamples":
        """Return these samples with a cloud that knows what it was told, and nothing else."""
        return replace(self, told=uploads)

    @cached_property
    def uploads(self) -> Uploads:
        """What the cloud was told; in a process that plays all of them, what all access points would tell."""
        return {ap: self.upload(ap) for ap in range(self.network.num_aps)} if self.told is None else self.told

    @cached_property
    def pool(self) -> CloudPool | None:
        """What the cloud's circuit is trained on."""
        return self.rules.training(self.uploads)

    @cached_property
    def user(self) -> Int[Tensor, "sample ap"]:
        """The cloud's assignment of the training channels."""
        return self.assignment(self.rules.assigned(self.uploads), TRAINING) if self.heard is None else self.heard

    def assignment(self, channels: Channels, purpose: int) -> Int[Tensor, "sample ap"]:
        """Ask the cloud, for the training channels or for the test."""
        own = self.network, channels, self.csi, self.seed, self.training, self.best_of
        return assign(self.method, *own, self.cloud_device(purpose) if self.cloud_device else None, self.pool)

    def take(self, index: Int[Tensor, "client sample"], weight: Float[Tensor, "client sample"]) -> Batch:
        """Return samples by index; a row holds those of one access point."""
        sample, ap = index % self.count, index[:, 0] // self.count
        known = self.own(ap.tolist())[torch.arange(len(ap))[:, None], sample]
        return Batch(self._complex(known), self.user[sample, ap[:, None]], ap, weight)

    def test(self) -> Test:
        """Return the network's test, assigned by the cloud; whoever measures a network knows all of it."""
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
        return replace(self, heard=user)  # with the parts that were drawn before

    def _complex(self, channel: Tensor) -> Tensor:
        return channel.to(torch.complex128 if self.dtype == torch.float64 else torch.complex64)


def upload_bytes(network: CellFree, csi: str) -> int:
    """Return what one access point tells the cloud of one channel to be assigned, in bytes of double precision.

    With ``full`` the cloud learns every user's channel, from which places and movements can be told; ``gains`` are
    K slowly changing numbers, of which distances can be told and nothing else.

    Example:
        >>> upload_bytes(CellFree(), "full"), upload_bytes(CellFree(), "gains")
        (96, 24)
    """
    return UploadRules(network, "algorithm4", csi, count=1, pool=0).num_bytes
