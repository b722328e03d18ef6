"""Clients that misbehave in a real deployment: nothing ends, nothing is accepted, and every refusal has its reason.

One fleet serves all: clients 0 and 1 are honest, 2 does something else in every round, 3 has no key or another's name,
4 has a wrong clock, and 5 knows a newer roster than the server. What the front refuses is in ``test_front.py``.
"""

import os

import numpy as np
import pytest

from qfl.config import Settings
from qfl.security import membership
from qfl.tasks.build import build
from qfl.tasks.local import train_clients

pytestmark = pytest.mark.deployment
HONEST = ("accepted", None)


@pytest.fixture(scope="module")
def fleet(make_rogue_fleet):
    fleet = make_rogue_fleet(6)
    with pytest.MonkeyPatch.context() as patch:
        fleet.up("server")
        for client in (0, 1, 2, 3, 5):
            fleet.up(f"nodes/{client}")
        patch.setenv("QFL_TEST_CLOCK", "3600")
        with pytest.raises(Exception, match="node-4 ended while starting"):
            fleet.up("nodes/4")
    return fleet


@pytest.fixture(scope="module")
def first(fleet):
    """A run of one round; client 2 keeps its reply, client 3 is a stranger."""
    fleet.hook(2, r1={"kind": "keep", "name": "other-run"})
    fleet.hook(3, r0={"kind": "stranger"})
    run = fleet.run("first", rounds=1, round__quorum=0.3)
    run.end()
    return run


ROUNDS = {
    "r1": {"kind": "keep", "name": "last-round"},
    "r2": {"kind": "replay", "name": "last-round"},
    "r3": {"kind": "replay", "name": "other-run"},
    "r4": {"kind": "tamper"},
    "r5": {"kind": "source"},
    "r6": {"kind": "oversize", "bytes": 12_000_000},
}
REASONS = {
    1: HONEST,
    2: ("rejected", "wrong-round"),
    3: ("rejected", "wrong-run"),
    4: ("rejected", "tensor-digest"),
    5: ("rejected", "stale-source"),
}


@pytest.fixture(scope="module")
def second(fleet, first):
    """A run of six rounds; client 2 does something else in each, client 3 says that it is client 0."""
    fleet.hook(2, **ROUNDS)
    fleet.hook(3, r0={"kind": "impostor", "claims": 0})
    authority = fleet.path / "authority" / "keys"
    membership.revoke(authority, 4, 1000)
    os.replace(fleet.node(5) / "keys" / "roster.cbor", fleet.node(5) / "keys" / "roster.old")
    (fleet.node(5) / "keys" / "roster.cbor").write_bytes((authority / "roster.cbor").read_bytes())
    run = fleet.run("second", rounds=6, round__quorum=0.3, round__deadline_s=90)
    run.end(600)
    return run


def test_honest_clients_are_accepted_in_every_round(first, second):
    assert all(first.clients(1)[client] == HONEST for client in (0, 1, 2))
    assert all(second.clients(number)[client] == HONEST for number in range(1, 7) for client in (0, 1))


@pytest.mark.parametrize("number", REASONS)
def test_a_replayed_tampered_or_foreign_update_is_refused_with_its_reason(second, number):
    assert second.clients(number)[2] == REASONS[number]


def test_an_oversized_update_stops_at_the_front_and_the_round_ends(fleet, second):
    status, reason = second.clients(6)[2]
    assert (status, reason) in {("missing", "deadline"), ("failed", "message-unavailable")}
    assert "413" in fleet.log("front") and second.rounds()[6]["seconds"]["total"] < 150


def test_whoever_is_not_enrolled_is_not_asked(first):
    (refusal,) = first.folder.header["roll_call"]
    assert (refusal["claims"], refusal["reason"]) == (3, "unknown-key")
    assert first.clients(1)[3] == ("missing", "not-connected")


def test_whoever_claims_anothers_identity_is_refused_and_the_other_is_not(second):
    (refusal,) = second.folder.header["roll_call"]
    assert (refusal["claims"], refusal["reason"]) == (0, "wrong-client")
    assert second.clients(1)[3] == ("missing", "not-connected") and second.clients(1)[0] == HONEST


def test_a_wrong_clock_is_told_at_the_front_and_the_client_is_missing(fleet, second):
    assert "401 POST /v1/fleet/activate-node: the clock of client 4 is 3600 s fast; set it" in fleet.log("front")
    assert second.clients(1)[4] == ("missing", "not-connected")


def test_a_server_with_an_older_roster_than_the_clients_is_refused_by_the_client(second):
    (row,) = [row for row in second.folder.clients() if row["round"] == 1 and row["client"] == 5]
    assert (row["status"], row["reason"]) == ("failed", "broadcast-refused") and "stale-roster" in row["detail"]


def test_the_angles_are_the_mean_of_the_accepted_updates_and_of_nobody_elses(first):
    accepted = [row["client"] for row in first.folder.clients() if row["status"] == "accepted"]
    assert accepted == [0, 1, 2, 5]
    np.testing.assert_allclose(first.folder.header["final"]["angles"], mean_of(first.folder, accepted), atol=1e-9)


def mean_of(folder, clients):
    """Train these clients here, without Flower, and average their angles by their samples."""
    setup = build(Settings.from_flat(folder.header["settings"]))
    updates = train_clients(setup, setup.model.initial(setup.settings.seed), 1, clients)
    return np.average([u.angles for u in updates], axis=0, weights=[u.num_examples for u in updates])
