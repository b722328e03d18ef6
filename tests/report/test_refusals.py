"""Reasons are grouped and counted as by hand."""

from qfl.report.record import Record
from qfl.report.refusals import MOST_LETTERS, MOST_REASONS, failed_rounds, refusals


def lost(round_number, client, reason, status="rejected", detail=None):
    return {"round": round_number, "client": client, "status": status, "reason": reason, "detail": detail}


def test_reasons_come_most_frequent_first_with_clients_in_order_and_the_first_detail():
    rows = [lost(1, "10", "late", "missing"), lost(2, "9", "late", "missing", "after 3 s"), lost(2, "1", "norm")]
    late, norm = refusals(Record({}, [], [*rows, {"round": 2, "client": "2", "status": "accepted"}]))
    assert (late.reason, late.status, late.num, late.clients, late.rounds) == ("late", "missing", 2, "9, 10", "1 to 2")
    assert late.example == "after 3 s" and (norm.num, norm.rounds, norm.example) == (1, "2", "\N{EN DASH}")


def test_one_reason_with_two_fates_is_two_rows():
    rows = [lost(1, "1", "x", "missing"), lost(1, "2", "x", "failed")]
    assert sorted(each.status for each in refusals(Record({}, [], rows))) == ["failed", "missing"]


def test_reasons_and_their_letters_are_bounded():
    rows = [lost(1, str(k), f"{k}" + "x" * 9999) for k in range(100)]
    table = refusals(Record({}, [], rows))
    assert len(table) == MOST_REASONS and all(len(each.reason) == MOST_LETTERS for each in table)


def test_rounds_that_failed_are_named():
    rows = [{"round": 1, "failure": None}, {"round": 2, "failure": "too few replies"}, {"round": 3}]
    assert failed_rounds(Record({}, rows, [])) == [(2, "too few replies")]
