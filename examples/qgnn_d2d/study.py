"""What is measured again of the first QGNN paper."""

from qfl.studies.examples import Example

STUDIES = {
    "fig2": Example("the first QGNN's learning curves, 300 realisations", "fig2.toml", "fig2", ("sqm_gnn",)),
}
