"""A round's parts are what the clocks say of it alone, and add up to the whole round."""

import pytest

from qfl.studies.bench.round_parts import Told, medians, parts, processor_s, share_training

TOLD = [
    Told(10.0, {"train": 5.0, "crypto": 1.0, "build": 0.5}, {"train": 9.0, "select": 0.5, "total": 9.5}),
    Told(
        12.0, {"train": 5.6, "crypto": 1.3, "build": 0.6}, {"train": 1.25, "select": 0.1, "verify": 0.2, "total": 1.6}
    ),
    Told(13.0, {"train": 5.9, "crypto": 1.5, "build": 0.6}, {"train": 0.6, "evaluate": 0.1, "total": 0.7}),
]


def test_the_parts_of_a_round_are_its_own_and_add_up_to_it():
    first, second = parts(TOLD)
    assert sum(first.values()) == pytest.approx(2.0) and sum(second.values()) == pytest.approx(1.0)
    expected = {"train": 0.6, "client_crypto": 0.3, "client_build": 0.1, "carry": 0.25, "select": 0.1, "verify": 0.2}
    assert {name: first[name] for name in expected} == pytest.approx(expected)
    assert first["rows"] == pytest.approx(2.0 - 1.25 - 0.3) and second["evaluate"] == 0.1


def test_the_share_is_the_median_of_the_rounds():
    assert share_training(parts(TOLD)) == pytest.approx(0.3) and medians(parts(TOLD))["train"] == pytest.approx(0.45)


def test_processor_seconds_are_those_between_two_rounds():
    assert processor_s([told._replace(cpu=cpu) for told, cpu in zip(TOLD, (4.0, 5.0, 8.0), strict=True)]) == 2.0
