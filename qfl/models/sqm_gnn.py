"""SQM-GNN: message passing by star circuits with a message and an update unitary, to transmit powers of D2D pairs.

The network is `qfl.models.star_gnn`; U_MSG meets every neighbour and its edge, then U_UPD every neighbour and the
centre. The paper prints neither gates, heads, layers nor readout. Unlike its text, the encoding is scaled by trained
weights (the authors' public code has perceptrons there), the centre is measured in X, Y and Z, and the readout sees all
layers. The authors' code of 2026-06-02 encodes with RZ alone, which does nothing to |0>: there no feature enters the
circuit, and the classical path around it does the work.

Reference:
    Giang, Tung, Chien, Hanzo and Hwang, "Scalable quantum message passing graph neural networks for next-generation
    wireless communications", Section III, Fig. 2.
"""

from dataclasses import dataclass

from qfl.models.star_gnn import StarGnn
from qfl.quantum.convolution import Convolution


@dataclass(frozen=True)
class SqmGnn(StarGnn):
    """The model; all settings have defaults.

    Args:
        layers: See `StarGnn`, as for the other settings.
        message: Form of U_MSG, a key of `qfl.quantum.blocks.BLOCKS` with two wires.
        update: Form of U_UPD, likewise.

    Example:
        >>> model = SqmGnn()  # the paper: 5,925 parameters
        >>> len(model.layout), model.layout.num_angles
        (5361, 816)
    """

    message: str = "cartan"
    update: str = "cartan"

    @property
    def convolution(self) -> Convolution:
        """U_MSG and U_UPD."""
        return Convolution(self.message, self.update)
