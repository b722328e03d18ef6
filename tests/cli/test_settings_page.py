"""``qfl run --settings`` prints a run file that sets every default, and says what each means."""

import json
import tomllib

from qfl.cli import main
from qfl.config import KEYS, Settings, flatten_toml


def test_the_page_is_a_run_file_of_all_defaults(capsys):
    assert main(["run", "--settings"]) == 0
    page = capsys.readouterr().out
    assert flatten_toml(tomllib.loads(page)) == Settings().to_flat()
    for key, own in KEYS.items():
        assert own.about in page, key
        assert all(choice in page for choice in own.choices), key


def test_the_same_as_json(capsys):
    assert main(["run", "--settings", "--json"]) == 0
    rows = json.loads(capsys.readouterr().out)
    assert {row["key"]: row["default"] for row in rows} == Settings().to_flat()
    assert all(row["about"] and row["type"] in ("int", "float", "bool", "str") for row in rows)
