"""SQM-GNN: message passing by star circuits with a message and an update unitary, to transmit powers of D2D pairs.

The network is `qfl.models.star_gnn`; U_MSG meets every neighbour and its edge, then U_UPD every neighbour and the
centre. The paper prints neither gates, heads, layers nor readout. Where ours differs from its text:

- U_UPD is ``gated`` (`qfl.quantum.blocks`): the edge qubit, which the paper drops after U_MSG, decides with its
  neighbour whether the centre turns. So a weak edge can silence every neighbour and a strong one let them speak.
  ``update = "cartan"`` is the general unitary on the paper's two qubits.
- Every star has all neighbours, not k drawn ones, and is subsampled above six (`qfl.models.star_gnn`).
- The encoding is scaled by perceptrons, as in the authors' public code, the centre is measured in X, Y and Z, and the
  readout sees all layers. The authors' code of 2026-06-02 encodes with RZ alone, which does nothing to |0>: there no
  feature enters the circuit, and the classical path around it does the work.

Reference:
    Giang, Tung, Chien, Hanzo and Hwang, "Scalable quantum message passing graph neural networks for next-generation
    wireless communications", Section III, Fig. 2.
"""

from dataclasses import dataclass

from qfl.config.renamed import old_keywords
from qfl.config.setting import setting
from qfl.models.star_gnn import StarGnn
from qfl.quantum.convolution import Convolution
from qfl.specs import OLD_FORMS


@old_keywords("sqm_gnn")
@dataclass(frozen=True)
class SqmGnn(StarGnn):
    """The model; all settings have defaults.

    Args:
        layers: See `StarGnn`, as for the other settings.
        message: Form of U_MSG, a key of `qfl.quantum.blocks.BLOCKS` with two wires.
        update: Form of U_UPD, likewise, with two wires or three.

    Example:
        >>> model = SqmGnn()  # the paper: 5,925 parameters
        >>> len(model.layout), model.layout.num_angles
        (9273, 480)
    """

    layers: int = 6
    heads: int = 4
    k: int | None = None
    node_hidden: int = 32
    edge_hidden: int = 16
    feature_bound: float = 2.0
    neighbour_subsampling: int = 6
    message: str = setting("cartan", "form of U_MSG", renamed=OLD_FORMS)
    update: str = setting("gated", "form of U_UPD", renamed=OLD_FORMS)

    @property
    def convolution(self) -> Convolution:
        """U_MSG and U_UPD."""
        return Convolution(self.message, self.update)
