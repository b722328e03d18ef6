"""The Flower strategy around a pure rule."""

import numpy as np
import pytest
from flwr.app import ConfigRecord, Message

from qfl.aggregation.circular import circular_mean
from qfl.aggregation.delta import delta_mean
from qfl.angles import TWO_PI, AngleLayout
from qfl.federation.records.messages import metric_names, reply_content, to_record
from qfl.federation.strategy.angle_strategy import AngleStrategy

LAYOUT = AngleLayout(tuple("abcd"), (TWO_PI,) * 4)


@pytest.fixture
def one_round(echo_grid):
    """Give a round of three clients, client k moving every angle by (k + 1) / 10."""

    def run(strategy, start):
        grid = echo_grid(3)
        messages = strategy.configure_train(1, to_record(start), ConfigRecord(), grid)
        return strategy.aggregate_train(1, list(grid.send_and_receive(messages)))

    return run


def test_it_gives_flower_the_angles_and_the_mean_metrics(one_round):
    record, metrics = one_round(AngleStrategy(delta_mean, LAYOUT, learning_rate=0.5), np.ones(4))
    np.testing.assert_allclose(record["angles"].numpy(), 1.1, rtol=1e-12)
    assert metrics["loss"] == pytest.approx(0.5)
    assert "num-examples" not in metrics


def test_it_keeps_the_diagnostics_of_the_last_round_only(one_round):
    strategy = AngleStrategy(circular_mean, LAYOUT)
    one_round(strategy, np.ones(4))
    expected = abs(np.mean(np.exp(1j * np.array([0.1, 0.2, 0.3]))))
    assert strategy.diagnostics["resultant_min"] == pytest.approx(expected)
    assert strategy.aggregate_train(2, []) == (None, None)
    assert strategy.diagnostics == {}


def test_it_passes_parameters_and_client_metrics_to_the_rule(one_round):
    seen = {}

    def rule(received, updates, weights, layout, **parameters):
        seen.update(parameters, weights=weights, layout=layout)
        return delta_mean(received, updates, weights, layout)

    one_round(AngleStrategy(rule, LAYOUT, client_metrics=("noise",), min_resultant=0.2), np.ones(4))
    assert seen.pop("layout") is LAYOUT
    np.testing.assert_array_equal(seen.pop("noise"), [0.5] * 3)
    np.testing.assert_array_equal(seen.pop("weights"), [2.0] * 3)
    assert seen == {"learning_rate": 1.0, "min_resultant": 0.2}


def test_it_computes_in_double_and_answers_in_the_precision_of_the_broadcast(ask):
    dtypes = []

    def rule(received, updates, weights, layout, **parameters):
        dtypes.extend((received.dtype, updates.dtype, weights.dtype))
        return delta_mean(received, updates, weights, layout)

    strategy = AngleStrategy(rule, LAYOUT)
    strategy.broadcast = np.zeros(4, np.float32)
    metrics = dict.fromkeys(metric_names("accuracy"), 1)
    replies = [
        Message(reply_content(np.full(4, k, np.float32), metrics, b"", ""), reply_to=m) for k, m in enumerate(ask(2))
    ]
    record, _ = strategy.aggregate_train(1, replies)
    assert dtypes == [np.float64] * 3
    assert record["angles"].numpy().dtype == np.float32
