"""Separate, shared and clustered edge models: one angle vector with a block of entries for each."""

from dataclasses import dataclass

import numpy as np
import torch
from jaxtyping import Float, Int
from numpy.typing import NDArray
from torch import Tensor

from qfl.angles import AngleLayout
from qfl.models.cloud_edge.edge import Edge
from qfl.quantum.circuit import Circuit

MODES = ("separate", "shared", "clustered")


@dataclass(frozen=True)
class Blocks:
    """Several edge models in one vector; access point m uses block ``block_of[m]`` and moves no other.

    Args:
        edge: The model of every block.
        block_of: Block of each access point.
        num_layers: Layers of the circuit, for reports.

    Example:
        >>> from qfl.models.cloud_edge.edge import make_edge
        >>> from qfl.wireless.cell_free.network import CellFree
        >>> len(Blocks(make_edge("edge_printed", CellFree()), block_of("separate", 4)).layout)
        12
    """

    edge: Edge
    block_of: tuple[int, ...]
    num_layers: int = 1

    @property
    def circuit(self) -> Circuit | None:
        """The circuit of every block."""
        return self.edge.circuit

    @property
    def count(self) -> int:
        """How many blocks there are."""
        return 1 + max(self.block_of)

    @property
    def layout(self) -> AngleLayout:
        """The edge model's entries for each block, named ``block/entry`` (one block alone keeps its names)."""
        own = self.edge.layout
        if self.count == 1:
            return own
        names = tuple(f"{block}/{name}" for block in range(self.count) for name in own.names)
        return AngleLayout(names, own.periods * self.count)

    def initial(self, seed: int) -> NDArray[np.float64]:
        """Return the same start in every block: what differs later, the access points' channels made."""
        return np.tile(self.edge.initial(seed), self.count)

    def own(self, angles: Float[Tensor, "client angle"], ap: Int[Tensor, " client"]) -> Float[Tensor, "client entry"]:
        """Return the block of each client's access point."""
        blocks = angles.unflatten(-1, (self.count, -1))
        return blocks[torch.arange(len(blocks)), torch.tensor(self.block_of)[ap]]


def block_of(mode: str, num_aps: int, num_clusters: int = 2) -> tuple[int, ...]:
    """Return the block of each access point; clusters are neighbours by number, of nearly equal size.

    Args:
        mode: ``separate``, ``shared`` or ``clustered``.
        num_aps: Access points.
        num_clusters: Clusters, 1 or more; more than there are access points count as many.

    Example:
        >>> [block_of(mode, 4) for mode in MODES]
        [(0, 1, 2, 3), (0, 0, 0, 0), (0, 0, 1, 1)]
    """
    count = {"separate": num_aps, "shared": 1, "clustered": min(num_clusters, num_aps)}[mode]
    return tuple(ap * count // num_aps for ap in range(num_aps))
