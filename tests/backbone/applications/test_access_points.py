"""The assignment of access points as a request: two of them exactly, more never claimed for more than they are."""

from itertools import product

import dimod
import numpy as np
import pytest

from qfl.backbone.applications.posed import pose
from qfl.errors import ConfigError

POWER = np.random.default_rng(3).exponential(size=(2, 2, 2))


def least_of(model):
    """Return the assignment of least energy, of all."""
    return {v: int(bit) for v, bit in dimod.ExactSolver().sample(model).first.sample.items()}


def rates_by_hand(users, power=POWER, snr=100.0, mu=0.1):
    """Return Eq. (5): what arrives of one's own beams over noise and mu times what arrives of others'."""
    arrives = np.array(
        [[sum(power[m, j, k] for m, of in enumerate(users) if of == j) for k in range(2)] for j in range(2)]
    )
    own = np.diagonal(arrives)
    return np.log2(1 + snr * own / (1 + snr * mu * (arrives.sum(0) - own)))


@pytest.mark.parametrize("objective", ["min_rate", "sum_rate"])
def test_the_least_of_the_model_is_the_best_of_all_assignments_of_two(objective):
    posed = pose("access_points", {"power": POWER.tolist(), "objective": objective})
    answer = posed.read(least_of(posed.model))
    worth = {
        users: getattr(rates_by_hand(users), objective[:3])()
        for users in product(range(2), repeat=2)
        if len(set(users)) == 2
    }
    assert answer["value"] == pytest.approx(max(worth.values())) and answer["value"] >= answer["matching"]
    assert answer["rates"] == pytest.approx(rates_by_hand(answer["users"]))


def test_an_assignment_that_leaves_a_user_out_is_not_feasible():
    posed = pose("access_points", {"power": POWER.tolist()})
    assert not posed.feasible({0: 1, 1: 0, 2: 1, 3: 0}) and not posed.feasible({0: 1, 1: 1, 2: 0, 3: 1})
    assert posed.feasible({0: 1, 1: 0, 2: 0, 3: 1})


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"power": [[1.0]]}, "power is no table, 3 lists deep"),
        ({"power": [[[1.0, 2.0]]]}, "1 beams for 2 users"),
        ({"power": [[[1.0, 2.0], [1.0, 2.0]]]}, "1 access points cannot serve 2 users"),
        ({"objective": "outage"}, "objective is 'outage'"),
        ({"interference": 2.0}, "interference"),
        ({"snr_db": float("inf")}, "snr_db"),
    ],
)
def test_what_is_no_network_is_refused_in_a_sentence(changes, said):
    with pytest.raises(ConfigError, match=said):
        pose("access_points", {"power": POWER.tolist()} | changes)
