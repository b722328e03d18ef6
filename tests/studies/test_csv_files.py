"""CSV files are read back as what was written."""

import csv

import pytest
from hypothesis import given
from hypothesis import strategies as st

from qfl.studies.csv_files import flat, write_csv

CELL = st.text(st.characters(exclude_categories=("Cs",), exclude_characters="\0\r"), max_size=9)


@given(st.lists(st.dictionaries(st.sampled_from("abc"), CELL), max_size=5))
def test_rows_come_back_with_what_they_lack_left_empty(tmp_path_factory, rows):
    path = tmp_path_factory.mktemp("csv") / "x.csv"
    write_csv(path, iter(rows))
    with open(path, newline="") as file:
        read = list(csv.DictReader(file))
    names = list(dict.fromkeys(key for row in rows for key in row))
    # csv skips blank lines: those of rows without columns, or of one empty cell
    expected = [{name: row.get(name, "") for name in names} for row in rows] if names else []
    assert [row for row in read if any(row.values())] == [row for row in expected if any(row.values())]
    assert not read or list(read[0]) == names


def test_names_stand_in_the_order_in_which_rows_bring_them(tmp_path):
    write_csv(tmp_path / "x.csv", [{"b": 1}, {"a": 2, "b": 3}])
    assert (tmp_path / "x.csv").read_bytes() == b"b,a\r\n1,\r\n3,2\r\n"


def test_nested_tables_are_one_and_lists_stay():
    assert flat({"a": {"b": {"c": 1}, "d": [2]}, "e": None}) == {"a_b_c": 1, "a_d": [2], "e": None}


def test_a_file_that_cannot_be_written_leaves_the_old_one(tmp_path):
    write_csv(tmp_path / "x.csv", [{"a": 1}])
    with pytest.raises(ZeroDivisionError):
        write_csv(tmp_path / "x.csv", ({"a": 1 / number} for number in (1, 0)))
    assert (tmp_path / "x.csv").read_bytes() == b"a\r\n1\r\n"
