"""What client and server must agree on is in the digest, and nothing else is."""

import pytest

from qfl.config import Settings
from qfl.tasks.build import build

BASE = {"model.name": "mlp", "model.hidden": 4, "data.side": 4, "data.partition": "iid", "clients.count": 2}


def digest(**changes):
    return build(Settings.from_flat(BASE | {key.replace("__", "."): value for key, value in changes.items()})).digest


@pytest.mark.parametrize(
    "change",
    [
        {"seed": 2},
        {"precision": "double"},
        {"model.hidden": 5},
        {"model.name": "logistic"},
        {"data.side": 2},
        {"data.partition": "labels"},
        {"train.learning-rate": 0.1},
    ],
)
def test_another_model_training_or_data_is_another_digest(change):
    assert digest(**change) != digest()


@pytest.mark.parametrize(
    "change", [{"data.root": "elsewhere"}, {"rounds": 3}, {"strategy.name": "median"}, {"threads": 1}]
)
def test_what_is_one_ends_own_affair_is_not_in_it(change):
    assert digest(**change) == digest()


def test_samples_that_need_no_announcement_are_heard_as_they_are():
    federation = build(Settings.from_flat(BASE))
    assert federation.announce() == {} and federation.receive_broadcast({"assignment": b"x"}) is federation
