"""Masked and encrypted sums refuse what needs single updates, and numbers that protect nobody, each in a sentence."""

import pytest

from qfl.config import Settings
from qfl.config.masked_rules import NEEDS, SUMS
from qfl.errors import ConfigError
from strategies.registry import STRATEGIES

MASKED = {"security.aggregation": "masked"}


def faults(**flat):
    changes = {key.replace("_", "-").replace("--", "."): value for key, value in flat.items()}
    with pytest.raises(ConfigError) as found:
        Settings.from_flat({**MASKED, **changes})
    return str(found.value)


def test_every_strategy_is_known_to_need_a_sum_or_more():
    assert set(SUMS) | set(NEEDS) == set(STRATEGIES) and not set(SUMS) & set(NEEDS)


@pytest.mark.parametrize("name", sorted(NEEDS))
def test_strategies_that_need_single_updates_are_refused_with_the_reason(name):
    found = faults(**{"strategy--name": name})
    assert NEEDS[name] in found and "hides all but their sum; use one of fedavg" in found


@pytest.mark.parametrize("name", SUMS)
def test_the_others_are_taken(name):
    assert Settings.from_flat({**MASKED, "strategy.name": name}).security.aggregation == "masked"


@pytest.mark.parametrize(
    ("flat", "sentence"),
    [
        ({"strategy--name": "mine.py:make"}, "is your own, and security.aggregation = 'masked' shows it one mean"),
        ({"train--personal": "bias"}, "is not in the sum"),
        ({"round--max-norm": 1.0}, "round.max-norm caps single updates"),
        ({"round--max-norm": 0.0}, "round.max-norm caps single updates"),
        ({"round--max-examples": 5}, "round.max-examples caps single updates"),
        ({"round--checkpoint-every": 2}, "a resumed run cannot ask for it again; use 1"),
        ({"clients--count": 1}, "ask at least 3"),
        ({"clients--count": 2}, "ask at least 3"),
        ({"clients--per-round": 2}, "ask at least 3"),
        ({"security--neighbours": 5}, "give an even number"),
        ({"security--neighbours": 200}, "but 200 clients are asked"),
        ({"clients--count": 6, "security--neighbours": 6}, "but 6 clients are asked"),
        ({"security--threshold": 201}, "but 200 clients hold the shares of each; give 101 to 200, or 0"),
        ({"security--threshold": 100}, "give 101 to 200"),
        ({"security--neighbours": 50, "security--threshold": 52}, "51 clients hold the shares of each; give 26 to 51"),
        ({"security--neighbours": -2}, "security.neighbours"),
        ({"security--aggregation": "secret"}, "security.aggregation"),
        ({"security--aggregation": "plain", "security--threshold": 3}, "security.threshold = 3 goes with"),
        ({"security--aggregation": "plain", "security--neighbours": 4}, "security.neighbours = 4 goes with"),
    ],
)
def test_what_cannot_be_is_refused_in_a_sentence(flat, sentence):
    found = faults(**flat)
    assert sentence in found and found.count("\n") == 0


def test_numbers_that_protect_are_taken():
    for flat in (
        {"security.neighbours": 50, "security.threshold": 35},
        {"clients.count": 3},
        {"security.threshold": 0},
    ):
        assert Settings.from_flat({**MASKED, **flat})


@pytest.mark.parametrize("name", sorted(NEEDS))
def test_encrypted_sums_refuse_the_same_strategies(name):
    found = faults(**{"security--aggregation": "ckks", "strategy--name": name})
    assert NEEDS[name] in found and "security.aggregation = 'ckks' hides all but their sum" in found


@pytest.mark.parametrize(
    ("flat", "sentence"),
    [
        ({"train--personal": "bias"}, "train.personal with security.aggregation = 'ckks'"),
        ({"round--max-examples": 5}, "security.aggregation = 'ckks' hides them"),
        ({"round--checkpoint-every": 2}, "security.aggregation = 'ckks' with round.checkpoint-every = 2"),
        ({"clients--count": 2}, "security.aggregation = 'ckks' with 2 of the clients"),
        ({"security--threshold": 150}, "security.threshold = 150 goes with security.aggregation = 'masked'"),
        ({"security--neighbours": 4}, "security.neighbours = 4 goes with security.aggregation = 'masked'"),
    ],
)
def test_encrypted_sums_refuse_what_they_do_not_know(flat, sentence):
    found = faults(**{"security--aggregation": "ckks", **flat})
    assert sentence in found and found.count("\n") == 0


def test_encrypted_sums_need_nothing_more():
    assert Settings.from_flat({"security.aggregation": "ckks"}).security.aggregation == "ckks"
