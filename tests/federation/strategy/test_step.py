"""The server's step size by round."""

import pytest
from flwr.serverapp.strategy import FedAdam, FedAvg

from qfl.angles import AngleLayout
from qfl.config import Settings
from qfl.federation.strategy.step import own_step, set_round
from strategies.registry import make


@pytest.mark.parametrize(
    ("name", "own"), [("delta", 1.0), ("fedadam", 0.1), ("fedyogi", 0.01), ("fedadagrad", 0.1), ("fedavgm", 0.1)]
)
def test_zero_takes_the_strategys_own_step_and_any_other_number_is_taken(name, own):
    layout, flat = AngleLayout(("a",), (6.28,)), {"strategy.name": name}
    assert own_step(make(Settings.from_flat(flat), layout)) == pytest.approx(own)
    assert own_step(make(Settings.from_flat(flat | {"strategy.learning-rate": 0.3}), layout)) == 0.3


def test_rounds_may_be_set_in_any_order():
    """The step follows from the round, not from earlier calls: a resumed run continues the schedule."""
    settings = Settings.from_flat({"strategy.name": "fedadam", "strategy.schedule": "cosine", "rounds": 2})
    strategy = FedAdam()
    for round_number, expected in ((2, 0.1 * 0.1464466), (1, 0.1 * 0.8535534), (2, 0.1 * 0.1464466)):
        set_round(strategy, settings, round_number, 0.1)
        assert strategy.eta == pytest.approx(expected)


def test_a_strategy_without_a_step_is_left_alone():
    strategy = FedAvg()
    before = dict(vars(strategy))
    set_round(strategy, Settings.from_flat({"strategy.schedule": "cosine"}), 3, own_step(strategy))
    assert vars(strategy) == before
