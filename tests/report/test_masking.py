"""Masked rounds in the report: a table of steps, bytes and losses, only where the run had them."""

from qfl.report import write_report
from qfl.report.masking import masking_facts
from qfl.report.page import render
from qfl.report.record import Record, read_record

STEPS = ("advertise", "share", "train", "agree", "unmask")


def with_masking(run, lost=1, **more):
    """Return a record whose rounds were masked; one of four clients is lost in the training step of each."""
    record, rounds = read_record(run), []
    for row in record.rounds:
        phases = {step: {"asked": 4, "answered": 4, "bytes_up": 4000, "bytes_down": 8000} for step in STEPS}
        phases["train"]["answered"] -= lost
        masking = {"threshold": 3, "neighbours": 0, "clipped": 0.0, "phases": phases | {"recover": {"seconds": 0.25}}}
        rounds.append(row | {"masking": masking | more, "worst_decile": None} if row["round"] else row)
    return Record(record.header, rounds, record.clients)


def test_a_plain_run_says_nothing_of_it(make_run):
    run = make_run()
    assert masking_facts(read_record(run)) == []
    assert "could not see" not in write_report(run).read_text()


def test_the_table_says_what_each_step_cost_and_lost(make_run):
    record = with_masking(make_run())
    facts, rounds = dict(masking_facts(record)), len(record.trained.rounds)
    assert facts["neighbours of a client"] == "all" and facts["shares that unmask"] == "3"
    assert facts["sending the masked update"].endswith(f"a client and round; {rounds} lost")
    assert facts["unmasking"].startswith("1") and "2" in facts["unmasking"] and facts["unmasking"].endswith("0 lost")
    assert facts["numbers clipped, at most"] == "none"
    assert "What the server could not see" in render(record, "run")


def test_encrypted_rounds_have_their_own_steps(make_run):
    record, rounds = read_record(make_run()), []
    for row in record.rounds:
        phases = {step: {"asked": 1, "answered": 1, "bytes_up": 9000, "bytes_down": 10} for step in ("key", "open")}
        phases |= {"train": {"asked": 4, "answered": 3, "bytes_up": 40_000, "bytes_down": 80_000}}
        masking = {"keyholder": 2, "clipped": 0.0, "phases": phases | {"add": {"seconds": 0.5}}}
        rounds.append(row | {"masking": masking} if row["round"] else row)
    found = Record(record.header, rounds, record.clients)
    facts = dict(masking_facts(found))
    assert "if the client with the round's key helped it" in facts["the server sees"]
    assert facts["sending the encrypted update"].endswith(f"a client and round; {len(found.trained.rounds)} lost")
    assert facts["making the round's key"].startswith("9") and facts["numbers clipped, at most"] == "none"
    assert "Sums of updates" in render(found, "run")


def test_what_was_clipped_is_said(make_run):
    facts = dict(masking_facts(with_masking(make_run(), clipped=0.25, neighbours=2)))
    assert facts["numbers clipped, at most"] == "25 % of a round's" and facts["neighbours of a client"] == "2"


def test_damaged_rows_end_nothing(make_run):
    record = read_record(make_run())
    for damaged in ("no table", {"phases": 3}, {"phases": {"advertise": {"asked": 4}}}, None):
        masking_facts(Record(record.header, [row | {"masking": damaged} for row in record.rounds], record.clients))
