"""What access points tell the cloud of their channels, lines 2 and 4 of Algorithm 1, as arrays and back.

========================  =====================================  =====================================================
array                     shape                                  what for
========================  =====================================  =====================================================
``assigned-channel``      sample user antenna, re and im         the channels to be assigned (``csi = "full"``)
``assigned-gain``         sample user                            the same, large-scale gains alone (``csi = "gains"``)
``training-channel``      sample user antenna, re and im         what the cloud's circuit is trained on, if there is one
``training-gain``         sample user                            the same, where it is to assign by gains
========================  =====================================  =====================================================

Numbers travel as they were measured, in double precision. Line 2 of the algorithm wants "complete channel information":
the reward of Eq. (14) is of rates, which gains do not tell. So ``csi = "gains"`` keeps from the cloud the channels that
it assigns, and not those that it was trained on.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from math import prod

import numpy as np
import torch
from jaxtyping import Float64
from numpy.typing import NDArray
from torch import Tensor

from qfl.tasks.cell_free.cloud import TRAINED, CloudPool
from qfl.wireless.cell_free.channel import Channels, draw
from qfl.wireless.cell_free.network import CellFree

Form = dict[str, tuple[str, tuple[int, ...]]]  # type and shape of arrays, by name
ASSIGNED, TRAINING = "assigned", "training"
PURPOSES = {ASSIGNED: "edge", TRAINING: "cloud"}  # of the channels' streams


@dataclass(frozen=True)
class UploadRules:
    """What every access point of a network uploads.

    Args:
        network: Its users and antennas.
        method: How the cloud assigns; a circuit is trained on channels of its own.
        csi: ``full`` or ``gains``: what is told of each channel to be assigned.
        count: Channels to be assigned.
        pool: Channels that a circuit is trained on.
    """

    network: CellFree
    method: str
    csi: str
    count: int
    pool: int

    @property
    def form(self) -> Form:
        """Type and shape of each array of an access point, by name.

        Example:
            >>> UploadRules(CellFree(), "algorithm4", "full", 100, 0).form
            {'assigned-channel': ('float64', (100, 3, 2, 2))}
        """
        return {f"{part}-{kind}": ("float64", self._shape(part, kind)) for part, kind in self._told()}

    @property
    def num_bytes(self) -> int:
        """Bytes of all numbers of an access point."""
        return sum(np.dtype(kind).itemsize * prod(shape) for kind, shape in self.form.values())

    def upload(self, seed: int, ap: int) -> dict[str, NDArray]:
        """Return the arrays of one access point, who draws its own channels and keeps no other's.

        Args:
            seed: Of the run.
            ap: The access point.
        """
        sizes = {ASSIGNED: self.count, TRAINING: self.pool}
        parts = {part: draw(self.network, seed, sizes[part], PURPOSES[part], [ap]) for part, _ in self._told()}
        kinds = {"channel": lambda own: torch.view_as_real(own.known[:, 0]), "gain": lambda own: own.gain[:, 0]}
        return {f"{part}-{kind}": kinds[kind](parts[part]).contiguous().numpy() for part, kind in self._told()}

    def assigned(self, uploads: Mapping[int, Mapping[str, NDArray]]) -> Channels:
        """Return the channels to be assigned, as they were uploaded.

        Args:
            uploads: Arrays of `form` by access point; who told nothing has channels of zero, which reach nobody.
        """
        return self._channels(ASSIGNED, uploads)

    def training(self, uploads: Mapping[int, Mapping[str, NDArray]]) -> CloudPool | None:
        """Return what the cloud's circuit is trained on, as it was uploaded; None where no circuit is trained.

        Args:
            uploads: Arrays of `form` by access point.
        """
        return CloudPool.of(self._channels(TRAINING, uploads)) if self.method in TRAINED else None

    def _told(self) -> Iterator[tuple[str, str]]:
        yield ASSIGNED, "channel" if self.csi == "full" else "gain"
        if self.method in TRAINED:
            yield TRAINING, "channel"
            if self.csi == "gains":
                yield TRAINING, "gain"

    def _channels(self, part: str, uploads: Mapping[int, Mapping[str, NDArray]]) -> Channels:
        """Return the channels of a part; what nobody is asked to tell is not a number, so nobody reckons with it."""
        known = torch.view_as_complex(self._stacked(part, "channel", uploads))
        return Channels(known, known, self._stacked(part, "gain", uploads))

    def _stacked(
        self, part: str, kind: str, uploads: Mapping[int, Mapping[str, NDArray]]
    ) -> Float64[Tensor, "sample ap *rest"]:
        silent = np.full(self._shape(part, kind), 0.0 if (part, kind) in self._told() else np.nan)
        told = [uploads.get(ap, {}).get(f"{part}-{kind}", silent) for ap in range(self.network.num_aps)]
        return torch.from_numpy(np.stack(told, axis=1))

    def _shape(self, part: str, kind: str) -> tuple[int, ...]:
        size, users = {ASSIGNED: self.count, TRAINING: self.pool}[part], self.network.num_users
        return (size, users, self.network.num_antennas, 2) if kind == "channel" else (size, users)
