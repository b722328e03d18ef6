"""Objects that a program hands over are found under a reference, in this process alone."""

import pytest

from qfl.errors import ConfigError
from qfl.extend import is_reference, load_own
from qfl.given import described, hand_over, is_given


def rule(updates):
    return updates[0]


@pytest.mark.parametrize("thing", [rule, lambda: 1, dict, {"a": 1}, 3.5, "text", type("0", (), {})])
def test_any_object_is_found_again_by_a_reference(thing):
    reference = hand_over(thing)
    assert is_reference(reference) and is_given(reference)
    assert load_own(reference, "strategy.name") is thing


def test_one_object_has_one_name_and_two_of_one_name_have_two():
    def again():
        def rule(updates):
            return updates[1]

        return rule

    first, second = hand_over(rule), hand_over(again())
    assert first != second and hand_over(rule) == first
    assert load_own(first, "strategy.name") is rule


def test_what_was_handed_over_in_another_process_is_asked_for_again():
    with pytest.raises(ConfigError, match=r"clipped_elsewhere was an object .* hand it over again"):
        load_own("qfl.given:clipped_elsewhere", "strategy.name")


def test_run_json_says_what_an_object_is_and_its_source():
    found = described(hand_over(rule))
    assert found["object"].endswith("test_given.rule") and "return updates[0]" in found["source"]
    assert described(hand_over({"a": 1})) == {"object": "builtins.dict", "source": ""}


def test_the_source_of_code_without_a_file_is_not_guessed():
    space = {"__name__": "__main__"}
    exec(compile("def lost(updates):\n    return updates[0]\n", "no such file", "exec"), space)
    assert described(hand_over(space["lost"]))["source"] == ""
