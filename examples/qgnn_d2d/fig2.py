"""Fig. 2 of the first QGNN paper: learning curves beside WMMSE, in the set-ups of SQM-GNN, by the same authors."""

from pathlib import Path

from qfl.studies.examples import member, module_of

SQM_GNN = Path(__file__).parent.parent / "sqm_gnn"
curves = module_of(SQM_GNN, "learning")
SAYS = "QGNN passes WMMSE at epoch 4 and ends near 2.67 bps/Hz, 6 % above the GCN, which ends at WMMSE's level"

STUDY = curves.learning(curves.Paper(SAYS, member(SQM_GNN, "setups:MEANING"), member(SQM_GNN, "replay:replay")))
