"""The first QGNN: star circuits with one unitary, shared by all leaves, on centre, leaf and edge.

The network is `qfl.models.star_gnn`. The unitary on three qubits is traced out leaf by leaf as in SQM-GNN: one
trilinear map of Bloch vectors per leaf, exact in O(k). The paper prints no gates; ours is a general two-qubit unitary
on each of the three pairs of qubits. Its example, four nodes with two features each on seven qubits, is k = 3 here.

Reference:
    Giang, Tung and Hwang, "D2D power allocation via quantum graph neural network", Section III, Fig. 1.
"""

from dataclasses import dataclass

from qfl.models.star_gnn import StarGnn
from qfl.quantum.convolution import Convolution


@dataclass(frozen=True)
class Qgnn(StarGnn):
    """The model; all settings have defaults.

    Args:
        layers: See `StarGnn`, as for the other settings.
        unitary: Form of the unitary, a key of `qfl.quantum.blocks.BLOCKS` with three wires.

    Example:
        >>> model = Qgnn(k=3)
        >>> len(model.layout), model.layout.num_angles
        (5721, 1176)
    """

    unitary: str = "triangle"

    @property
    def convolution(self) -> Convolution:
        """One unitary per leaf."""
        return Convolution(self.unitary)
