"""Rows that are missing are said, on resume and in the report."""

import pytest

from qfl.gaps import gaps

ROWS = [{"round": number, "asked": 2 if number else 0} for number in range(6)]
CLIENTS = [{"round": number, "client": client} for number in range(1, 6) for client in (0, 1)]


def test_nothing_is_missing_of_a_whole_run():
    assert gaps(ROWS, CLIENTS, 5) == []


def test_rounds_are_named_by_spans():
    assert gaps(ROWS[:1], [], 5) == ["rounds.jsonl lacks rounds 1 to 5 of 0 to 5"]
    assert gaps([ROWS[0], ROWS[3]], CLIENTS, 5) == ["rounds.jsonl lacks rounds 1 to 2, 4 to 5 of 0 to 5"]
    assert gaps([], [], 0) == ["rounds.jsonl lacks round 0 of 0 to 0"]
    many = gaps(ROWS[:1], [], 0) + gaps([{"round": n} for n in range(0, 21, 2)], [], 20)
    assert many == ["rounds.jsonl lacks rounds 1, 3, 5 and 7 more spans of 0 to 20"]


@pytest.mark.parametrize(("kept", "said"), [(1, "rounds 1 to 5 (1 of 10 rows)"), (9, "round 5 (1 of 2 rows)")])
def test_clients_are_counted_against_who_was_asked(kept, said):
    assert gaps(ROWS, CLIENTS[:kept], 5) == [f"clients.jsonl lacks clients of {said}"]
