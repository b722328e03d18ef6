"""What a comparison's page needs of run.json is looked at before anything is made of it."""

import tomllib

import pytest

from qfl.errors import RunFolderError
from qfl.results import RunFolder
from qfl.studies.folder import check_header, create, page_values

HEADER = {"name": "a", "created": "2026-11-21", "source": "0c", "versions": {"qfl": "0.1"}, "host": {"cores": 2}}


def test_a_header_may_have_a_notice_or_none(tmp_path):
    for number, more in enumerate(({}, {"notice": ""}, {"notice": "The quick form was run."})):
        check_header(RunFolder.create("a", HEADER | more, path=tmp_path / str(number)))


@pytest.mark.parametrize(("key", "value"), [
    ("name", None), ("created", 3), ("source", []), ("versions", {"qfl": ["0.1"]}), ("host", "x"),
    ("notice", ["a", 0.5, {}]), ("notice", {"a": 1}), ("notice", 7),
])  # fmt: skip
def test_another_value_than_there_can_be_is_named(tmp_path, key, value):
    with pytest.raises(RunFolderError, match=f"does not say what {key} is"):
        check_header(RunFolder.create("a", HEADER | {key: value}, path=tmp_path / "a"))


def test_a_page_names_its_folder_its_settings_and_its_source(tmp_path):
    folder = create("comparison", "fig", {"seeds": 2}, path=tmp_path / "made")
    values = page_values(folder, {"seeds": 2, "panel": ["a", "b"], "radio.on": True})
    assert (values["name"], values["folder"]) == ("fig", "made") and values["created"].endswith(" UTC")
    assert tomllib.loads(values["settings"]) == {"seeds": 2, "panel": ["a", "b"], "radio": {"on": True}}
    facts = dict(values["facts"])
    assert facts["source digest"] == folder.header["source"]
    assert folder.header["versions"].items() <= facts.items() and folder.header["host"].items() <= facts.items()
