"""Rows of a table: as it was declared and none twice, or a sentence that names file and line."""

import json

import pytest

from qfl.errors import RunFolderError
from qfl.results import RunFolder
from qfl.studies.schedulers.run import METHODS
from qfl.tables import Table, count, list_of, number, or_null, read_table, row_fault, table_of, text, whole

RATES = Table(
    "rates",
    ("seed", "method"),
    {"seed": whole, "method": text, "value": or_null(number)},
    measured={"trace": list_of(list_of(number, 2)), "seconds": table_of(count, "solve")},
    others=number,
)
SOUND = {"seed": 1, "method": "a", "value": 2.0, "trace": [[1, 2]], "seconds": {"solve": 0.1}, "energy": 3.0}


@pytest.fixture
def folder(tmp_path) -> RunFolder:
    made = RunFolder.create("rates", {}, path=tmp_path / "rates")
    made.append("rates", [SOUND, SOUND | {"seed": 2}, {"seed": 3, "method": "a", "value": None}])
    return made


def test_rows_are_returned_as_they_are(folder):
    assert [row["seed"] for row in read_table(folder, RATES)] == [1, 2, 3]
    assert read_table(folder, Table("absent", (), {})) == []


@pytest.mark.parametrize(
    ("change", "says"),
    [
        ({"seed": "1"}, "another 'seed' than there can be"),
        ({"seed": True}, "another 'seed' than there can be"),
        ({"method": None}, "another 'method' than there can be"),
        ({"value": "2"}, "another 'value' than there can be"),
        ({"value": 1e200}, "another 'value' than there can be"),
        ({"trace": None}, "another 'trace' than there can be"),
        ({"trace": [[1]]}, "another 'trace' than there can be"),
        ({"seconds": {}}, "another 'seconds' than there can be"),
        ({"seconds": {"solve": -1}}, "another 'seconds' than there can be"),
        ({"energy": []}, "another 'energy' than there can be"),
        ({"seed": 1}, "what an earlier row holds"),
    ],
)
def test_a_row_that_is_none_is_named_by_file_and_line(folder, change, says):
    path = folder.path / "rates.jsonl"
    lines = path.read_text().splitlines()
    lines[1] = json.dumps(json.loads(lines[1]) | change)
    path.write_text("\n".join(lines) + "\n")
    with pytest.raises(RunFolderError, match=f"rates.jsonl has a row with {says}.* at line 2;"):
        read_table(folder, RATES)


def test_a_column_that_is_absent_is_named():
    for name in set(SOUND) - {"energy"}:
        assert row_fault({key: value for key, value in SOUND.items() if key != name}, RATES) == f"no {name!r}"


def test_a_row_of_a_comparison_is_what_the_tests_of_its_figures_take_for_one():
    failed = {"case": "main", "seed": 1, "method": "a", "bound": None, "tight": None, "value": None, "status": "failed"}
    assert row_fault(failed | {"error": "ValueError: no"}, METHODS) == ""
    assert row_fault(failed | {"value": 1.0}, METHODS) == "no 'start'"
