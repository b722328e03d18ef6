"""A value of a study's settings has the type of what stands there; everything else is named."""

import pytest

from qfl.errors import ConfigError
from qfl.studies.settings import changed, typed

DEFAULTS = {"payload-bits": 1920.0, "seeds": 12, "variant": "all_active", "panel": [], "fading": True}


def test_whole_numbers_become_numbers_where_a_number_stands():
    found = typed(DEFAULTS, {"payload-bits": 7, "panel": ["greedy"]})
    assert found == DEFAULTS | {"payload-bits": 7.0, "panel": ["greedy"]} and type(found["payload-bits"]) is float


@pytest.mark.parametrize(
    ("key", "value", "says"),
    [
        ("seed", 3, "unknown setting 'seed'; did you mean 'seeds'?"),
        ("xyz", 3, "unknown setting 'xyz'; give one of payload-bits, seeds, variant, panel, fading"),
        ("seeds", 2.5, "seeds = 2.5: expected a whole number"),
        ("seeds", True, "seeds = True: expected a whole number"),
        ("fading", 1, "fading = 1: expected true or false"),
        ("payload-bits", "1", "payload-bits = '1': expected a number"),
        ("payload-bits", 10**400, "payload-bits is a huge number: expected one of a size below 2**63"),
        ("variant", 1, "variant = 1: expected a string in quotes"),
        ("panel", "greedy", "panel = 'greedy': expected a list of names, such as panel = ['qaoa_bcd']"),
        ("panel", [1], "panel = [1]: expected a list of names, such as panel = ['qaoa_bcd']"),
    ],
)
def test_what_cannot_be_is_named(key, value, says):
    with pytest.raises(ConfigError) as refusal:
        typed(DEFAULTS, {key: value})
    assert refusal.value.faults == [says]


def test_a_change_is_not_hidden_by_the_quick_form():
    file = {"seeds": 5, "quick.seeds": 1, "rate": 0.1}
    assert changed(file, ["seeds=3"], quick=True) == {"seeds": 3, "quick.seeds": 3, "rate": 0.1}
    assert changed(file, ["seeds=3", "rate=1"], quick=False) == {"seeds": 3, "quick.seeds": 1, "rate": 1}
    assert file == {"seeds": 5, "quick.seeds": 1, "rate": 0.1}


def test_all_changes_that_cannot_be_are_named_at_once():
    with pytest.raises(ConfigError) as refusal:
        changed({"seeds": 5, "steps": 9}, ["seeds=0", "sees=1", "steps=99999999999"], quick=False)
    assert [fault.partition(":")[0] for fault in refusal.value.faults] == ["--set seeds", "--set sees", "--set steps"]
