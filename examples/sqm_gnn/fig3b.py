"""Fig. 3(b) of SQM-GNN: learning curves beside WMMSE."""

from .learning import Paper, learning
from .replay import replay
from .setups import MEANING

SAYS = "SQM-GNN ends at about 2.6 bps/Hz on test data after 100 epochs, slightly above WMMSE; the GNN at 2.3"

STUDY = learning(Paper(SAYS, MEANING, replay))
