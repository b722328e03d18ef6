"""Tables in Markdown have one rule under the head, and as many cells everywhere."""

import pytest

from qfl.studies.markdown import line, table


@pytest.mark.parametrize("words", [0, 1, 3])
def test_words_are_at_the_left_and_numbers_at_the_right(words):
    head, rule, *rows = table(["a", "b", "c"], [["1", "2", "3"], ["4", "5", "6"]], words).splitlines()
    assert head == "| a | b | c |" and rows == ["| 1 | 2 | 3 |", "| 4 | 5 | 6 |"]
    assert rule.strip("| ").split(" | ") == ["---"] * words + ["--:"] * (3 - words)


def test_a_table_without_rows_is_its_head():
    assert table(["a"], []) == f"{line(['a'])}\n| --: |"
