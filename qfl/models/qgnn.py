"""The first QGNN: star circuits with one unitary, shared by all leaves, on centre, leaf and edge.

The network is `qfl.models.star_gnn`. The unitary on three qubits is traced out leaf by leaf as in SQM-GNN: one
trilinear map of Bloch vectors per leaf, exact in O(k). The paper prints no gates. Ours, ``cartan_gated``, is a general
unitary on edge and leaf, and a turn of the centre if both are then found in |1>. Such turns commute, so the network is,
number for number, SQM-GNN with gated updates, whose gates come in another order. ``triangle``, a general two-qubit
unitary on each of the three pairs of qubits, has more angles and learns much worse. The paper's example, four nodes
with two features each on seven qubits, is k = 3 here.

Reference:
    Giang, Tung and Hwang, "D2D power allocation via quantum graph neural network", Section III, Fig. 1.
"""

from dataclasses import dataclass

from qfl.config.renamed import old_keywords
from qfl.config.setting import setting
from qfl.models.star_gnn import StarGnn
from qfl.quantum.convolution import Convolution
from qfl.specs import OLD_FORMS


@old_keywords("qgnn")
@dataclass(frozen=True)
class Qgnn(StarGnn):
    """The model; all settings have defaults.

    Args:
        layers: See `StarGnn`, as for the other settings.
        unitary: Form of the unitary, a key of `qfl.quantum.blocks.BLOCKS` with three wires.

    Example:
        >>> model = Qgnn(k=3)
        >>> len(model.layout), model.layout.num_angles
        (8337, 480)
    """

    k: int | None = None
    node_hidden: int = 32
    edge_hidden: int = 16
    feature_bound: float = 2.0
    unitary: str = setting("cartan_gated", "form of the unitary", renamed=OLD_FORMS)

    @property
    def convolution(self) -> Convolution:
        """One unitary per leaf."""
        return Convolution(self.unitary)
