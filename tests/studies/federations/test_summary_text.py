"""Conclusions of a comparison of federations: sentences made of its numbers alone."""

from dataclasses import asdict

import pytest

from qfl.specs import metric_of
from qfl.studies.federations.summary_text import conclusions, failure, headline


def combination(end, size=100.0, level=None, seconds=None, **changes):
    return {
        "runs": 1,
        "accuracy": {"mean": end},
        "participants": 3.0,
        "asked": 10.0,
        "ever_took_part": 7.0,
        "labels_lost": None,
        "round_s_median": seconds,
        "update_bytes": size,
        "rounds_to": {"0.3": 1.0, "0.6": level},
        "seconds_to": {"0.3": seconds, "0.6": seconds},
    } | changes


def numbers(**combinations):
    measure = asdict(metric_of("classify"))
    return {
        "metric": "accuracy",
        "measure": measure,
        "rounds": 30,
        "notice": None,
        "failures": [],
        "combinations": combinations,
    }


@pytest.mark.parametrize(
    ("ends", "said"),
    [
        ({"A": 0.9, "B": 0.5, "C": 0.7}, "Test accuracy after 30 rounds: A 90.0\N{NO-BREAK SPACE}% to B 50.0"),
        ({"A": 0.9}, "Test accuracy after 30 rounds: A 90.0\N{NO-BREAK SPACE}%"),
        ({"A": None, "B": 0.5}, "Test accuracy after 30 rounds: B 50.0\N{NO-BREAK SPACE}%"),
        ({"A": None}, "Nothing has been evaluated in 30 rounds"),
    ],
)
def test_the_headline_is_from_the_highest_end_to_the_lowest(ends, said):
    assert headline(numbers(**{name: combination(end) for name, end in ends.items()})).startswith(said)


def test_different_numbers_of_rounds_are_said_so():
    assert "after their last rounds" in headline(numbers(A=combination(0.5)) | {"rounds": None})


def test_the_level_is_the_highest_that_all_reach():
    both = conclusions(numbers(A=combination(0.9, level=5.0), B=combination(0.8, level=9.0)))
    assert "To 60 % of the largest value, the highest level that all reach: A 5 rounds, B 9 rounds." in both
    one = conclusions(numbers(A=combination(0.9, level=5.0), B=combination(0.8)))
    assert any(each.startswith("To 30 %") for each in one)


def test_with_a_clock_the_way_is_told_in_seconds():
    said = conclusions(numbers(A=combination(0.9, level=5.0, seconds=2.0)))
    assert "A round lasts, in the median and on the virtual clock: A 2\N{NO-BREAK SPACE}s." in said
    assert any("A 2\N{NO-BREAK SPACE}s (5 rounds)" in each for each in said)


def test_sizes_are_compared_where_they_differ():
    assert not any("bytes" in each for each in conclusions(numbers(A=combination(0.9), B=combination(0.8))))
    said = conclusions(numbers(A=combination(0.9, 400.0), B=combination(0.8, 100.0)))
    assert any("has 4 times the bytes of the smallest" in each for each in said)


def test_who_takes_part_is_told_with_the_labels_that_were_lost():
    (said, *_) = conclusions(numbers(A=combination(0.9, labels_lost=2.0)))
    assert said == "Who takes part. A: 3 of 10 devices in a round, 7 ever, 2 labels lost."


def test_notices_and_failures_come_first():
    each = {"combination": "A", "seed": 2, "error": "RoundFailed: too few"}
    said = conclusions(numbers(A=combination(0.5)) | {"notice": "Quick.", "failures": [each]})
    assert said[:2] == ["Quick.", failure(each)]
    assert failure(each) == "A, seed 2, was not finished and counts nowhere: RoundFailed: too few"
