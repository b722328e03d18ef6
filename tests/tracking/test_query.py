"""Conditions, orders, the best run and differences, beside what plain Python says of the same entries."""

import random
from pathlib import Path

import pytest

from qfl.errors import ConfigError
from qfl.tracking.listing import Entry
from qfl.tracking.query import best, condition, differences, ordered, value_of


def entry(name, last=None, metric="accuracy", **settings):
    flat = {key.replace("__", "."): value for key, value in settings.items()}
    return Entry(name, Path(name), "2026-11-21T08:15:00Z", "", "completed", flat, 3, metric, last, last, 1.0, 2.0, "ab")


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("model.name=vqc", "ab"),
        ("model.name != vqc", "c"),
        ("model.name=v*", "ab"),
        ("accuracy>0.5", "b"),
        ("accuracy<=0.5", "a"),
        ("seed>=2", "bc"),
        ("rate>1", "c"),
        ("radio.on=true", "a"),
        ("state=completed", "abc"),
        ("name=[ab]", "ab"),
        ("date>2026-11-22", ""),
        ("date<2026-11-22", "abc"),
        ("done=3", "abc"),
        ("strategy.name=fedavg", ""),
    ],
)
def test_a_condition_holds_for_those_that_fulfil_it(text, names):
    runs = [
        entry("a", 0.5, model__name="vqc", seed=1, radio__on=True),
        entry("b", 0.75, model__name="vqc", seed=2, radio__on=False),
        entry("c", 1.5, "rate", model__name="gcn", seed=3),
    ]
    assert "".join(run.name for run in runs if condition(text).holds(run)) == names


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("", "expected a name, one of = != < <= > >=, and a value"),
        ("accuracy", "expected a name"),
        ("=1", "expected a name"),
        ("model=vqc", "did you mean 'model.name'"),
        ("acuracy=1", "did you mean 'accuracy'"),
        ("zzz=1", "beside settings there are name, date"),
        ("model.name<vqc", "compares numbers and dates"),
        ("seed=[1]", "expected a number, a word"),
        ("state=done", "a state is one of completed"),
    ],
)
def test_a_condition_that_cannot_be_is_one_sentence(text, sentence):
    with pytest.raises(ConfigError) as error:
        condition(text)
    assert sentence in str(error.value) and "\n" not in str(error.value)


def test_orders_are_those_of_sorted_and_what_is_absent_comes_last():
    draw = random.Random(1)
    runs = [entry(str(number), draw.choice([None, draw.random()]), seed=draw.randrange(9)) for number in range(60)]
    scores = [run.last for run in ordered(runs, "accuracy")]
    known = [score for score in scores if score is not None]
    assert known == sorted(known, reverse=True) and scores[len(known) :] == [None] * (60 - len(known))
    assert [value_of(run, "seed") for run in ordered(runs, "seed")] == sorted(run.settings["seed"] for run in runs)
    assert sorted(run.name for run in ordered(runs, "accuracy")) == sorted(run.name for run in runs)


def test_the_best_run_is_that_of_the_largest_figure_or_the_smallest_loss():
    runs = [entry("a", 0.5), entry("b", 0.75), entry("c", 9.0, "rate"), entry("d")]
    assert [best(runs, key).name for key in ("accuracy", "rate", "last")] == ["b", "c", "c"]
    losses = [Entry(name, Path(name), loss=loss) for name, loss in (("a", 0.2), ("b", 0.1), ("c", None))]
    assert best(losses, "loss").name == "b"
    with pytest.raises(ConfigError, match="no run that is listed has it; they have accuracy, rate"):
        best(runs, "sum_rate")
    with pytest.raises(ConfigError, match="expected one of accuracy"):
        best(runs, "seed")
    with pytest.raises(ConfigError, match="none has a round that was tested"):
        best([], "accuracy")


def test_differences_are_the_settings_that_differ_but_for_where_the_run_lies():
    one = entry("a", seed=1, rounds=3, run__folder="a")
    other = entry("b", seed=1, rounds=4, run__folder="b", model__name="vqc")
    assert differences(one, other) == {"rounds": (3, 4), "model.name": (None, "vqc")}
    assert differences(one, one) == {}
