"""How every strategy here is told to take all comers."""

from typing import Any

ANY_FLEET: dict[str, Any] = {
    "fraction_train": 1.0,
    "fraction_evaluate": 0.0,
    "min_train_nodes": 1,
    "min_evaluate_nodes": 0,
    "min_available_nodes": 1,
}
"""Arguments of any Flower strategy: ask every node of the grid, however few, and none for evaluation.

Who takes part is decided outside, by partition id and from the run's seed: Flower's own sampling draws node ids from
Python's global generator. Evaluation is central, on the test set.
"""
