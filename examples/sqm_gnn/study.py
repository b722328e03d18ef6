"""What the SQM-GNN paper's tables and figures are, and where each is measured."""

from qfl.studies.examples import Example

STUDIES = {
    "table1": Example("SQM-GNN against WMMSE over pairs and powers", "table1.toml", "table1"),
    "table2": Example("qubits and parameters; all models where they run", "table2.toml", "table2"),
    "table3": Example("large and small star circuits under shots and noise", "table3.toml", "table3"),
    "fig3b": Example("SQM-GNN's learning curves beside WMMSE", "fig3b.toml", "fig3b"),
    "federated": Example("SQM-GNN over D2D regions, central and alone", "federated.toml", "federated"),
}
