"""What is measured again of "Non-Centralized Quantum Neural Networks for Cell-Free MIMO Systems"."""

from qfl.studies.examples import Example

STUDIES = {
    "cellfree-fig4": Example("rates of a cell-free network over SNR", "fig4.toml", "fig4"),
    "cellfree-fig5": Example("the cloud's loss while it trains", "fig5.toml", "training_curves:FIG5"),
    "cellfree-fig6": Example("the access points' loss while they train", "fig6.toml", "training_curves:FIG6"),
    "cellfree-theory": Example("Eq. (21), the lemmas, depth and limits, every reading", "theory.toml", "theory"),
}
