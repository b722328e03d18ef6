"""SCAFFOLD as a strategy: what it refuses, and what it broadcasts."""

import numpy as np
import pytest
from flwr.app import ConfigRecord
from flwr.clientapp import ClientApp

from qfl.config import Settings
from qfl.errors import ConfigError
from qfl.federation.grids.in_process import InProcessGrid
from qfl.federation.records.messages import CONTROL, to_record
from strategies.registry import make

START = np.zeros(6)


@pytest.mark.parametrize(
    ("flat", "said"),
    [
        ({"train.optimizer": "adam"}, r"needs train\.optimizer = 'sgd' and train\.momentum = 0"),
        ({"train.momentum": 0.5}, r"needs train\.optimizer = 'sgd' and train\.momentum = 0"),
        ({"train.learning-rate": 0.0}, r"needs train\.learning-rate above 0"),
        ({"round.checkpoint-every": 2}, r"checkpoint-every = 2: clients keep numbers .*; use 1"),
    ],
)
def test_what_does_not_go_with_control_variates_is_refused_in_a_sentence(flat, said, layout):
    with pytest.raises(ConfigError, match=said):
        make(Settings.from_flat({"strategy.name": "scaffold", **flat}), layout)


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_after_a_round_in_which_all_went_one_way_the_variate_is_that_gradient(dtype, settings, layout, run_round):
    """Five local steps of 0.05 each down a gradient of -0.4 are 0.1."""
    strategy, config = make(settings("scaffold"), layout), ConfigRecord()
    run_round(strategy, START.astype(dtype), 1, lambda received, client: received + 0.1)
    list(strategy.configure_train(2, to_record(START.astype(dtype)), config, InProcessGrid(ClientApp(), {}, 7)))
    sent = config[CONTROL]
    assert isinstance(sent, bytes)
    np.testing.assert_allclose(np.frombuffer(sent, dtype), -0.4, rtol=1e-6)
