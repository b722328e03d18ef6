"""FedQNG as a strategy: what it refuses, and that its rounds are those of clients with the metric."""

import pytest

from qfl.config import Settings
from qfl.errors import ConfigError
from strategies.registry import make


@pytest.mark.parametrize(
    ("flat", "said"),
    [
        ({"model.name": "mlp"}, r"measures the states of a circuit, and model\.name = 'mlp' is none; use 'vqc'"),
        ({"train.optimizer": "adam"}, r"needs train\.optimizer = 'sgd', not 'adam'"),
    ],
)
def test_what_has_no_states_to_measure_is_refused_in_a_sentence(flat, said, layout):
    with pytest.raises(ConfigError, match=said):
        make(Settings.from_flat({"strategy.name": "fedqng", **flat}), layout)
