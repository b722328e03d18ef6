"""One client moves the mean by no more than the periods and its share of the data let it."""

from math import inf, pi

import numpy as np
import pytest

from qfl.angles import AngleLayout
from qfl.config import RoundSettings
from qfl.federation.client import train
from qfl.federation.grids.caps import caps_of, longest_update
from qfl.tasks.local import ClientUpdate


def spoiled(monkeypatch, change):
    """Let client 0 sign what ``change`` makes of its update."""
    whole = ClientUpdate.__init__

    def init(self, client, *rest):
        whole(self, client, *(change(*rest) if client == 0 else rest))

    monkeypatch.setattr(ClientUpdate, "__init__", init)


def far(angles, *rest):
    return angles + 1e14, *rest


def heavy(angles, num_examples, *rest):
    return angles, 10**5, *rest


def reasons(folder):
    return {row["client"]: row["reason"] for row in folder.clients() if row["reason"]}


@pytest.mark.parametrize(("change", "reason"), [(far, "norm-cap"), (heavy, "weight-cap")])
@pytest.mark.parametrize("model", ["vqc", "mlp"])
def test_a_client_that_goes_too_far_or_claims_too_much_is_rejected_by_itself(
    change, reason, model, small, federate, monkeypatch
):
    spoiled(monkeypatch, change)
    folder = federate(small(rounds=1, model__name=model))
    assert reasons(folder) == {0: reason}
    assert folder.rounds()[1]["update_norm"] < 100


def test_zero_lifts_the_caps_on_purpose(small, federate, monkeypatch):
    spoiled(monkeypatch, far)
    folder = federate(small("far", rounds=1, round__max_norm=0.0))
    assert reasons(folder) == {} and folder.rounds()[1]["update_norm"] > 1e13
    monkeypatch.undo()
    spoiled(monkeypatch, heavy)
    assert reasons(federate(small("heavy", rounds=1, round__max_examples=0))) == {}


def test_a_number_is_the_cap_of_all(small, federate):
    folder = federate(small(rounds=1, round__max_examples=150, round__quorum=0.0))
    claims = {row["client"]: row["num_examples"] for row in folder.clients() if row["num_examples"]}
    assert claims and max(claims.values()) <= 150 and set(reasons(folder).values()) <= {"num-examples", "weight-cap"}
    assert train


def test_the_longest_update_is_a_period_of_every_angle_and_ten_of_every_weight():
    layout = AngleLayout(("a", "b", "c"), (2 * pi, 4 * pi, inf))
    assert longest_update(layout) == pytest.approx(np.sqrt((2 * pi) ** 2 + (4 * pi) ** 2 + 100))
    caps = caps_of(RoundSettings(max_norm=2.5, max_examples=7), layout, [[1]])
    assert (caps.norm, caps.claim(0), caps.claim(5)) == (2.5, 7, 7)
    assert caps_of(RoundSettings(max_norm=0.0, max_examples=0), layout, [[1]]).claim(0) == inf
