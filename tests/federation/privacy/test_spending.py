"""Budgets: counted at asking, kept over a kill, signed in the ledger, and the run ends when they are spent.

Also covers qfl/federation/records/privacy_rows.py.
"""

from dataclasses import replace

import pytest

from qfl.errors import ConfigError, RunFolderError
from qfl.federation.client import train
from qfl.federation.privacy.plan import plan_of
from qfl.privacy.accountant import epsilon
from qfl.results import RunFolder
from qfl.security.audit.audit import audit, verified_entries
from qfl.security.ledger import rows_digest
from qfl.tasks.build import build

pytest.importorskip("dp_accounting")
CENTRAL = {"privacy--mechanism": "central", "privacy--noise-multiplier": 2.0}


class Killed(BaseException):
    """Stands for the end of the process: nothing may catch it."""


def killed_in(round_number):
    begun = []

    def batch(messages, contexts):
        begun.append(messages[0].content["config"]["server-round"])
        if begun.count(round_number) == 1 and begun[-1] == round_number:
            raise Killed
        return train(messages, contexts)

    return batch


def resumed(settings):
    return replace(settings, run=replace(settings.run, resume=True))


def test_every_round_costs_what_the_accountant_says(small, federate):
    folder = federate(small(rounds=3, **CENTRAL))
    found = [row["privacy"]["epsilon"] for row in folder.rounds()[1:]]
    assert found == pytest.approx([epsilon({2.0: number}, 1e-5) for number in (1, 2, 3)])
    assert folder.rounds()[-1]["privacy"]["noise_rad"] == pytest.approx(2.0 / 6)


def test_who_is_asked_more_often_has_spent_more(small, federate):
    folder = federate(small(rounds=4, clients__per_round=2, **CENTRAL))
    asked = [row["clients"] for row in folder.rows("privacy")]
    most = max(sum(client in clients for clients in asked) for client in range(6))
    assert most < 4 and folder.rounds()[-1]["privacy"]["epsilon"] == pytest.approx(epsilon({2.0: most}, 1e-5))


def test_a_run_ends_when_the_budget_is_spent_and_its_audit_is_clean(small, federate):
    budget = epsilon({2.0: 2}, 1e-5) * 1.001
    folder = federate(small(rounds=9, **CENTRAL, privacy__epsilon=budget))
    header = folder.header
    assert (header["status"], header["final"]["rounds"]) == ("completed", 2)
    assert "budget of the clients of round 3 is spent" in header["ended"]
    assert folder.rounds()[-1]["privacy"]["epsilon"] <= budget
    assert audit(folder).findings == ()


def test_a_budget_alone_sets_the_noise_that_lasts_for_all_rounds(small, federate):
    folder = federate(small(rounds=3, privacy__mechanism="central", privacy__epsilon=4.0))
    assert folder.header["final"]["rounds"] == 3 and "ended" not in folder.header
    assert 3.9 < folder.rounds()[-1]["privacy"]["epsilon"] <= 4.0


def test_a_kill_after_asking_forgets_no_round(small, federate):
    settings = small(rounds=3, **CENTRAL)
    with pytest.raises(Killed):
        federate(settings, killed_in(2))
    folder = federate(resumed(settings))
    assert [row["round"] for row in folder.rows("privacy")] == [1, 2, 2, 3]
    assert folder.rounds()[-1]["privacy"]["epsilon"] == pytest.approx(epsilon({2.0: 4}, 1e-5))
    assert audit(folder).findings == ()


def test_a_kill_may_end_the_budget_a_round_earlier(small, federate):
    settings = small(rounds=3, **CENTRAL, privacy__epsilon=epsilon({2.0: 3}, 1e-5) * 1.001)
    with pytest.raises(Killed):
        federate(settings, killed_in(2))
    assert federate(resumed(settings)).header["final"]["rounds"] == 2


@pytest.mark.parametrize("change", ["drop", "clients", "noise", "row"])
def test_a_budget_that_was_tampered_with_is_not_gone_on_with(small, federate, change):
    settings = small(rounds=3, **CENTRAL)
    with pytest.raises(Killed):
        federate(settings, killed_in(3))
    folder = RunFolder(settings.run.folder)
    rows = folder.rows("privacy")
    changed = {
        "drop": rows[1:],
        "clients": [rows[0] | {"clients": [0]}, *rows[1:]],
        "noise": [row | {"noise_multiplier": 9.0} for row in rows],
        "row": [*rows, {"round": 3}],
    }[change]
    folder.replace("privacy", changed)
    with pytest.raises(RunFolderError, match=r"privacy\.jsonl"):
        federate(resumed(settings))


def test_the_ledger_signs_what_was_spent(small, federate):
    folder = federate(small(rounds=2, **CENTRAL))
    rows, entries = folder.rows("privacy"), verified_entries(folder)
    assert [entries[number].spendings for number in (0, 1, 2)] == [0, 1, 2]
    assert entries[2].spent == rows_digest(rows)
    assert 0 <= entries[2].micro_epsilon / 1e6 - epsilon({2.0: 2}, 1e-5) < 1e-6


@pytest.mark.parametrize(
    ("flat", "sentence"),
    [
        (
            {"privacy--epsilon": 0.1, "privacy--noise-multiplier": 1.0},
            "one round with privacy.noise-multiplier = 1 costs",
        ),
        ({"privacy--epsilon": 1e-9, "privacy--delta": 1e-15}, "no noise multiplier up to"),
    ],
)
def test_a_budget_for_less_than_one_round_is_refused_before_anything_is_written(
    small, federate, flat, sentence, tmp_path
):
    settings = small(privacy__mechanism="central", **flat)
    with pytest.raises(ConfigError, match=sentence):
        federate(settings)
    assert not (tmp_path / "run").exists()


def test_without_privacy_nothing_is_counted(small, federate):
    settings = small(rounds=1)
    folder = federate(settings)
    assert "privacy" not in folder.rounds()[-1] and not folder.rows("privacy")
    assert plan_of(settings, build(settings).model.layout) is None
