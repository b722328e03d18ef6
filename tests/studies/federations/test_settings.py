"""A file of federations: every combination, the quick form, and mistakes as sentences."""

import tomllib
from dataclasses import replace

import pytest

from qfl.errors import ConfigError
from qfl.studies.federations.settings import Choice, LearningSettings, from_tables, learning_from, members, to_tables
from qfl.testing.mutations import timed

FILE = """
rounds = 4
[data]
name = "mnist"
[radio]
on = true
[compare]
seeds = 2
[compare.learner.QFL]
model = { name = "vqc", layers = 3, qubits = 10 }
[compare.learner.FL.model]
name = "mlp"
[compare.scheduler.QAOA.radio]
solver = "qaoa"
[compare.scheduler.SCA]
radio = { solver = "sca", objective = "sum_rate" }
[compare.quick]
seeds = 1
rounds = 2
data = { name = "digits" }
"""


def tables(extra=""):
    return tomllib.loads(FILE + extra)


def test_every_combination_is_run_for_every_seed_with_its_own_settings():
    found = members(learning_from(tables(), {}))
    assert [(member.label, member.seed) for member in found[:4]] == [
        ("QFL + QAOA", 1),
        ("QFL + SCA", 1),
        ("FL + QAOA", 1),
        ("FL + SCA", 1),
    ]
    assert len(found) == 8 and len({member.folder for member in found}) == 8
    last = found[-1].settings
    assert (last.seed, last.model.name, last.radio.solver, last.radio.objective) == (2, "mlp", "sca", "sum_rate")
    assert last.rounds == 4 and last.data.name == "mnist" and last.radio.on


def test_overrides_hold_for_all_and_the_quick_form_comes_before_them():
    whole, quick = (
        learning_from(tables(), {"clients.count": 9, "rounds": 7}, seeds=seeds, quick=quick)
        for seeds, quick in ((5, False), (None, True))
    )
    assert whole.seeds == 5 and quick.seeds == 1 and quick.base["data.name"] == "digits"
    assert all(member.settings.clients.count == 9 and member.settings.rounds == 7 for member in members(quick))


def test_what_a_folder_keeps_is_read_back():
    settings = learning_from(tables(), {})
    assert from_tables(to_tables(settings)) == settings


@pytest.mark.parametrize(
    ("extra", "overrides", "says"),
    [
        ("[compare.scheduler.X.radio]\nsolvr = 'qaoa'", {}, "QFL + X, FL + X: unknown setting 'radio.solvr'"),
        (
            "[compare.scheduler.X]\nclients = {per-round = 900}",
            {},
            "QFL + X, FL + X: clients.per-round = 900 is more than",
        ),
        ("[compare.extra]\nX = 3", {}, "[compare.extra] holds no tables of settings"),
        ("", {"seed": 3}, "seed is set by the comparison; leave it out"),
        ("", {"run.folder": "x"}, "run.folder is set by the comparison; leave it out"),
    ],
)
def test_a_mistake_names_its_combination(extra, overrides, says):
    with pytest.raises(ConfigError) as caught:
        learning_from(tables(extra), overrides)
    assert caught.value.faults[0].startswith(says)


def test_seeds_count_up_from_the_first_and_a_folder_keeps_it():
    kept = LearningSettings({"rounds": 2}, {"model": (Choice("A", {}), Choice("B", {}))}, 2, first_seed=7)
    assert [each.seed for each in members(kept)] == [7, 7, 8, 8]
    assert from_tables(to_tables(kept)) == kept
    assert "first-seed" not in to_tables(replace(kept, first_seed=1))  # as folders of earlier versions have it
    for wrong in (-1, 2**40):
        with pytest.raises(ConfigError, match=r"first-seed = .*: give a whole number from 0"):
            from_tables(to_tables(replace(kept, first_seed=wrong)))


def test_a_comparison_of_nothing_and_of_no_seeds_is_refused():
    with pytest.raises(ConfigError, match="nothing is compared"):
        learning_from({"rounds": 3, "compare": {"seeds": 2}}, {})
    with pytest.raises(ConfigError, match="seeds = 0: give a whole number from 1"):
        learning_from(tables(), {}, seeds=0)
    with pytest.raises(ConfigError, match="the file has no quick form"):
        learning_from({"compare": {"a": {"A": {}}}}, {}, quick=True)


def test_more_combinations_than_can_be_compared_are_refused_before_any_is_made_and_the_most_are_read_at_once():
    choices = {"A": {"model": {"layers": 2}}, "B": {"model": {"layers": 3}}}
    with pytest.raises(ConfigError, match="the choices make 1,099,511,627,776 combinations, and at most 100 are"):
        learning_from({"rounds": 2, "compare": {f"axis{number}": choices for number in range(40)}}, {})
    with pytest.raises(ConfigError, match="make 101 combinations"):
        learning_from({"compare": {"a": {str(number): {"rounds": number + 1} for number in range(101)}}}, {})
    most = {"compare": {"a": {str(number): {"rounds": number + 1} for number in range(100)}}}
    found, seconds = timed(lambda: learning_from(most, {}, seeds=1), 2.0)
    assert len(members(found)) == 100
    assert seconds < 2.0  # 0.05 without the checks of types that tests add
