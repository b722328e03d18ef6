"""Runs with attackers: what they send, what the rows say of them, and that honest clients are left alone.

Also covers qfl/federation/attacking/rows.py.
"""

import numpy as np
import pytest

from qfl.errors import ConfigError
from qfl.federation.attacking.attack import attackers_of
from qfl.federation.attacking.rows import with_left_out
from qfl.federation.attacking.training import train_and_attack
from qfl.specs import ATTACKS
from qfl.tasks.build import build
from qfl.tasks.local import train_clients

COUNT = 10
BASE = {"clients__count": COUNT, "data__partition": "iid", "attack__share": 0.3}
ALONE = [name for name, spec in ATTACKS.items() if not spec.colludes]
TARGETED = [name for name, spec in ATTACKS.items() if spec.samples]


def sent(settings, clients=tuple(range(COUNT))):
    federation = build(settings)
    start = federation.model.initial(1)
    found = train_and_attack(federation, start, 1, list(clients))
    return {each.client: each.angles for each in found}, federation, start


@pytest.mark.parametrize("name", ATTACKS)
def test_honest_clients_send_what_they_trained_and_attackers_something_else(name, small):
    many = {"attack__strength": 64.0} if name == "tampering" else {}  # so that some are of leading digits
    settings = small(name, attack__name=name, **BASE, **many)
    found, federation, start = sent(settings)
    honest = {each.client: each.angles for each in train_clients(federation, start, 1, list(range(COUNT)))}
    bad = attackers_of(settings)
    assert len(bad) == 3 and list(found) == list(range(COUNT))
    for client in range(COUNT):
        apart = np.abs(found[client] - honest[client]).max()
        assert apart > 1e-6 or np.isnan(apart) if client in bad else apart < 1e-9, client


@pytest.mark.parametrize("name", ALONE)
def test_attackers_by_themselves_send_the_same_whoever_trains_beside_them(name, small):
    settings = small(name, attack__name=name, **BASE)
    together, _, _ = sent(settings)
    for client in sorted(attackers_of(settings)):
        alone, _, _ = sent(settings, [client])
        np.testing.assert_allclose(alone[client], together[client], atol=1e-9)


def test_before_the_first_round_of_the_attack_nobody_attacks(small):
    settings = small("later", attack__name="sign-flip", attack__first_round=2, **BASE)
    federation = build(settings)
    start = federation.model.initial(1)
    first, second = (train_and_attack(federation, start, number, [0, 1, 2]) for number in (1, 2))
    for number, found in ((1, first), (2, second)):
        plain = train_clients(federation, start, number, [0, 1, 2])
        same = [np.array_equal(a.angles, b.angles) for a, b in zip(found, plain, strict=True)]
        attacked = [client in attackers_of(settings) for client in range(3)]
        assert same == ([True] * 3 if number == 1 else [not each for each in attacked])


@pytest.mark.parametrize("name", ["sign-flip", "backdoor", "tampering"])
def test_the_rows_say_who_attacked_and_what_became_of_the_updates(name, small, federate):
    settings = small(name, attack__name=name, **{**BASE, "attack__first_round": 2})
    folder = federate(settings)
    rounds, bad = folder.rounds(), attackers_of(settings)
    assert [row["attack"]["attackers"] for row in rounds[1:]] == [0, 3]
    assert all(row["attack"] == (row["client"] in bad and row["round"] == 2) for row in folder.clients())
    accepted = [row["status"] for row in folder.clients() if row["attack"]].count("accepted")
    assert rounds[2]["attack"]["accepted"] == accepted and rounds[2]["attack"]["left_out"] is None
    success = rounds[2]["attack"]["success"]
    assert (0 <= success <= 1) if name in TARGETED else success is None


def test_a_run_without_attack_says_nothing_of_one(small, federate):
    folder = federate(small("honest"))
    assert not any("attack" in row for row in [*folder.rounds(), *folder.clients()])


def test_masked_sums_take_attackers_in_and_nobody_sees_it(small, federate):
    settings = small("masked", attack__name="sign-flip", security__aggregation="masked", **BASE)
    folder = federate(settings)
    assert folder.rounds()[1]["attack"] == {
        "name": "sign-flip", "attackers": 3, "accepted": 3, "left_out": None, "success": None,
    }  # fmt: skip


OWN = """
def sneak(angles, updates, gain=2.0):
    return angles + gain * (updates - angles)

def dull(inputs, labels):
    return 0 * inputs + 0.5, labels

def short(angles, updates):
    return updates[:, :-1]

def neither(angles):
    return angles
"""


@pytest.fixture
def own(tmp_path, monkeypatch):
    (tmp_path / "mine.py").write_text(OWN)
    monkeypatch.chdir(tmp_path)


def test_an_attack_of_ones_own_is_called_with_what_its_arguments_name(own, small):
    settings = small("own", attack__name="mine.py:sneak", attack__my__gain=3.0, **BASE)
    twin = small("twin", attack__name="scaled", attack__strength=3.0, **BASE)
    mine, ours = sent(settings)[0], sent(twin)[0]
    for client in range(COUNT):
        np.testing.assert_allclose(mine[client], ours[client], atol=1e-9)
    sent(small("dull", attack__name="mine.py:dull", **BASE))


@pytest.mark.parametrize(
    ("name", "sentence"),
    [("mine.py:short", "expected numbers of shape"), ("mine.py:neither", "takes neither updates nor labels")],
)
def test_an_attack_that_is_none_is_refused_in_a_sentence(name, sentence, own, small):
    with pytest.raises(ConfigError, match=sentence):
        sent(small("bad", attack__name=name, **BASE))


def test_what_a_strategy_left_out_is_said_of_accepted_updates_alone():
    rows = [{"client": 0, "status": "accepted"}, {"client": 1, "status": "accepted"}, {"client": 2, "status": "failed"}]
    assert [row["left_out"] for row in with_left_out(rows, [1, 2])] == [False, True, False]
    assert with_left_out(rows, None) is rows
