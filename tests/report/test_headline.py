"""The headline says what rows and run.json hold, and nothing that they do not."""

import pytest

from qfl.report.headline import headline, rounds_done, scored_on, signature_name
from qfl.report.record import Record

ROWS = [
    {"round": 0, "accuracy": 0.1},
    {"round": 1, "accuracy": 0.5, "asked": 10, "accepted": 9, "seconds": {"total": 1.0}},
    {"round": 2, "accuracy": 0.75, "asked": 10, "accepted": 10, "seconds": {"total": 3.0}},
]
HEADER = {"status": "running", "settings": {"clients.count": 10, "rounds": 5}, "data": {"test": 360}}


def tiles(record):
    return {tile.name: (tile.value, tile.remark) for tile in headline(record).tiles}


def test_a_run_in_progress_is_told_from_its_rows():
    top = headline(Record(HEADER, ROWS, []))
    assert top.state == "in progress" and top.trouble == ""
    assert top.sentence == "10 clients reached 75.0\N{NO-BREAK SPACE}% accuracy on 360 held-out samples in 2 rounds."
    shown = tiles(Record(HEADER, ROWS, []))
    assert shown["rounds"] == ("2", "of 5")
    assert shown["clients"] == ("10", "95.0\N{NO-BREAK SPACE}% of updates used")
    assert shown["time"] == ("4\N{NO-BREAK SPACE}s", "2\N{NO-BREAK SPACE}s a round")


def test_what_run_json_states_counts_before_the_rows():
    header = HEADER | {"status": "completed", "final": {"accuracy": 0.8, "seconds": 9.0}}
    shown = tiles(Record(header, ROWS, []))
    assert shown["accuracy"][0] == "80.0\N{NO-BREAK SPACE}%" and shown["time"][0] == "9\N{NO-BREAK SPACE}s"


def test_a_run_scored_on_a_device_says_so_beside_the_exact_engine():
    rows = [*ROWS[:2], ROWS[2] | {"scored_on": "default.mixed", "exact_accuracy": 0.7}]
    record = Record(HEADER, rows, [])
    assert scored_on(record) == "default.mixed"
    assert headline(record).sentence.endswith(
        "scored on default.mixed; the exact engine gives 70.0\N{NO-BREAK SPACE}%."
    )


@pytest.mark.parametrize(
    ("given", "name"), [("ML-DSA-65", "ML-DSA-65"), ("Dilithium3", "ML-DSA-65"), (None, ""), (7, "")]
)
def test_signatures_have_the_name_of_the_standard(given, name):
    assert signature_name(Record({"settings": {"security.algorithm": given}}, [], [])) == name


def test_a_run_without_a_round_has_a_sentence():
    record = Record({"status": "failed", "error": "no data"}, [], [])
    assert rounds_done(record) == 0
    top = headline(record)
    assert top.state == "failed" and top.trouble == "no data" and "no round has been evaluated yet" in top.sentence
