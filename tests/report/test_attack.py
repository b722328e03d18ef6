"""Attackers in the report: a table of what became of their updates, only where the run had any."""

from qfl.report import write_report
from qfl.report.attack import attack_facts
from qfl.report.page import render
from qfl.report.record import Record, read_record


def with_attack(run, **more):
    """Return a record with three attackers a round, two of their updates accepted."""
    record = read_record(run)
    entry = {"name": "backdoor", "attackers": 3, "accepted": 2, "left_out": None, "success": 0.25, **more}
    rounds = [row | {"attack": entry} if row["round"] else row for row in record.rounds]
    settings = record.settings | {"attack.name": "backdoor"}
    return Record(record.header | {"settings": settings}, rounds, record.clients)


def test_a_run_without_attackers_says_nothing_of_them(make_run):
    run = make_run()
    assert attack_facts(read_record(run)) == []
    assert "Clients that attacked" not in write_report(run).read_text()


def test_the_table_says_what_became_of_attackers_updates(make_run):
    record = with_attack(make_run())
    facts, rounds = dict(attack_facts(record)), len(record.trained.rounds)
    assert facts["attack"] == "backdoor" and facts["updates of attackers"] == str(3 * rounds)
    assert facts["of these accepted, signed and well-formed"] == str(2 * rounds)
    assert facts["of these left out by the strategy"] == "it does not say"
    assert facts["altered test samples that get the attackers' label"] == "25 %"
    assert "Clients that attacked" in render(record, "run")


def test_a_strategy_that_judges_updates_says_how_many_it_left_out(make_run):
    record = with_attack(make_run(), left_out=1, success=None)
    facts = dict(attack_facts(record))
    assert facts["of these left out by the strategy"] == str(len(record.trained.rounds))
    assert not any("test samples" in name for name in facts)
