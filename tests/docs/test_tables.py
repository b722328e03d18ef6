"""Tables of READMEs hold what committed results say; those that no result holds are listed, with their command."""

import json
import tomllib

import pytest

from docs import tables
from docs.tables import ROOT, by_hand, readmes, written

UNKEPT = tomllib.loads((ROOT / "docs" / "unkept.toml").read_text())["table"]
PAGE = """# A page

<!-- results: results/x.json methods
| method | Mbit/s |
|---|---|
each: | `{name}` | {value.mean:.1f} |
-->

stale
<!-- end of results -->

<!-- results: results/x.json claims
| gain | {[of=b].gain:+d} |
-->
<!-- end of results -->

| by hand | 3.5 |
|---|---|
| a | 4.5 |

| words | alone |
|---|---|
| a | b |
"""
NUMBERS = {
    "methods": {"one": {"name": "one", "value": {"mean": 1.25}}, "two": {"name": "two", "value": {"mean": 9.96}}},
    "claims": [{"of": "a", "gain": 1}, {"of": "b", "gain": 2}],
}


@pytest.fixture
def page(tmp_path):
    (tmp_path / "results").mkdir()
    (tmp_path / "results" / "x.json").write_text(json.dumps({"numbers": NUMBERS}))
    (tmp_path / "README.md").write_text(PAGE)
    return tmp_path / "README.md"


@pytest.mark.parametrize("page", readmes(), ids=lambda page: str(page.relative_to(ROOT)))
def test_tables_of_results_are_what_the_results_say(page):
    assert written(page) == page.read_text(), "run `python docs/tables.py`"


def test_a_number_in_a_table_is_a_results_or_its_table_is_listed():
    listed = [(entry["page"], entry["begins"]) for entry in UNKEPT]
    found = [(page.relative_to(ROOT).as_posix(), head) for page in readmes() for head in by_hand(page)]
    odd = [f"{page}: {head}" for page, head in found if not any(page == p and head.startswith(h) for p, h in listed)]
    assert not odd, f"no committed result holds {odd[0]}: write it from one (docs/tables.py), or list it in unkept.toml"


def test_a_listed_table_has_a_command_and_a_page():
    assert all(entry["command"] and (ROOT / entry["page"]).is_file() for entry in UNKEPT)


def test_rows_and_numbers_are_filled_in_and_a_second_time_changes_nothing(page):
    text = written(page)
    assert "| method | Mbit/s |\n|---|---|\n| `one` | 1.2 |\n| `two` | 10.0 |\n" in text and "stale" not in text
    assert "\n| gain | +2 |\n" in text
    page.write_text(text)
    assert written(page) == text
    page.write_text(text.replace("| 10.0 |", "| 11.0 |"))
    assert written(page) == text != page.read_text()  # which the test above would call stale


def test_rows_can_be_chosen(page):
    page.write_text(PAGE.replace("each:", "each(two):"))
    assert "| `two` | 10.0 |" in written(page) and "`one`" not in written(page)


def test_tables_by_hand_are_those_with_numbers_outside_of_the_comments(page):
    page.write_text(written(page))
    assert by_hand(page) == ["| by hand | 3.5 |"]


def test_pages_that_a_reproduction_wrote_are_not_written_by_hand():
    pages = {page.relative_to(tables.ROOT).as_posix() for page in readmes()}
    assert "examples/qfl_6g/fig4a.md" not in pages and "examples/qfl_6g/README.md" in pages
