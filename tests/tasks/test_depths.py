"""Clients of different depth: whose layers are whose, and that a shallow client's work is that of a shallow model."""

import numpy as np
import pytest

from qfl.aggregation.entries import entry_mean
from qfl.config import Settings
from qfl.errors import ConfigError
from qfl.tasks.build import build
from qfl.tasks.depths import at_depth, client_layers
from qfl.tasks.local import train_clients

FLAT = {
    "precision": "double",
    "clients.count": 6,
    "model.layers": 3,
    "model.head": "scale-bias",
    "strategy.name": "heterofl",
}


def setup(**changes):
    return build(Settings.from_flat(FLAT | changes))


@pytest.mark.parametrize(
    "changes", [{}, {"model.encoding": "reupload", "model.qubits": 6}], ids=["amplitude", "reupload"]
)
def test_a_client_of_depth_two_does_what_a_client_of_a_model_of_two_layers_does(changes):
    mixed, shallow = setup(**{"clients.layers": "2,3", **changes}), setup(**{"model.layers": 2, **changes})
    start = mixed.model.initial(1)
    _, own = at_depth(mixed, 2)
    for update in train_clients(mixed, start, 1, range(6)):
        if update.client % 2 == 0:
            (alone,) = train_clients(shallow, start[own], 1, [update.client])
            np.testing.assert_allclose(update.angles[own], alone.angles, atol=1e-12)
            others = np.setdiff1d(np.arange(len(start)), own)
            assert len(others) == 6
            np.testing.assert_array_equal(update.angles[others], start[others])
            assert (update.loss, update.score) == pytest.approx((alone.loss, alone.score))
        else:
            (alone,) = train_clients(setup(**changes), start, 1, [update.client])
            np.testing.assert_allclose(update.angles, alone.angles, atol=1e-12)


def test_only_the_deep_clients_have_a_say_in_the_last_layer():
    s = setup(**{"clients.layers": "1,1,3"})
    start, layout = s.model.initial(1), s.model.layout
    updates = np.stack([update.angles for update in train_clients(s, start, 1, range(6))])
    found = entry_mean(start, updates, np.ones(6), layout)
    last = slice(6, 18)
    np.testing.assert_allclose(found.angles[last] - start[last], (updates[[2, 5]] - start).mean(0)[last], atol=1e-12)
    np.testing.assert_allclose(found.angles[:6] - start[:6], (updates - start).mean(0)[:6], atol=1e-12)
    assert found.diagnostics["fewest_movers"] == 2


def test_depths_are_dealt_out_in_turn_or_one_for_each():
    def dealt(layers):
        return client_layers(Settings.from_flat(FLAT | {"clients.layers": layers}))

    assert dealt("") == () and dealt("3") == (3,) * 6
    assert dealt(" 1, 2,3 ") == (1, 2, 3, 1, 2, 3)
    assert dealt("1,1,2,2,3,3") == (1, 1, 2, 2, 3, 3) and dealt([1, 2, 3]) == (1, 2, 3, 1, 2, 3)


@pytest.mark.parametrize(
    ("layers", "said"),
    [
        ("1,4", r"clients\.layers holds '4'; expected numbers of layers from 1 to model\.layers = 3"),
        ("0", r"holds '0'"),
        ("-1", r"holds '-1'"),
        ("two", r"holds 'two'"),
        ("²", r"holds '²'"),
        ("1,1,1,1,1,1,1", r"has 7 numbers for 6 clients"),
    ],
)
def test_depths_that_cannot_be_are_refused_in_a_sentence(layers, said):
    with pytest.raises(ConfigError, match=said):
        client_layers(Settings.from_flat(FLAT | {"clients.layers": layers}))


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"strategy.name": "fedavg"}, r"clients\.layers needs strategy\.name = 'heterofl'.*, not 'fedavg'"),
        (
            {"model.name": "mlp"},
            r"clients\.layers cuts circuits of model\.name = 'vqc' on engine = 'exact', not of 'mlp'",
        ),
        ({"engine": "pennylane"}, r"on 'pennylane'"),
        ({"train.personal": "bias"}, r"clients\.layers and train\.personal do not go together"),
    ],
)
def test_what_does_not_go_with_depths_is_refused_in_a_sentence(changes, said):
    with pytest.raises(ConfigError, match=said):
        Settings.from_flat(FLAT | {"clients.layers": "1,3"} | changes)


def test_the_task_that_clients_agree_to_names_the_depths_where_there_are_any():
    assert len({setup(**{"clients.layers": each}).digest for each in ("", "1,3", "3,1")}) == 3
